"""The words around a link: the sentence in which one document points at another."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence

from ingest.adaptation.wording import plain, sentences, word_count
from ingest.knowledge.documents import Block, Document
from ingest.knowledge.extracts import InternalLink

_MARK = "\x02"  # stands where the link is while its sentence is looked for; no document holds it
_SENTENCE = range(5, 46)  # words
_LONGEST_BLOCK = 5_000  # characters; a longer one is no prose


def link_sentences(document: Document, links: Sequence[InternalLink]) -> Iterator[tuple[InternalLink, str]]:
    """Yield each link with the sentence that holds it, or with its own words where they are no sentence."""
    blocks = sorted((block for section in document.sections for block in section.blocks), key=_start)
    starts = [_start(block) for block in blocks]
    for link in links:
        place = bisect_right(starts, link.span.start) - 1
        sentence = _sentence(document.text, blocks[place], link) if place >= 0 else ""
        words = sentence or plain(document.text[link.span.start : link.span.end])
        if word_count(words) > 1:
            yield link, words


def _sentence(text: str, block: Block, link: InternalLink) -> str:
    if not block.span.start <= link.span.start < link.span.end <= block.span.end:
        return ""
    if block.span.end - block.span.start > _LONGEST_BLOCK:
        return ""
    before = text[block.span.start : link.span.start].replace(_MARK, " ")
    marked = plain(f"{before}{_MARK}{text[link.span.start : block.span.end].replace(_MARK, ' ')}")
    found = next((one for one in sentences(marked) if _MARK in one), "")
    sentence = " ".join(found.replace(_MARK, " ").split())
    return sentence if word_count(sentence) in _SENTENCE else ""


def _start(block: Block) -> int:
    return block.span.start
