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


def badge_markup(outcome: str) -> Markup:
    """Return an outcome in words with its symbol, for a line in a list."""
    look = _LOOKS[outcome]
    return Markup('<span class="gw-outcome gw-{}">{} {}</span>').format(outcome, icon(look.symbol), look.words)


def reading_markup(passages: int | None) -> Markup:
    """Return what stands in the verdict's place until the answer is whole."""
    words = "Searching the knowledge base" if passages is None else f"Reading {passages} passages"
    return Markup(
        '<section class="gw-verdict gw-reading" role="status"><div class="gw-verdict-line">'
        '<span class="gw-badge">{} {}</span></div><p>&nbsp;</p></section>'
    ).format(icon("manage_search"), words)


def _confidence(confidence: Confidence) -> Markup:
    """Return the words; the number only where a calibration gave one; what it rests on one hover or focus away."""
    if confidence.words == "none":
        return Markup("")
    value = "" if confidence.value is None else f" ({confidence.value:.0%})"
    words = Markup("{} confidence{}").format(confidence.words.capitalize(), value)
    reasons = Markup("").join(Markup("<li>{}</li>").format(reason) for reason in confidence.reasons)
    why = Markup("<strong>Why</strong><ul>{}</ul>").format(reasons) if reasons else Markup("")
    told = why + _calibration(confidence)
    if not told:
        return Markup('<span class="gw-confidence">{}</span>').format(words)
    return Markup('<details class="gw-confidence"><summary>{}</summary><div class="gw-tip">{}</div></details>').format(
        words, told
    )


def _calibration(confidence: Confidence) -> Markup:
    """Return what the number means and what it was measured on; nothing where there is no number."""
    facts, value = confidence.calibration, confidence.value
    if facts is None or value is None:
        return Markup("")
    return Markup(
        '<div class="gw-calibration"><strong>What {} means</strong><p>Of 100 answers with this number, about {} cite '
        "the right document. On questions that were kept apart, the number was off by {} points on average.</p>"
        "<dl><div><dt>Labelled questions</dt><dd>n = {} ({}, fitted {})</dd></div>"
        "<div><dt>Brier score</dt><dd>{} (0 is perfect, 0.25 a coin)</dd></div>"
        "<div><dt>Calibration error</dt><dd>{} (0 is perfect)</dd></div></dl></div>"
    ).format(
        f"{value:.0%}",
        round(100 * value),
        f"{100 * facts.ece:.1f}",
        f"{facts.n:,}",
        facts.name,
        facts.fitted,
        f"{facts.brier:.3f}",
        f"{facts.ece:.3f}",
    )
