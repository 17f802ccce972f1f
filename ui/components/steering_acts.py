"""What people did about an investigation: who, when, what, and what came of it, in order."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from api.schemas.investigation_acts import ActView
from api.schemas.investigation_questions import IncidentAnswer
from ui.components.ages import age_markup
from ui.components.investigation_address import InvestigationView
from ui.components.investigation_citations import Citations
from ui.components.pills import icon
from ui.components.secret_marks import data_markup
from ui.components.steering_words import ACTS, done_markup

SHOWN = 12
"""Acts that are shown unfolded: the newest."""


def acts_markup(acts: Sequence[ActView], cited: Citations | None, *, claims: Mapping[str, str]) -> Markup:
    """Return acts, the newest first, the rest of a long list folded; `claims` are those of findings by their id."""
    if not acts:
        return Markup('<p class="gw-muted">Nobody has done anything about it yet.</p>')
    items = [_act(one, cited, claims.get(one.act.finding or "", "")) for one in reversed(acts)]
    shown = Markup('<ol class="gw-acts" reversed>{}</ol>').format(Markup("").join(items[:SHOWN]))
    if len(items) <= SHOWN:
        return shown
    return shown + Markup(
        '<details class="gw-fold"><summary>{} earlier</summary><ol class="gw-acts" reversed>{}</ol></details>'
    ).format(len(items) - SHOWN, Markup("").join(items[SHOWN:]))


def _act(view: ActView, cited: Citations | None, claim: str) -> Markup:
    look = ACTS[view.act.kind]
    chips = cited.chips(view.came.observations) if cited is not None else Markup("")
    gone_on = Markup("")
    if view.came.investigation:
        address = InvestigationView(id=view.came.investigation).address
        gone_on = Markup(' <a class="gw-soft" href="{}">Open it</a>').format(address)
    return Markup(
        '<li value="{}" class="{}"><div>{} <strong>{}</strong> {} {}</div><div class="gw-came">{}{}{}{}</div>'
        '<div class="gw-facts"><span>{}</span>{}</div></li>'
    ).format(
        view.number,
        "gw-withdrawn" if view.withdrawn else "",
        icon(look.symbol),
        data_markup(view.act.who or "Somebody"),
        look.words,
        done_markup(view, claim),
        data_markup(view.came.text) if view.came.answer is None else _answer(view.came.answer, cited),
        chips if view.came.answer is None else "",
        gone_on,
        Markup(" <em>Withdrawn.</em>") if view.withdrawn else "",
        age_markup(view.at, exact=True),
        Markup("<span>act {}</span>").format(view.number),
    )


def _answer(answer: IncidentAnswer, cited: Citations | None) -> Markup:
    """Return an answer: what was observed with its rows, what is missing, and apart from it what documents advise."""
    said = Markup("").join(
        Markup("<p>{}{}</p>").format(data_markup(one.text), cited.chips(one.observations) if cited else "")
        for one in answer.statements
    )
    missing = Markup("").join(
        Markup('<p class="gw-muted">{} {}</p>').format(icon("visibility_off"), data_markup(one))
        for one in answer.missing
    )
    advice = Markup("").join(
        Markup('<li>{} <span class="gw-muted">{}, lines {} to {}</span></li>').format(
            data_markup(one.text), data_markup(one.title or one.path), one.line_start, one.line_end
        )
        for one in answer.guidance
    )
    documents = Markup(
        '<details class="gw-fold"><summary>What documents advise (no evidence)</summary><ul>{}</ul></details>'
    ).format(advice)
    return said + missing + (documents if advice else Markup(""))
