"""A run with another model configured changes the model first; who was started before neither breaks nor undoes it."""

from contextlib import closing

import pytest

from api.serving import ServedKnowledge
from ingest.building import Workshop
from ingest.care import verify
from ingest.errors import ModelMismatch
from ingest.model_change import FORMER_MODELS_NOTE
from ingest.pipeline import ingest, plan
from ingest.reembedding import reembed
from ingest.runs import Options
from tests.fakes import FakeSource
from tests.ingest.another_model import PAGES, embedded_by, states


def test_a_run_with_another_model_changes_it_first_and_goes_on(workshop: Workshop, other: Workshop) -> None:
    ingest(workshop, [FakeSource(PAGES), FakeSource({"a.md": "# A\n\nText.\n"}, name="untouched")])
    source = FakeSource(PAGES | {"cpu.md": "# CPU high\n\nUse `pidstat`.\n"})

    result = ingest(other, [source])

    assert source.fetched == ["cpu.md"]
    assert (result.generation, other.store.describe().model) == (3, "letters@2")
    assert result.embedded == len(embedded_by(other))
    assert [one.stage for one in result.stages] == ["re-embed", "discover", "read", "embed", "build"]
    assert "untouched/a.md" in states(other)
    assert all(one.passed for one in verify(other)), verify(other)


def test_a_rebuild_with_another_model_reads_everything_once(workshop: Workshop, other: Workshop) -> None:
    ingest(workshop, [FakeSource(PAGES)])

    result = ingest(other, [FakeSource(PAGES)], Options(rebuild=True))

    assert (result.generation, other.store.describe().model) == (2, "letters@2")


def test_what_a_run_would_do_names_what_is_cut_again_and_does_nothing(workshop: Workshop, other: Workshop) -> None:
    ingest(workshop, [FakeSource(PAGES | {"empty.md": ""})])

    (changes,) = plan(other, [FakeSource(PAGES | {"empty.md": ""})])

    assert {entry.path for entry in changes.to_cut} == set(PAGES)
    assert (changes.to_read, embedded_by(other), other.store.current()) == ((), [], 1)


def test_a_process_with_the_former_model_does_not_take_the_index_back(workshop: Workshop, other: Workshop) -> None:
    ingest(workshop, [FakeSource(PAGES)])
    ingest(other, [FakeSource(PAGES)])

    with pytest.raises(ModelMismatch, match=r"moved from 'fake@1' to 'letters@2'.*knowledge reembed"):
        ingest(workshop, [FakeSource(PAGES)])

    assert workshop.store.describe().model == "letters@2"


def test_a_person_can_go_back_on_purpose_and_forth_again(workshop: Workshop, other: Workshop) -> None:
    ingest(workshop, [FakeSource(PAGES)])
    reembed(other)

    back = reembed(workshop)
    assert (back.served.model, back.embedded, back.reused) == ("fake@1", 0, back.served.passages)
    assert workshop.manifest.archive.noted(FORMER_MODELS_NOTE) == '["letters@2"]'
    assert ingest(workshop, [FakeSource(PAGES)]).sources[0].unchanged == 6
    with pytest.raises(ModelMismatch):
        ingest(other, [FakeSource(PAGES)])


def test_an_api_with_the_old_model_serves_on_until_it_is_started_with_the_new_one(
    workshop: Workshop, other: Workshop
) -> None:
    ingest(workshop, [FakeSource(PAGES)])
    running = ServedKnowledge(workshop.store, workshop.embedder, check_every=0.0)
    with closing(running):
        with running.answering() as serving:
            assert serving.description.generation == 1
        reembed(other)
        for number in range(4):  # enough to prune the generation that it serves
            ingest(other, [FakeSource(PAGES | {"new.md": f"# New\n\nText {number}.\n"})])

        with running.answering() as serving:
            hits = serving.searcher.search("Find the process", limit=3)
        assert (serving.description.model, serving.description.generation) == ("fake@1", 1)
        assert any(hit.stored.document.path.endswith("cpu.md") for hit in hits)
        assert "letters@2" in running.state().notice
    with (
        closing(ServedKnowledge(other.store, other.embedder, check_every=0.0)) as restarted,
        restarted.answering() as serving,
    ):
        assert serving.description.generation == 6


def test_an_api_with_the_new_model_reads_and_searches_as_soon_as_the_index_was_changed(
    workshop: Workshop, other: Workshop
) -> None:
    ingest(workshop, [FakeSource(PAGES)])
    with closing(ServedKnowledge(other.store, other.embedder, check_every=0.0)) as restarted:
        with restarted.reading() as serving:
            assert len(serving.reader.documents()) == 6
        with pytest.raises(ModelMismatch, match=r"fake@1.*letters@2"), restarted.answering():
            pass

        reembed(other)

        with restarted.answering() as serving:
            assert serving.description.model == "letters@2"
