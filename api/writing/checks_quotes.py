"""Whether quoted words stand in the excerpt they are ascribed to, and what they stand in."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from api.answering.answer import Citation, StatementKind
from api.answering.units import Unit
from api.writing.drafts import DraftCitation
from api.writing.pack import EvidencePack, Excerpt
from ingest.knowledge.documents import BlockKind
from ingest.knowledge.spans import LineIndex, Span

_BLANK = r"(?:\s+(?:>[ \t]?)*)"
CODE_SPAN = re.compile(r"`([^`\n]+)`")
"""Code in a sentence."""

_WORD = re.compile(r"\w")
_UNSEEN = re.compile(
    r"<!--.*?(?:-->|\Z)|!\[[^\]]*\]|\]\([^)\s]*\s+[\"'(][^)]*\)|<[a-z][^<>]*=[^<>]*>", re.DOTALL | re.IGNORECASE
)
_NOT = re.compile(r"\b(?:not|no|never)\b", re.IGNORECASE)
_FEWEST_WORDS = 2
_FEWEST_CELLS = 2
_BARE_CELL = 2  # words
_LETTERS = re.compile(r"[A-Za-z]{2,}|\d")


@dataclass(frozen=True, slots=True)
class Support:
    """A quote that was found: where it stands, and the units that it touches with what they hang from.

    `around` is the title and headings above them, `leads` the sentence or step that each unit follows on.
    """

    excerpt: Excerpt
    citation: Citation
    units: tuple[Unit, ...]
    around: str
    leads: tuple[str, ...]

    @property
    def text(self) -> str:
        """What the touched units say, with the columns of rows."""
        return "\n".join(said(unit) for unit in self.units) or self.citation.quote


def find_support(cited: Sequence[DraftCitation], pack: EvidencePack) -> tuple[Support, ...] | str:
    """Return where every quote stands, or the reason why one of them does not count."""
    if not cited:
        return "it cites nothing"
    found: list[Support] = []
    for one in cited:
        excerpt = pack.find(one.evidence)
        if excerpt is None:
            return f"it cites {one.evidence[:20]!r}, which is not among the excerpts"
        support = _locate(one.quote, excerpt)
        if isinstance(support, str):
            return support
        found.append(support)
    return tuple(found)


def said(unit: Unit) -> str:
    """Return a unit's text, a table row with its columns before it."""
    return f"{unit.header} {unit.text}" if unit.header else unit.text


def cells_of(unit: Unit) -> list[str] | None:
    """Return each cell of a table row with the row's first cell and its own column after it; None elsewhere.

    The cell comes first, so that a "never" in it stands before what it negates.
    """
    if unit.kind is not StatementKind.TABLE_ROW or not unit.header:
        return None
    # A column called "Why not" negates nothing.
    columns = [_NOT.sub("", cell).strip() for cell in unit.header.strip().strip("|").split("|")]
    cells = [cell.strip() for cell in unit.quote.strip().strip("|").split("|")]
    if len(columns) != len(cells) or len(cells) < _FEWEST_CELLS:
        return None
    label = cells[0]
    return [
        # What a cell negates in its own words is not what its row is about: they are two sentences then.
        f"{cell}. {label} {column}" if len(cell.split()) > _BARE_CELL else f"{cell} {label} {column}"
        for column, cell in zip(columns[1:], cells[1:], strict=True)
    ]


def _locate(quote: str, excerpt: Excerpt) -> Support | str:
    passage = excerpt.stored.passage
    match = _search(quote, passage.text)
    if match is None:
        return f"the words it quotes do not stand in {excerpt.stored.document.path}: “{_short(quote)}”"
    if len(_LETTERS.findall(quote)) < _FEWEST_WORDS and not _is_name(quote):
        return f"the quote is too short to show anything: “{_short(quote)}”"
    start, end = match
    if any(start < hidden.end() and hidden.start() < end for hidden in _hidden(excerpt)):
        return "the words it quotes are hidden from a reader of the document"
    base = passage.span.start
    local = LineIndex.of(passage.text).span(start, end)
    shift = passage.span.line_start - 1
    span = Span(base + start, base + end, local.line_start + shift, local.line_end + shift)
    touched = tuple(unit for unit in excerpt.units if unit.span.start < span.end and span.start < unit.span.end)
    around = " ".join((excerpt.stored.document.title, *passage.heading_path))
    leads = tuple(lead for unit in touched if (lead := _lead(unit, excerpt.units)))
    return Support(excerpt, Citation(excerpt.stored, span, passage.text[start:end]), touched, around, leads)


def _search(quote: str, text: str) -> tuple[int, int] | None:
    """Return where a quote stands, white space and the marks of a quoted block folded; never inside a word."""
    words = quote.split()
    if not words:
        return None
    before = r"(?<![\w])" if _WORD.match(words[0]) else ""
    after = r"(?![\w])(?!\.\d)" if _WORD.match(words[-1][-1]) else ""
    pattern = before + _BLANK.join(re.escape(word) for word in words) + after
    match = re.search(pattern, text)
    return match.span() if match else None


def _hidden(excerpt: Excerpt) -> list[re.Match[str]]:
    """Return what of a passage no reader sees: comments, the text of pictures, titles of links, tags; code is seen."""
    passage = excerpt.stored.passage
    base = passage.span.start
    code = [
        (block.span.start - base, block.span.end - base) for block in passage.blocks if block.kind is BlockKind.CODE
    ]
    code += [found.span() for found in CODE_SPAN.finditer(passage.text)]
    return [
        found
        for found in _UNSEEN.finditer(passage.text)
        if not any(start <= found.start() and found.end() <= end for start, end in code)
    ]


def _lead(unit: Unit, units: Sequence[Unit]) -> str:
    """Return what a unit hangs from: the item above it, the step or sentence before a command, the one before "it"."""
    before = units[: units.index(unit)]
    if unit.kind is StatementKind.SENTENCE:
        near = before[-1:] if before and before[-1].kind is StatementKind.SENTENCE else ()
    elif unit.kind is StatementKind.COMMAND:
        near = [one for one in before if one.kind is not StatementKind.COMMAND][-1:]
    else:
        announced = [one for one in before if one.kind is StatementKind.SENTENCE and one.text.endswith(":")]
        near = [one for one in before if one.depth < unit.depth][-1:] or announced[-1:]
    return near[0].text if near else ""


def _is_name(quote: str) -> bool:
    return len(quote.strip()) >= 6 and bool(re.search(r"[_.\-/A-Z0-9]", quote.strip()[1:]))


def _short(text: str) -> str:
    folded = " ".join(text.split())
    return folded if len(folded) <= 80 else f"{folded[:79]}…"
