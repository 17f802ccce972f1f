"""Failed cases: their list with its filters, and one of them with what was expected and what was found."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import streamlit as st
from markupsafe import Markup

from api.schemas.evaluations import Case, SuiteReport
from ui.components.inline import sentence
from ui.components.pills import icon, pill
from ui.components.quality_address import QualityView, ask_address, list_of
from ui.components.tables import pages_markup, row_markup, table_markup

CASES_PER_PAGE = 25
_LONGEST = 220
_SEEDED = "cases seeded from"


@dataclass(frozen=True, slots=True)
class Filtered:
    """Failed cases that fit a view, and those of its page."""

    total: int
    shown: Sequence[Case]


def cases_of(suite: SuiteReport, view: QualityView) -> Filtered:
    """Return the failed cases of the view's group that hold its text."""
    wanted = view.text.casefold()
    found = [
        case
        for case in suite.failed
        if (not view.group or case.group == view.group)
        and (not wanted or any(wanted in text.casefold() for text in (case.id, case.question, case.reason)))
    ]
    start = (view.page - 1) * CASES_PER_PAGE
    return Filtered(len(found), found[start : start + CASES_PER_PAGE])


def show_case_filters(suite: SuiteReport, view: QualityView) -> QualityView:
    """Show the filters; return the view that they now ask for, and put it into the address."""
    groups = list(dict.fromkeys(case.group for case in suite.failed if case.group))
    _seed(view)
    with st.container(horizontal=True, gap="small", key="case-filters", vertical_alignment="bottom"):
        text = st.text_input(
            "Question, id or reason holds", key="cases text", width=320, icon=":material/search:", max_chars=200
        ).strip()
        if view.group and view.group not in groups:
            groups.append(view.group)
        group = _choice(groups)
    chosen = replace(view, text=text, group=group or "")
    if chosen != view:
        chosen = replace(chosen, page=1)
        st.session_state[_SEEDED] = chosen
        st.query_params.from_dict(chosen.parameters())
    return chosen


def cases_markup(filtered: Filtered, newly_failed: Sequence[str], view: QualityView) -> Markup:
    """Return the failed cases of a page as a table; those that did not fail before are marked."""
    new = frozenset(newly_failed)
    rows = [
        row_markup(
            (
                Markup('<a class="gw-soft" href="{}">{}</a>{}').format(
                    replace(view, case=case.id).address,
                    _shortened(case.question),
                    Markup(" {}").format(pill("New", symbol="fiber_new", level="warn")) if case.id in new else "",
                ),
                case.group,
                case.outcome.replace("_", " "),
                _shortened(sentence(case.reason)),
            )
        )
        for case in filtered.shown
    ]
    table = table_markup(("Question", "Group", "Outcome", "Why it failed"), rows, style="gw-quality-cases")
    pager = pages_markup(view.page, filtered.total, CASES_PER_PAGE, lambda number: replace(view, page=number).address)
    return table + pager


def case_markup(case: Case, suite: SuiteReport, view: QualityView) -> Markup:
    """Return one failed case with its question, what was expected, what was found, and a way to ask it now."""
    return Markup(
        '<a class="gw-soft gw-back" href="{back}">{arrow} Failed cases of {suite}</a>'
        '<h1 class="gw-title gw-quality-question">{question}</h1>'
        '<section class="gw-verdict gw-partial" aria-label="What went wrong"><div class="gw-verdict-line">'
        '<span class="gw-badge">{symbol} {outcome}</span></div><p>{reason}</p></section>'
        '<div class="gw-sides">{expected}{found}</div>'
        '<p><a class="gw-soft gw-act" href="{ask}">{chat} Ask it now</a> '
        '<span class="gw-muted">Asks what is served here, which may be other documents than the suite asked.</span></p>'
        '<div class="gw-facts"><span>suite {suite}</span>{group}<span>case <code>{id}</code></span></div>'
    ).format(
        back=list_of(view).address,
        arrow=icon("arrow_back"),
        suite=suite.title,
        question=case.question,
        symbol=icon("rule"),
        outcome=case.outcome.replace("_", " ").capitalize() or "Failed",
        reason=sentence(case.reason),
        expected=_side("Expected", case.expected, (), "Nothing in particular was expected."),
        found=_side("Found, best first", case.found, case.expected, "Nothing was found."),
        ask=ask_address(case.question),
        chat=icon("chat"),
        group=Markup("<span>group {}</span>").format(case.group) if case.group else "",
        id=case.id,
    )


def _choice(groups: list[str]) -> str | None:
    """Let a reader choose a group, where the suite has any."""
    if not groups:
        return None
    return st.selectbox("Group", groups, index=None, key="cases group", placeholder="All", width=240)


def _side(heading: str, names: Sequence[str], right: Sequence[str], none: str) -> Markup:
    items = Markup("").join(
        Markup('<li><code class="gw-path">{}</code>{}</li>').format(
            name, Markup(" {}").format(pill("Expected", symbol="check", level="good")) if _same(name, right) else ""
        )
        for name in names
    )
    content = Markup('<ol class="gw-steps">{}</ol>').format(items) if items else Markup("<p>{}</p>").format(none)
    return Markup('<section><h2 class="gw-section">{}</h2>{}</section>').format(heading, content)


def _same(name: str, right: Sequence[str]) -> bool:
    """Tell whether a document is one of these, by its path or by the path below its source."""
    return any(name == other or other.endswith(f"/{name}") or name.endswith(f"/{other}") for other in right)


def _seed(view: QualityView) -> None:
    """Fill the filters when the address has changed by a link or by the browser's way back."""
    if st.session_state.get(_SEEDED) == view and "cases text" in st.session_state:
        return
    st.session_state[_SEEDED] = view
    st.session_state["cases text"] = view.text
    st.session_state["cases group"] = view.group or None


def _shortened(text: str) -> str:
    folded = " ".join(text.split())
    return folded if len(folded) <= _LONGEST else f"{folded[:_LONGEST].rstrip()} …"
