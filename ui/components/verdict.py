"""The verdict on a question: in words first, with a symbol and a colour."""

from dataclasses import dataclass

from markupsafe import Markup

from api.schemas.answers import Answer, Confidence
from ui.components.inline import sentence
from ui.components.pills import icon


@dataclass(frozen=True, slots=True)
class _Look:
    words: str
    symbol: str


_LOOKS: dict[str, _Look] = {
    "answered": _Look("Answered", "check_circle"),
    "answered_with_caveat": _Look("Answered, with a caveat", "rule"),
    "partial": _Look("Partly answered", "contrast"),
    "conflict": _Look("Sources disagree", "call_split"),
    "abstained": _Look("Not enough evidence", "do_not_disturb_on"),
}


def verdict_markup(answer: Answer) -> Markup:
    """Return badge, reason and confidence of an answer."""
    look = _LOOKS[answer.outcome]
    return Markup(
        '<section class="gw-verdict gw-{}" aria-label="Verdict"><div class="gw-verdict-line">'
        '<span class="gw-badge">{} {}</span>{}</div><p>{}</p></section>'
    ).format(
        answer.outcome.value, icon(look.symbol), look.words, _confidence(answer.confidence), sentence(answer.reason)
    )


def reading_markup(passages: int | None) -> Markup:
    """Return what stands in the verdict's place until the answer is whole."""
    words = "Searching the knowledge base" if passages is None else f"Reading {passages} passages"
    return Markup(
        '<section class="gw-verdict gw-reading" role="status"><div class="gw-verdict-line">'
        '<span class="gw-badge">{} {}</span></div><p>&nbsp;</p></section>'
    ).format(icon("manage_search"), words)


def _confidence(confidence: Confidence) -> Markup:
    """Return the words; the number only where a calibration gave one; the reasons one hover or focus away."""
    if confidence.words == "none":
        return Markup("")
    value = "" if confidence.value is None else f" ({confidence.value:.0%})"
    words = Markup("{} confidence{}").format(confidence.words.capitalize(), value)
    if not confidence.reasons:
        return Markup('<span class="gw-confidence">{}</span>').format(words)
    reasons = Markup("").join(Markup("<li>{}</li>").format(reason) for reason in confidence.reasons)
    return Markup(
        '<details class="gw-confidence"><summary>{}</summary>'
        '<div class="gw-tip"><strong>Why</strong><ul>{}</ul></div></details>'
    ).format(words, reasons)
