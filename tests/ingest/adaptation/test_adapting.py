"""The whole adaptation over a real index without a model: what it counts, what it tries, and how it judges."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest

from evals.adapted_search import WholeSearch
from ingest.adaptation.adapting import Adaptation, Materials, adapt, judge
from ingest.adaptation.evaluation import Comparison, Ranks
from ingest.adaptation.pairs import Pair, PairKind
from ingest.adaptation.passage_table import Part, PassageTable
from ingest.adaptation.training import Trained, TrainingOptions
from ingest.building import Workshop
from ingest.errors import KnowledgeError, ModelMismatch
from ingest.knowledge.embedding_cache import EmbeddingCache
from ingest.knowledge.query_adapter import QueryAdapter
from tests.fakes import FakeEmbedder
from tests.ingest.adaptation.material import handbook, open_workshop, silent

OPTIONS = TrainingOptions(rank=8, epochs=3, sampled=32, threads=1)
GAIN = Comparison("search", 50, 0.5, 0.6, 0.02, 0.18, 0.6, 0.7)


@dataclass
class ScriptedTrial:
    """A search that finds everything at one rank without an adapter and at another with it."""

    before: int
    after: int
    asked: list[Pair] = field(default_factory=list)

    def ranks(self, pairs: Sequence[Pair], table: PassageTable, adapter: QueryAdapter | None) -> Ranks:
        self.asked = list(pairs)
        return np.full(len(pairs), self.before if adapter is None else self.after, dtype=np.int64)


@pytest.fixture(scope="module")
def wiki(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    workshop = open_workshop(tmp_path_factory.mktemp("wiki"), handbook())
    yield workshop
    workshop.close()


@pytest.fixture
def materials(wiki: Workshop, tmp_path: Path) -> Iterator[Materials]:
    reader, questions = wiki.store.open(), EmbeddingCache(tmp_path / "questions.sqlite")
    yield Materials(reader, wiki.embedder, wiki.cache, questions)
    reader.close()
    questions.close()


def trained(before: float = 0.5, after: float = 0.6) -> Trained:
    nothing = QueryAdapter("m", np.zeros((2, 1), np.float32), np.zeros((1, 2), np.float32))
    return Trained(nothing, before, after, 7)


def test_what_is_tried_was_never_trained_on(materials: Materials) -> None:
    trial = ScriptedTrial(2, 1)

    done = adapt(materials, trial, silent, OPTIONS)

    if done.search:  # training found something, so that the search was asked
        assert {pair.kind for pair in trial.asked} >= {PairKind.TITLE, PairKind.LINK, PairKind.SENTENCE}
        assert len(trial.asked) <= sum(done.pairs[Part.TEST].values())
    assert done.dense[0].n == sum(done.pairs[Part.TEST].values())


def test_the_same_documents_give_the_same_adapter(materials: Materials) -> None:
    first, second = (adapt(materials, ScriptedTrial(1, 1), silent, OPTIONS) for _ in range(2))

    assert np.array_equal(first.adapter.up, second.adapter.up)
    assert first.dense == second.dense
    assert first.pairs == second.pairs


def test_questions_are_embedded_once(materials: Materials) -> None:
    adapt(materials, ScriptedTrial(1, 1), silent, OPTIONS)
    before = materials.questions.embedded

    adapt(materials, ScriptedTrial(1, 1), silent, OPTIONS)

    assert before > 100
    assert materials.questions.embedded == before


def test_the_whole_search_does_not_see_the_words_of_a_question(materials: Materials) -> None:
    from ingest.adaptation.pairs import mine_pairs
    from ingest.adaptation.passage_table import read_passages

    table = read_passages(materials.reader, materials.embedder, materials.passages, silent)
    pairs = mine_pairs(materials.reader, table, (), silent)
    sentence = next(pair for part in Part for pair in pairs[part] if pair.kind is PairKind.SENTENCE)
    alone = replace(sentence, rows=sentence.hidden, hidden=table.rows_of(table.stored[sentence.hidden[0]].document.id))
    trial = WholeSearch(materials.reader, materials.embedder, materials.questions)

    ranks = trial.ranks([replace(sentence, hidden=()), sentence, alone], table, None)

    assert ranks[0] == 1  # with its words in the index it is found at once
    assert ranks[2] == 0  # with the whole document hidden it is not found


def test_an_index_of_another_model_is_refused(materials: Materials) -> None:
    with pytest.raises(ModelMismatch, match="fake@1"):
        adapt(replace(materials, embedder=FakeEmbedder()), ScriptedTrial(1, 1), silent, OPTIONS)


def test_too_few_pairs_are_refused_with_the_next_step(tmp_path: Path) -> None:
    workshop = open_workshop(tmp_path, dict(list(handbook().items())[:3]))
    reader, questions = workshop.store.open(), EmbeddingCache(tmp_path / "questions.sqlite")

    with pytest.raises(KnowledgeError, match="at least 100 are needed"):
        adapt(Materials(reader, workshop.embedder, workshop.cache, questions), ScriptedTrial(1, 1), silent, OPTIONS)

    for opened in (reader, questions, workshop):
        opened.close()


def test_a_gain_beyond_chance_that_costs_no_name_is_promoted() -> None:
    names = replace(GAIN, measure="search, identifier", before=0.9, after=0.9)

    assert judge(trained(), GAIN, names).promote
    assert judge(trained(), GAIN, None).promote


@pytest.mark.parametrize(
    ("learned", "search", "names", "reason"),
    [
        (trained(after=0.5), None, None, "no epoch of 7"),
        (trained(), replace(GAIN, low=0.0), None, "may be chance"),
        (trained(), replace(GAIN, after=0.4, low=-0.2, high=-0.05), None, "-0.100"),
        (trained(), GAIN, replace(GAIN, before=0.9, after=0.899), "finds names worse"),
    ],
)
def test_everything_else_is_not_promoted_and_says_why(
    learned: Trained, search: Comparison | None, names: Comparison | None, reason: str
) -> None:
    verdict = judge(learned, search, names)

    assert not verdict.promote
    assert reason in verdict.reason


def test_an_adaptation_is_judged_by_the_whole_search(materials: Materials) -> None:
    def run(trial: ScriptedTrial) -> Adaptation:
        return adapt(materials, trial, silent, replace(OPTIONS, learning_rate=0.01, epochs=12, patience=12))

    better, worse = run(ScriptedTrial(2, 1)), run(ScriptedTrial(1, 2))

    assert better.trained.after > better.trained.before
    assert (better.verdict.promote, worse.verdict.promote) == (True, False)
