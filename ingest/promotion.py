"""The gate before a new generation is served: it is opened and tried, and promoted only if its checks hold."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from ingest.errors import UsageError
from ingest.knowledge.documents import DocumentFacts
from ingest.knowledge.embedding import Embedder
from ingest.knowledge.identifiers import find_identifiers
from ingest.knowledge.index import IndexDescription, IndexReader
from ingest.knowledge.lexical import LexicalEncoder, query_identifiers
from ingest.knowledge.passages import PassageFilter
from ingest.knowledge.run_log import CheckResult

T = TypeVar("T")

SAMPLED_DOCUMENTS = 40
"""Documents whose passages are read back, new ones and as many others; the others are searched by their own title.

They are picked by a hash of their ids, so that two generations are compared on the same documents.
"""

_FOUND_WITHIN = 10
_TOLERATED_FALL = 0.1  # of a recall, against the generation that was promoted last
_FEW = 5  # so many documents say nothing of a recall
_FEW_PASSAGES = 20  # an edit of a page may always lose so many
_EVERYWHERE = PassageFilter()


@dataclass(frozen=True, slots=True)
class Question:
    """A question that a site recorded, with the document (`source/path`) that answers it."""

    question: str
    document: str


@dataclass(frozen=True, slots=True)
class Gate:
    """What a new generation has to hold up to.

    `max_lost_share` is the share of passages that a run may lose beyond what its removed documents held;
    `questions` are the site's own; `accept` promotes whatever the checks say, which are still recorded.
    """

    max_lost_share: float = 0.2
    questions: tuple[Question, ...] = ()
    accept: bool = False


@dataclass(frozen=True, slots=True)
class Expected:
    """What the run meant to build: documents, and passages before it and of what it removed."""

    documents: int
    passages: int
    passages_before: int
    passages_removed: int
    fresh: frozenset[str]


def read_questions(file: Path) -> tuple[Question, ...]:
    """Return the questions of a JSON Lines file with the keys "question" and "document".

    Raises UsageError that names the line.
    """
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"the recorded questions {str(file)!r} cannot be read: {error}; correct the path") from error
    return tuple(_question(file, number, line) for number, line in enumerate(lines, start=1) if line.strip())


def check_generation(
    reader: IndexReader, expected: Expected, gate: Gate, embedder: Embedder, before: Sequence[CheckResult]
) -> tuple[CheckResult, ...]:
    """Try a finished generation; `before` are the results of the generation that is being served."""
    described = reader.describe()
    documents = sorted(reader.documents(), key=lambda one: hashlib.sha256(one.id.encode()).digest())
    steady = documents[:SAMPLED_DOCUMENTS]
    fresh = [one for one in documents if one.id in expected.fresh][:SAMPLED_DOCUMENTS]
    recalls = {one.name: _share_of(one.detail) for one in before}
    return (
        _counts(described, expected),
        _kept(described, expected, gate.max_lost_share),
        _reads(reader, [*fresh, *steady]),
        *_retrieval(reader, steady, described, recalls),
        *_answers(reader, gate.questions, embedder, described, recalls),
    )


def results_of(text: str) -> tuple[CheckResult, ...]:
    """Return the results that `results_text` wrote."""
    return tuple(CheckResult(*one) for one in json.loads(text or "[]"))


def results_text(results: Sequence[CheckResult]) -> str:
    """Return results as JSON."""
    return json.dumps([(one.name, one.passed, one.detail) for one in results])


def _question(file: Path, number: int, line: str) -> Question:
    try:
        record = json.loads(line)
        return Question(str(record["question"]), str(record["document"]))
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(
            f"line {number} of {str(file)!r} is no recorded question ({error!r}); each line is an object with "
            '"question" and "document" (source/path)'
        ) from error


def _counts(described: IndexDescription, expected: Expected) -> CheckResult:
    right = (described.documents, described.passages) == (expected.documents, expected.passages)
    detail = f"{described.documents} documents and {described.passages} passages"
    if not right:
        detail += f", expected were {expected.documents} and {expected.passages}"
    return CheckResult("counts", right, detail)


def _kept(described: IndexDescription, expected: Expected, allowed: float) -> CheckResult:
    stays = expected.passages_before - expected.passages_removed
    lost = max(0, stays - described.passages)
    share = lost / stays if stays else 0.0
    return CheckResult(
        "passages kept", share <= allowed or lost <= _FEW_PASSAGES, f"{lost} of {stays} passages lost, {share:.1%}"
    )


def _reads(reader: IndexReader, sample: Sequence[DocumentFacts]) -> CheckResult:
    for facts in sample:
        problem = _unreadable(reader, facts)
        if problem:
            return CheckResult("sample reads", False, f"{facts.source}/{facts.path}: {problem}")
    return CheckResult("sample reads", True, f"{len(sample)} documents read back, each passage a slice of its text")


def _unreadable(reader: IndexReader, facts: DocumentFacts) -> str:
    document = reader.document(facts.id)
    if document is None:
        return "the document is listed and cannot be read"
    stored = reader.passages_of(facts.id)
    if not stored:
        return "none of its passages is in the index"
    for one in stored:
        span = one.passage.span
        if document.text[span.start : span.end] != one.passage.text:
            return f"passage {one.passage.ordinal} is not what stands on its lines"
    return ""


def _retrieval(
    reader: IndexReader, sample: Sequence[DocumentFacts], described: IndexDescription, recalls: Mapping[str, float]
) -> Iterator[CheckResult]:
    """Search sampled documents by their title, and by the identifiers in it: each should find itself."""
    encoder = LexicalEncoder(described.average_length)

    def by_title(facts: DocumentFacts) -> bool:
        hits = reader.search_lexical(encoder.query(facts.title), limit=_FOUND_WITHIN, where=_EVERYWHERE)
        return _holds(reader, [hit.passage_id for hit in hits], facts)

    def by_identifier(facts: DocumentFacts) -> bool:
        keys = [found.key for found in find_identifiers(facts.title)]
        query = query_identifiers(dict.fromkeys(keys, 1.0))
        hits = reader.search_identifiers(query, limit=_FOUND_WITHIN, where=_EVERYWHERE)
        return _holds(reader, [hit.passage_id for hit in hits], facts)

    named = [facts for facts in sample if any(find_identifiers(facts.title))]
    yield _recall("found by title", sample, by_title, recalls)
    yield _recall("found by identifier", named, by_identifier, recalls)


def _answers(
    reader: IndexReader,
    questions: Sequence[Question],
    embedder: Embedder,
    described: IndexDescription,
    recalls: Mapping[str, float],
) -> Iterator[CheckResult]:
    """Search for the site's own questions by words and by meaning: their document should be among the first."""
    if not questions:
        return
    encoder = LexicalEncoder(described.average_length)
    known = {f"{facts.source}/{facts.path}": facts for facts in reader.documents()}

    def found(question: Question) -> bool:
        facts = known.get(question.document)
        if facts is None:
            return False
        lexical = reader.search_lexical(encoder.query(question.question), limit=_FOUND_WITHIN, where=_EVERYWHERE)
        vector = embedder.embed_query(question.question)
        dense = reader.search_dense(vector, limit=_FOUND_WITHIN, where=_EVERYWHERE)
        return _holds(reader, [hit.passage_id for hit in (*lexical, *dense)], facts)

    yield _recall("recorded questions", questions, found, recalls)


def _recall(name: str, cases: Sequence[T], found: Callable[[T], bool], recalls: Mapping[str, float]) -> CheckResult:
    hits = sum(found(one) for one in cases)
    share = hits / len(cases) if cases else 1.0
    before = recalls.get(name)
    detail = f"{hits} of {len(cases)} found"
    if len(cases) < _FEW or before is None:
        return CheckResult(name, True, detail)
    return CheckResult(name, share >= before - _TOLERATED_FALL, f"{detail}, {before:.0%} before")


def _share_of(detail: str) -> float:
    hits, _, rest = detail.partition(" of ")
    total = rest.split(" ")[0]
    return int(hits) / int(total) if hits.isdigit() and total.isdigit() and int(total) else 1.0


def _holds(reader: IndexReader, passage_ids: Sequence[str], facts: DocumentFacts) -> bool:
    """Tell whether any of the passages is of the document, or of one with the same title."""
    return any(one.document.id == facts.id or one.document.title == facts.title for one in reader.passages(passage_ids))
