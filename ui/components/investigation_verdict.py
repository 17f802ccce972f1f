"""The verdict of an investigation: one sentence first, then why it says no more and what would settle it."""

from markupsafe import Markup

from api.schemas.investigation_calibration import Calibration
from api.schemas.investigations import InvestigationResult, Objection, Verdict
from ui.components.investigation_citations import Citations
from ui.components.investigation_words import VERDICTS, instant_words, name_markup
from ui.components.pills import icon
from ui.components.secret_marks import data_markup

_LEVELS = ((0.9, "High"), (0.7, "Good"), (0.4, "Moderate"), (0.0, "Low"))


def verdict_markup(result: InvestigationResult, cited: Citations) -> Markup:
    """Return badge, confidence, the verdict in one sentence, and since when."""
    verdict = result.verdict
    look = VERDICTS[verdict.state.value]
    cause = verdict.cause
    facts = []
    if cause is not None and cause.onset is not None:
        facts.append(Markup("<span>First seen {}</span>").format(instant_words(cause.onset)))
    if cause is not None and cause.change:
        facts.append(Markup("<span>Change: {}</span>").format(name_markup(cause.change)))
    if verdict.decided_by:
        facts.insert(
            0, Markup("<span>{} Confirmed by {}</span>").format(icon("person"), data_markup(verdict.decided_by))
        )
    return Markup(
        '<section class="gw-verdict gw-{}" aria-label="Verdict"><div class="gw-verdict-line">'
        '<span class="gw-badge">{} {}</span>{}</div><p class="gw-finding-sentence">{}</p>'
        '<div class="gw-facts">{}</div></section>'
    ).format(
        look.tone, icon(look.symbol), look.words, _confidence(verdict), _said(verdict, cited), Markup("").join(facts)
    )


def objections_markup(verdict: Verdict, cited: Citations) -> Markup:
    """Return why the verdict settles for less; nothing where nothing speaks against it."""
    items = Markup("").join(
        Markup("<li>{}{}{}</li>").format(
            data_markup(cited.sentence(one.reason)), cited.chips_of(one.rests_on), _ceiling(one, verdict)
        )
        for one in verdict.objections
    )
    if not items:
        return Markup("")
    return Markup('<section class="gw-gaps gw-missing"><h3>{} {}</h3><ul>{}</ul></section>').format(
        icon("rule"),
        "What the auditor still objects"
        if verdict.decided_by
        else f"Why not more than {VERDICTS[verdict.state.value].words.lower()}",
        items,
    )


def deciding_markup(verdict: Verdict, cited: Citations) -> Markup:
    """Return the next thing to look at, with what each outcome would mean; nothing where nothing is open."""
    query = verdict.deciding
    if query is None:
        return Markup("")
    return Markup(
        '<section class="gw-gaps gw-advice"><h3>{} What would decide next</h3><p class="gw-ask-next">{}</p>'
        '<dl class="gw-outcomes"><div><dt>Where</dt><dd>{}</dd></div><div><dt>If so</dt><dd>{}</dd></div>'
        "<div><dt>If not</dt><dd>{}</dd></div></dl></section>"
    ).format(
        icon("arrow_forward"),
        data_markup(query.text),
        data_markup(query.source),
        data_markup(cited.sentence(query.if_so)),
        data_markup(cited.sentence(query.if_not)),
    )


def _ceiling(objection: Objection, verdict: Verdict) -> Markup:
    """Return how far the objection would let the verdict go, where that is not as far as it goes."""
    if objection.ceiling == verdict.state:
        return Markup("")
    return Markup(' <span class="gw-muted">Allows {} at most.</span>').format(
        VERDICTS[objection.ceiling.value].words.lower()
    )


def _said(verdict: Verdict, cited: Citations) -> Markup:
    cause, state = verdict.cause, verdict.state.value
    if state == "nothing_wrong":
        return Markup("Nothing of what was looked at is unlike its usual self.")
    if cause is None:
        return Markup("What was seen settles no cause and names no suspect.")
    lead = {
        "confirmed": "The cause is {}: {}.{}",
        "likely": "The likely cause is {}: {}.{}",
    }.get(state, "What was seen settles no cause; the first suspect is {}: {}.{}")
    return Markup(lead).format(name_markup(cause.component), cause.kind.meaning, cited.chips_of(cause.support[:3]))


def _confidence(verdict: Verdict) -> Markup:
    """Return the words and, where they are calibrated, the numbers; what they mean is one hover or focus away."""
    cause = verdict.cause
    if cause is None or verdict.state.value == "nothing_wrong":
        return Markup("")
    if verdict.decided_by:
        return Markup('<span class="gw-confidence">No number: a person decided</span>')
    where, kind = verdict.component_right, verdict.kind_right
    facts = verdict.calibration
    if where is None or facts is None:
        return Markup('<span class="gw-confidence">No number: confidence was not calibrated on this system</span>')
    level = next(words for least, words in _LEVELS if where >= least or not least)
    both = Markup("<p>{} that component and kind of fault are both right.</p>").format(_percent(kind)) * (
        kind is not None
    )
    return Markup(
        '<details class="gw-confidence"><summary>{} confidence ({})</summary><div class="gw-tip"><strong>What {} means'
        "</strong><p>Of 100 incidents with this number, in about {} the component named first was the right one.</p>{}"
        "{}<p>On a system that the fit never saw, such numbers were too high.</p></div></details>"
    ).format(level, _percent(where), _percent(where), _percent(where).removesuffix("%"), both, _measured(facts))


def _measured(facts: Calibration) -> Markup:
    """Return how such numbers did, in plain words."""
    component, kind = facts.component, facts.kind
    return Markup(
        "<p>Measured on n = {:,} labelled recorded incidents, each left out of the fit. Component: Brier {:.3f} (0 is "
        "best, a constant guess has {:.3f}), calibration error {:.3f}. Component and kind: Brier {:.3f} (constant "
        "{:.3f}), calibration error {:.3f}.</p>"
    ).format(
        component.n, component.brier, component.constant_brier, component.ece, kind.brier, kind.constant_brier, kind.ece
    )


def _percent(value: float | None) -> str:
    """Return a probability as a percentage that is neither rounded up to certainty nor down to none."""
    shown = round(100 * (value or 0.0))
    return f"{min(99, max(1, shown))}%"
