"""Hypotheses side by side: what speaks for each, against it, what it leaves unexplained and what ruled it out."""

from collections.abc import Sequence

from markupsafe import Markup

from api.schemas.investigations import Hypothesis, InvestigationResult
from ui.components.ages import duration
from ui.components.investigation_citations import Citations
from ui.components.investigation_words import ended, instant_words, name_markup, plural
from ui.components.secret_marks import data_markup

_SHOWN = 4
_CLAIMS = 3


def hypotheses_markup(result: InvestigationResult, cited: Citations) -> Markup:
    """Return all hypotheses as cards, best first; the one of the verdict is marked, those beyond four are folded."""
    if not result.hypotheses:
        return _section(Markup('<p class="gw-muted">Nothing that was seen suggests a cause.</p>'), 0)
    cards = [_card(place, one, result, cited) for place, one in enumerate(result.hypotheses, 1)]
    note = Markup(
        '<p class="gw-muted">A share is a part of the ranking\'s weight. It orders these and is no probability of '
        "being right.</p>"
    )
    body = note + _beside(cards[:_SHOWN])
    if len(cards) > _SHOWN:
        body += Markup('<details class="gw-fold"><summary>{} more</summary>{}</details>').format(
            len(cards) - _SHOWN, _beside(cards[_SHOWN:])
        )
    return _section(body, len(cards))


def _card(place: int, one: Hypothesis, result: InvestigationResult, cited: Citations) -> Markup:
    chosen = one == result.verdict.cause
    mechanism = Markup("<p>{}</p>").format(data_markup(cited.sentence(one.mechanism))) if one.mechanism else Markup("")
    onset = Markup("<span>From {}</span>").format(instant_words(one.onset)) if one.onset is not None else Markup("")
    return Markup(
        '<article class="gw-hypothesis{}"><h3>{}. {}</h3><div class="gw-facts"><span>{}</span>{}</div>'
        '<div class="gw-facts">{}{}{}</div>{}{}{}{}{}{}</article>'
    ).format(
        " gw-chosen" if chosen else "",
        place,
        name_markup(one.component),
        one.kind.meaning,
        onset,
        share_markup(one.share),
        Markup("<span><strong>Of the verdict</strong></span>") * chosen,
        Markup("<span>Change: {}</span>").format(name_markup(one.change)) if one.change else "",
        mechanism,
        _claims("Speaks for it", one.support, cited, "Nothing."),
        _claims("Speaks against it", one.against, cited, "Nothing that was looked at."),
        _claims("Leaves unexplained", one.unexplained, cited, "Nothing that was unusual."),
        _ruled_out(place, one, result, cited),
        cited.decisions("cause", one.component),
    )


def _claims(label: str, names: Sequence[str], cited: Citations, empty: str) -> Markup:
    known = [cited.findings[name] for name in names if name in cited.findings]
    if not known:
        return Markup('<div class="gw-label">{}</div><p class="gw-muted">{}</p>').format(label, empty)
    items = Markup("").join(
        Markup("<li>{}{}</li>").format(data_markup(cited.sentence(one.claim)), cited.chips(one.observations[:1]))
        for one in known[:_CLAIMS]
    )
    more = Markup('<li class="gw-muted">and {} more</li>').format(len(known) - _CLAIMS) * (len(known) > _CLAIMS)
    return Markup('<div class="gw-label">{} ({})</div><ul>{}{}</ul>').format(label, len(known), items, more)


def _ruled_out(place: int, one: Hypothesis, result: InvestigationResult, cited: Citations) -> Markup:
    """Return why it is not the first: what ruled it out, or else in what it falls behind."""
    if place == 1:
        return Markup("")
    reasons = [
        (data_markup(ended(said.reason)), cited.chips_of(said.findings[:2]))
        for said in result.ruled_out
        if said.component == one.component and said.kind.value in (one.kind.value, "unknown")
    ]
    label = "What ruled it out"
    if not reasons:
        label, reasons = (
            "Why it is not the first",
            [(Markup("{}").format(_behind(one, result.hypotheses[0])), Markup())],
        )
    items = Markup("").join(Markup("<li>{}{}</li>").format(*reason) for reason in reasons[:_CLAIMS])
    return Markup('<div class="gw-label">{}</div><ul>{}</ul>').format(label, items)


def _behind(one: Hypothesis, first: Hypothesis) -> str:
    """Return in what a hypothesis falls behind the first, as far as their findings and onsets tell."""
    shared = len(set(one.support) & set(first.support))
    said = [f"It explains {shared} of {plural(len(first.support), 'finding')} that speak for the first"]
    if one.onset is not None and first.onset is not None and one.onset != first.onset:
        later = one.onset > first.onset
        apart = duration(abs(one.onset - first.onset) / 1e6)
        said.append(f"it was seen {apart} {'later' if later else 'earlier'}")
    return "; ".join(said) + "."


def share_markup(share: float) -> Markup:
    """Return a share of the ranking's weight as a bar with its words."""
    held = min(1.0, max(0.0, share))
    words = f"{held:.0%}"
    if 0 < held < 0.01 or 0.99 < held < 1:
        words = "under 1%" if held < 0.5 else "over 99%"
    return Markup(
        '<span class="gw-share"><meter min="0" max="1" value="{}" aria-hidden="true"></meter>share {}</span>'
    ).format(f"{held:.4f}", words)


def _beside(cards: Sequence[Markup]) -> Markup:
    return Markup('<div class="gw-beside">{}</div>').format(Markup("").join(cards))


def _section(body: Markup, count: int) -> Markup:
    number = Markup(' <span class="gw-count">{}</span>').format(count) if count else ""
    return Markup('<section><h2 class="gw-section">Hypotheses{}</h2>{}</section>').format(number, body)
