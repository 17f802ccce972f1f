"""What people do about an investigation: the form, what was done by whom, and a bar for what others did meanwhile."""

from datetime import UTC, datetime

import streamlit as st
from markupsafe import Markup

from api.errors import GroundwatchError
from api.schemas.investigation_acts import ActKind, ActRequest, Acts
from api.schemas.investigation_runs import InvestigationDetail
from api.schemas.investigations import InvestigationResult
from ui.components.inline import sentence
from ui.components.investigation_address import InvestigationView
from ui.components.investigation_citations import Citations, findings_markup
from ui.components.investigation_words import VERDICTS, plural
from ui.components.secret_marks import data_markup
from ui.components.steering_acts import acts_markup
from ui.components.steering_form import WHO, Choices, show_form
from ui.steering import Steers, forget_result, steers

_LOOK_SECONDS = 2.0
_MOST_FINDINGS = 200


def show_steering(detail: InvestigationDetail, cited: Citations | None, view: InvestigationView) -> None:
    """Show the form and what was done until now; nothing where this connection takes no acts."""
    source = steers()
    if source is None:
        return
    investigation_id, result = detail.investigation.id, detail.result
    try:
        told = source.acts(investigation_id)
    except GroundwatchError as error:
        st.html(
            Markup('<p class="gw-form-error" role="alert">What people did cannot be shown: {}</p>').format(
                sentence(str(error))
            )
        )
        return
    count = Markup(' <span class="gw-count">{}</span>').format(told.last) if told.last else ""
    st.html(Markup('<h2 class="gw-section" id="steering">What people did{}</h2>').format(count))
    st.fragment(_show_news, run_every=_LOOK_SECONDS)(investigation_id, told.last)
    with st.container(key="steering"):
        show_form(source, investigation_id, _choices(result), kind=view.act, on=view.on)
    claims = {one.id: one.claim for one in result.findings} if result is not None else {}
    st.html(acts_markup(told.acts, cited, claims=claims))
    _show_withdrawal(source, investigation_id, told)
    if result is not None and result.rejected and cited is not None:
        st.html(
            Markup('<section><h2 class="gw-section">Findings that people rejected</h2>{}</section>').format(
                findings_markup(result.rejected, cited)
            )
        )


def _choices(result: InvestigationResult | None) -> Choices:
    if result is None:
        return Choices((), {}, done=False)
    first = [one.component for one in result.hypotheses] + [one.component for one in result.ruled_out]
    every = [*first, *sorted({one.component for one in result.findings if not one.component.startswith("(")})]
    findings = {one.id: one.claim for one in result.findings if one.source.value != "human"}
    window = result.incident.window
    return Choices(
        tuple(dict.fromkeys(every)),
        dict(list(findings.items())[:_MOST_FINDINGS]),
        _written(window.start),
        _written(window.end),
    )


def _written(microseconds: int) -> str:
    """Return an instant as RFC 3339 writes it; what no calendar holds is left to the person."""
    try:
        return datetime.fromtimestamp(microseconds / 1e6, UTC).isoformat().replace("+00:00", "Z")
    except (ValueError, OverflowError, OSError):
        return ""


def _show_news(investigation_id: str, seen: int) -> None:
    """Tell that others did something since the page was drawn; what is being read stays until one asks for it."""
    source = steers()
    if source is None:
        return
    try:
        told = source.acts(investigation_id, after=seen)
    except GroundwatchError:
        return  # the page says itself that the API is away
    if told.last <= seen:
        return
    who = ", ".join(dict.fromkeys(one.act.who or "somebody" for one in told.acts))
    now = ""
    if told.verdict is not None:
        words = VERDICTS[told.verdict.state.value].words.lower()
        now = f" The verdict is {words}{f', {told.verdict.component}' if told.verdict.component else ''}."
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="news"):
        st.html(
            Markup('<p class="gw-came" role="status">{} by {}.{}</p>').format(
                plural(told.last - seen, "new act"), data_markup(who), data_markup(now)
            )
        )
        if st.button("Show", key="show news", icon=":material/refresh:"):
            forget_result(investigation_id)
            st.rerun()


def _show_withdrawal(source: Steers, investigation_id: str, told: Acts) -> None:
    """Offer to withdraw an act that counts."""
    standing = [one for one in told.acts if not one.withdrawn and one.act.kind in _WITHDRAWN]
    if not standing:
        return
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom", key="withdrawal"):
        st.selectbox("Withdraw", [one.number for one in reversed(standing)], key="withdrawn", width=140,
                     format_func=lambda number: f"act {number}")  # fmt: skip
        st.button("Withdraw act", icon=":material/undo:", on_click=_withdraw, args=(source, investigation_id))


_WITHDRAWN = frozenset(ActKind) - {ActKind.WITHDRAW, ActKind.QUERY, ActKind.QUESTION, ActKind.WINDOW}


def _withdraw(source: Steers, investigation_id: str) -> None:
    asked = ActRequest(kind=ActKind.WITHDRAW, act=st.session_state["withdrawn"], who=st.session_state.get(WHO, ""))
    try:
        view = source.act(investigation_id, asked)
    except GroundwatchError as error:
        st.session_state["said of acting"] = sentence(str(error))
    else:
        st.session_state["done by acting"] = sentence(view.came.text)
        forget_result(investigation_id)
