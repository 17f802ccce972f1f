"""Questions and the passages that should answer them, mined from what the documents themselves say."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from ingest.adaptation.link_sentences import link_sentences
from ingest.adaptation.passage_table import Part, PassageTable, Progress
from ingest.adaptation.wording import folded, plain, sentences, shortened, word_count
from ingest.knowledge.alert_catalogue import AlertEntry, Runbook, alert_catalogue
from ingest.knowledge.document_links import LinkResolver
from ingest.knowledge.documents import BlockKind, DocumentKind
from ingest.knowledge.identifiers import find_identifiers, name_words
from ingest.knowledge.index import IndexReader
from ingest.knowledge.passages import StoredPassage

_MOST_OF_A_KIND = 4_000  # pairs, so that training takes minutes whatever the size of the corpus
_MOST_OF_A_DOCUMENT = 8  # headings, and as many sentences, so that long documents do not drown the others
_MOST_LINKS = 8  # to one family
_FEWEST_WORDS = {"title": 2, "heading": 3}
_SENTENCE = range(6, 41)  # words


class PairKind(StrEnum):
    """Where a question comes from. What stands first wins where two kinds have the same words."""

    RECORDED = "recorded"  # a question that the site wrote down with its document
    IDENTIFIER = "identifier"  # a name as it is written; never trained on, only guarded
    ALERT = "alert"  # the name of an alert, spelled out
    RULE = "rule"  # what a rule file says of an alert, for the runbook
    LINK = "link"  # the sentence in which another document links to this one
    TITLE = "title"
    HEADING = "heading"
    SENTENCE = "sentence"  # the first sentence of a section, for the rest of its document


@dataclass(frozen=True, slots=True)
class Pair:
    """A question with the rows of the passages that may answer it, all of one family.

    `origin` are other documents that the question was taken from, and `hidden` the rows that hold its very words,
    theirs or one of its own document: a search that tries the pair must not see them.
    """

    query: str
    kind: PairKind
    family: int
    rows: tuple[int, ...]
    origin: tuple[str, ...] = ()
    hidden: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Recorded:
    """A question that a site wrote down, with the `source/path` of the document that answers it."""

    question: str
    document: str


def mine_pairs(
    reader: IndexReader, table: PassageTable, recorded: Sequence[Recorded], progress: Progress
) -> dict[Part, list[Pair]]:
    """Return the pairs of each part, always the same for the same generation and recorded questions.

    The part is that of the family that answers. Words that stand for more than one family are left out.
    """
    miner = _Miner(reader, table)
    found: list[Pair] = []
    stages = (miner.recorded(recorded), miner.alerts(), miner.links(), miner.documents())
    for number, stage in enumerate(stages, start=1):
        found += stage
        progress("pairs", number, len(stages))
    by_part: dict[Part, list[Pair]] = {part: [] for part in Part}
    for pair in _limited(_unambiguous(found)):
        by_part[table.parts[pair.family]].append(pair)
    return by_part


class _Miner:
    """One pass over a generation."""

    def __init__(self, reader: IndexReader, table: PassageTable) -> None:
        self._reader, self._table = reader, table
        self._facts = reader.documents()
        self._by_id = {facts.id: facts for facts in self._facts}
        self._extracts = reader.extracts()
        self._resolver = LinkResolver(self._facts)

    def recorded(self, questions: Sequence[Recorded]) -> Iterator[Pair]:
        """Yield the pairs of recorded questions whose documents are there."""
        by_place = {f"{facts.source}/{facts.path}": facts.id for facts in self._facts}
        for one in questions:
            yield from self._pair(PairKind.RECORDED, one.question, by_place.get(one.document, ""))

    def alerts(self) -> Iterator[Pair]:
        """Yield alert names and the words of their rules, with the runbooks that belong to them."""
        for entry in alert_catalogue(self._facts, self._extracts, self._resolver):
            rules = tuple(sorted({cited.document_id for cited in entry.rules}))
            for runbook in entry.runbooks[:1]:  # the surest
                rows = self._rows_of(runbook)
                for kind, text in _alert_texts(entry):
                    yield from self._pair(kind, text, runbook.document_id, origin=rules, rows=rows)

    def links(self) -> Iterator[Pair]:
        """Yield the sentences in which documents link to each other."""
        count: dict[int, int] = defaultdict(int)
        for each in self._extracts:
            document = self._reader.document(each.document_id) if each.extract.links else None
            if document is None:
                continue
            for link, sentence in link_sentences(document, each.extract.links):
                target = self._resolver.at(document.facts.source, link.target)
                for pair in self._pair(
                    PairKind.LINK, sentence, target.id if target else "", origin=(each.document_id,)
                ):
                    count[pair.family] += 1
                    if count[pair.family] <= _MOST_LINKS:
                        yield pair

    def documents(self) -> Iterator[Pair]:
        """Yield titles, headings and first sentences."""
        for facts in self._facts:
            if facts.kind is DocumentKind.ALERT:
                continue  # a rule is what is asked about; its name belongs to its runbook
            rows = self._table.rows_of(facts.id)
            yield from self._named(facts.title, PairKind.TITLE, facts.id, rows)
            yield from self._headings(facts.id, facts.title, rows)
            yield from self._sentences(facts.id, rows)

    def _headings(self, document: str, title: str, rows: Sequence[int]) -> Iterator[Pair]:
        by_path: dict[tuple[str, ...], list[int]] = defaultdict(list)
        for row in rows:
            by_path[self._table.stored[row].passage.heading_path].append(row)
        chosen = [path for path in by_path if path and path[-1] != title]
        for path in sorted(chosen, key=lambda path: _order(document, *path))[:_MOST_OF_A_DOCUMENT]:
            yield from self._named(path[-1], PairKind.HEADING, document, tuple(by_path[path]))

    def _named(self, text: str, kind: PairKind, document: str, rows: tuple[int, ...]) -> Iterator[Pair]:
        text = plain(text)
        names = find_identifiers(text)
        if len(names) == 1 and names[0].text == text:
            yield from self._pair(PairKind.IDENTIFIER, text, document, rows=rows)
            text = " ".join(name_words(text))
        if word_count(text) >= _FEWEST_WORDS[kind.value]:
            yield from self._pair(kind, text, document, rows=rows)

    def _sentences(self, document: str, rows: Sequence[int]) -> Iterator[Pair]:
        chosen = sorted(rows, key=lambda row: _order(self._table.stored[row].passage.id))
        left = _MOST_OF_A_DOCUMENT if len(rows) > 1 else 0
        for row in chosen:
            sentence = _first_sentence(self._table.stored[row])
            if left and sentence:
                left -= 1
                others = tuple(other for other in rows if other != row)
                yield from self._pair(PairKind.SENTENCE, sentence, document, rows=others, hidden=(row,))

    def _pair(
        self,
        kind: PairKind,
        text: str,
        document: str,
        *,
        rows: tuple[int, ...] = (),
        origin: tuple[str, ...] = (),
        hidden: tuple[int, ...] = (),
    ) -> Iterator[Pair]:
        """Yield the pair, unless its document holds no passage or is where the question comes from."""
        family = self._table.family_of(document)
        query = shortened(plain(text))
        if family is None or not folded(query) or family in map(self._table.family_of, origin):
            return
        rows = rows or self._table.rows_of(document)
        hidden = hidden or tuple(row for one in origin for row in self._table.rows_of(one))
        yield Pair(query, kind, family, rows, origin, hidden)

    def _rows_of(self, runbook: Runbook) -> tuple[int, ...]:
        """Return the rows of the section that is the runbook, where its heading is known; none for all of it."""
        if runbook.span is None:
            return ()
        start = runbook.span.start
        rows = self._table.rows_of(runbook.document_id)
        spans = {row: self._table.stored[row].passage.span for row in rows}
        under = [row for row in rows if spans[row].start <= start < spans[row].end]
        path = self._table.stored[under[0]].passage.heading_path if under else ()
        same = [row for row in rows if path and self._table.stored[row].passage.heading_path[: len(path)] == path]
        return tuple(same)


def _alert_texts(entry: AlertEntry) -> Iterator[tuple[PairKind, str]]:
    yield PairKind.IDENTIFIER, entry.name
    words = name_words(entry.name)
    if len(words) > 1:
        yield PairKind.ALERT, " ".join(words)
    for cited in entry.rules:
        text = plain(f"{cited.rule.summary} {cited.rule.description}")
        if word_count(text) >= _SENTENCE.start - 1:
            yield PairKind.RULE, text


def _first_sentence(stored: StoredPassage) -> str:
    """Return the first sentence of the first paragraph of a passage that is neither very short nor very long."""
    passage = stored.passage
    for block in passage.blocks:
        if block.kind is BlockKind.PARAGRAPH:
            start = block.span.start - passage.span.start
            text = plain(passage.text[start : block.span.end - passage.span.start])
            for sentence in sentences(text)[:1]:
                if word_count(sentence) in _SENTENCE:
                    return sentence
    return ""


def _unambiguous(pairs: Iterable[Pair]) -> list[Pair]:
    """Return each question once, and those not at all whose words stand for more than one family.

    A sentence that another kind took the words of (it may hold a link) gives way to that.
    """
    families: dict[str, set[int]] = defaultdict(set)
    first: dict[tuple[str, bool], Pair] = {}
    for pair in sorted(pairs, key=lambda pair: _rank(pair.kind)):  # stable, and sentences come last
        # A name as it is written guards what its words may be trained on, so both may stay.
        key = (folded(pair.query), pair.kind is PairKind.IDENTIFIER)
        if pair.kind is not PairKind.SENTENCE or first.get(key, pair).kind is PairKind.SENTENCE:
            families[key[0]].add(pair.family)
            first.setdefault(key, pair)
    return [pair for (words, _), pair in first.items() if len(families[words]) == 1]


def _limited(pairs: Sequence[Pair]) -> list[Pair]:
    by_kind: dict[PairKind, list[Pair]] = {kind: [] for kind in PairKind}
    for pair in sorted(pairs, key=lambda pair: _order(pair.query)):
        by_kind[pair.kind].append(pair)
    return [pair for members in by_kind.values() for pair in members[:_MOST_OF_A_KIND]]


def _rank(kind: PairKind) -> int:
    return list(PairKind).index(kind)


def _order(*words: str) -> bytes:
    return hashlib.sha256("\n".join(words).encode("utf-8", "surrogatepass")).digest()
