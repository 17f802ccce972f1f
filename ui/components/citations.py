"""Numbered chips behind statements, and the rules that light up a chip and its evidence card together."""

from collections.abc import Iterable, Sequence

from markupsafe import Markup

from api.schemas.answers import Citation


def chips_markup(citations: Sequence[Citation]) -> Markup:
    """Return one chip for each passage cited; a chip leads to the card of the same number."""
    first = {citation.number: citation for citation in reversed(citations)}
    chips = [_chip(first[number]) for number in sorted(first)]
    return Markup('<span class="gw-chips">{}</span>').format(Markup("").join(chips)) if chips else Markup("")


def selection_rules(numbers: Iterable[int]) -> str:
    """Return CSS that marks card and chips of a number when either is chosen, or a chip is pointed at.

    The choice lives in the URL's fragment, so it needs no round trip and nothing on the page moves.
    """
    chosen: list[str] = []
    pointed: list[str] = []
    for number in numbers:
        chosen.append(f'.stApp:has(#evidence-{number}:target) .gw-chip[data-n="{number}"]')
        pointed.append(f'.stApp:has(.gw-chip[data-n="{number}"]:is(:hover,:focus-visible)) #evidence-{number}')
    if not chosen:
        return ""
    return (
        f"{', '.join(chosen)} {{ background: var(--gw-accent); color: var(--gw-on-accent); }}"
        f"{', '.join(pointed)} {{ border-color: var(--gw-accent); }}"
    )


def _chip(citation: Citation) -> Markup:
    place = f"{citation.title}, {_lines(citation)}"
    return Markup(
        '<a class="gw-chip" href="#evidence-{n}" data-n="{n}" title="{place}"'
        ' aria-label="Evidence {n}: {place}">{n}</a>'
    ).format(n=citation.number, place=place)


def _lines(citation: Citation) -> str:
    if citation.line_start == citation.line_end:
        return f"line {citation.line_start}"
    return f"lines {citation.line_start} to {citation.line_end}"
