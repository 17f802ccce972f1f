"""Passages that address a language model: shown as data, with a band that says so."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from api.schemas.knowledge import PassageSpan
from ui.components.pills import icon

WORDS = "This passage addresses a language model. It is shown as data and never followed."


@dataclass(frozen=True, slots=True)
class FlaggedLines:
    """The lines `[first, last]` of a document, and in what ways they address a model."""

    first: int
    last: int
    flags: tuple[str, ...]


def flagged_lines(passages: Iterable[PassageSpan]) -> list[FlaggedLines]:
    """Return the lines of flagged passages in order; where passages share lines, one stretch has the flags of both."""
    found: list[FlaggedLines] = []
    for passage in sorted((one for one in passages if one.flags), key=lambda one: (one.line_start, one.line_end)):
        if found and passage.line_start <= found[-1].last:
            before = found[-1]
            flags = tuple(dict.fromkeys((*before.flags, *passage.flags)))
            found[-1] = FlaggedLines(before.first, max(before.last, passage.line_end), flags)
        else:
            found.append(FlaggedLines(passage.line_start, passage.line_end, tuple(passage.flags)))
    return found


def hostile_band(flags: Sequence[str]) -> Markup:
    """Return the words above such a passage; nothing where there are no flags."""
    if not flags:
        return Markup("")
    return Markup('<p class="gw-hostile-words">{} <strong>{}</strong> <span>It {}.</span></p>').format(
        icon("shield"), WORDS, "; it ".join(flags)
    )


def hostile_markup(flags: Sequence[str], inside: Markup) -> Markup:
    """Return `inside` in a frame that tells where data of this kind starts and ends."""
    return Markup(
        '<section class="gw-hostile" aria-label="Passage that addresses a language model">{}{}</section>'
    ).format(hostile_band(flags), inside)
