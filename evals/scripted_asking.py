"""Ask through real retrieval, the real answerer and the real writer, with a scripted model in the model's place."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from api.answering.answer import Answer, Outcome, Statement
from api.answering.answerer import Answerer
from api.retrieval.search import Hit, Searcher
from api.writing.pack import EvidencePack, build_pack
from api.writing.writer import Writer, WritingLimits
from evals.corpus import Bench, CorpusSource, open_bench
from evals.hashing_embedder import HashingEmbedder
from evals.scripted_cases import Case, Quoted, ScriptedStatement
from evals.scripted_model import ScriptedModel

LIMITS = WritingLimits(evidence_tokens=16_000)
"""More evidence than in production, so that a case finds its passages whatever else is found."""

_NOWHERE = "E99"
_LADDER = [Outcome.ANSWERED, Outcome.CAVEAT, Outcome.PARTIAL, Outcome.CONFLICT, Outcome.ABSTAINED]


@dataclass(frozen=True, slots=True)
class Told:
    """What became of a script: the answer, what was streamed before it, and the answer without a model.

    `unseen` are quotes of the script whose documents the model was not shown, `broken` what is wrong in itself.
    """

    answer: Answer
    streamed: tuple[Statement, ...]
    plain: Answer
    unseen: tuple[str, ...]
    broken: tuple[str, ...]

    @property
    def written(self) -> tuple[Statement, ...]:
        """Every statement of the model that anybody saw."""
        final = tuple(one for one in self.answer.statements if one.written)
        return (*final, *(one for one in self.streamed if one not in final))


class ScriptedAsker:
    """Ask questions of a folder of documents (all, or these `paths`), ingested below `data_dir` as ever."""

    def __init__(self, documents: Path, data_dir: Path, paths: frozenset[str] | None = None) -> None:
        embedder = HashingEmbedder()
        self._bench: Bench = open_bench(data_dir, CorpusSource(documents, paths=paths), embedder)
        self._answerer = Answerer(Searcher(self._bench.reader, embedder))
        self._documents = {facts.path: facts.id for facts in self._bench.reader.documents()}

    def close(self) -> None:
        """Close the index."""
        self._bench.close()

    def ask(self, case: Case) -> Told:
        """Ask a case's question of a model that answers as the case says."""
        found: list[Hit] = []
        plain = self._answerer.answer(case.question, None, found.extend)
        cited = [quoted for one in case.statements for quoted in one.citations]
        hits = [*self._named([*cited, *case.evidence]), *found]
        pack = build_pack(plain, hits, budget=LIMITS.evidence_tokens)
        outputs = case.outputs or (_json(case, pack),)
        model = ScriptedModel([_labelled(text, pack) for text in outputs], case.breaks_off, case.fails)
        streamed: list[Statement] = []
        answer = Writer(model, LIMITS).write(case.question, plain, hits, streamed.append)
        unseen = [one.quote for one in cited if one.evidence in self._documents and not _holder(one, pack)]
        written = [one for one in (*answer.statements, *streamed) if one.written]
        return Told(answer, tuple(streamed), plain, tuple(unseen), tuple(self._broken(plain, answer, written)))

    def _named(self, quoted: Sequence[Quoted]) -> list[Hit]:
        """Return the passages that a script names, so that a case does not depend on how well search finds them."""
        hits: list[Hit] = []
        for one in quoted:
            passages = self._bench.reader.passages_of(self._documents.get(one.evidence, ""))
            holding = [stored for stored in passages if _folded(one.quote) in _folded(stored.passage.text)]
            hits += [Hit(stored, 1.0, ("case",)) for stored in holding or passages[:2]]
        return hits

    def _broken(self, plain: Answer, answer: Answer, written: Sequence[Statement]) -> list[str]:
        """Return what must never happen, whatever a model says."""
        problems: list[str] = []
        if _LADDER.index(answer.outcome) < _LADDER.index(plain.outcome):
            problems.append(f"the outcome got better: {plain.outcome.value} became {answer.outcome.value}")
        for citation in (citation for one in written for citation in one.citations):
            document = self._bench.reader.document(citation.stored.document.id)
            if document is None or document.text[citation.span.start : citation.span.end] != citation.quote:
                problems.append(f"a citation does not resolve: {citation.quote[:60]!r}")
        if any(not one.citations for one in written):
            problems.append("a statement without citation is shown")
        return problems


def _json(case: Case, pack: EvidencePack) -> str:
    statements = [
        {
            "kind": one.kind,
            "text": one.text,
            "citations": [{"evidence": _label(each, pack), "quote": each.quote} for each in one.citations],
        }
        for one in case.statements
    ]
    whole = {"statements": statements, "missing": list(case.missing), "insufficient": case.insufficient}
    return json.dumps(whole, ensure_ascii=False)


def script(statements: Sequence[ScriptedStatement], question: str, forbidden: Sequence[str]) -> Case:
    """Return a case in which a model says just these statements."""
    return Case(id="script", question=question, statements=tuple(statements), forbidden=tuple(forbidden))


def _label(quoted: Quoted, pack: EvidencePack) -> str:
    if "/" not in quoted.evidence and "." not in quoted.evidence:
        return quoted.evidence
    holder = _holder(quoted, pack)
    if holder is not None:
        return holder
    same = [one.label for one in pack.excerpts if one.stored.document.path == quoted.evidence]
    return same[0] if same else _NOWHERE


def _holder(quoted: Quoted, pack: EvidencePack) -> str | None:
    """Return the label of the excerpt that holds a quote; of any of its document where none does word for word."""
    same = [one for one in pack.excerpts if one.stored.document.path == quoted.evidence]
    holding = [one for one in same if _folded(quoted.quote) in _folded(one.stored.passage.text)]
    return next((one.label for one in (*holding, *same)), None)


def _labelled(text: str, pack: EvidencePack) -> str:
    """Put labels in the place of `{{path|quote}}` in a raw output."""
    while "{{" in text and "}}" in text:
        before, _, rest = text.partition("{{")
        inside, _, after = rest.partition("}}")
        path, _, quote = inside.partition("|")
        text = f"{before}{_label(Quoted(evidence=path, quote=quote), pack)}{after}"
    return text


def _folded(text: str) -> str:
    return " ".join(text.replace("\n>", "\n ").split())
