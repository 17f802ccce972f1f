"""A colour for each component, the same wherever it is drawn on a page, and mostly the same on every page."""

from collections.abc import Iterable
from hashlib import blake2b

PALETTE = (
    "#4f7fe6", "#c2601d", "#2f8f5b", "#a259c4", "#c4497b", "#14899b", "#8a7a1f", "#d04a3c", "#6f6fdc",
)  # fmt: skip
"""Colours that stand out by 3 to 1 from a light and from a dark page; words and shapes differ too."""


def colours_of(components: Iterable[str]) -> dict[str, str]:
    """Return the colour of each component, given the more important ones first.

    A name's own colour follows from its letters; where another one has it already, the next free one is taken.
    """
    taken: dict[str, str] = {}
    for name in dict.fromkeys(components):
        own = int.from_bytes(blake2b(name.encode("utf-8", "replace"), digest_size=4).digest(), "big") % len(PALETTE)
        turned = PALETTE[own:] + PALETTE[:own]
        used = set(taken.values())
        taken[name] = next((colour for colour in turned if colour not in used), turned[0])
    return taken
