"""A disk that is full at any step of a run costs that run only: what was served still is."""

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from evals.fault_moments import Moment
from ingest.building import Workshop
from ingest.errors import StorageFailed
from ingest.knowledge.edge_store import EdgeStore
from ingest.pipeline import ingest
from tests.fakes import FakeSource
from tests.ingest.dying_run import workshop

OLD = {"a.md": "# A\n\nOld text.\n", "b.md": "# B\n\nText.\n"}
NEW = OLD | {"a.md": "# A\n\nNew text.\n", "c.md": "# C\n\nText.\n"}

STEPS = [
    "before embed",
    "before begin",
    "before delete",
    "after add",
    "before finish",
    "after finish",
    "before stage",
    "after stage",
    "before promote",
]


@pytest.mark.parametrize("step", STEPS)
def test_a_full_disk_leaves_what_was_served_and_the_next_run_completes(step: str, knowledge: Path) -> None:
    with closing(workshop(knowledge)) as opened:
        ingest(opened, [FakeSource(OLD)])

    def refuse() -> None:
        raise StorageFailed(f"no space left {step}")

    full_disk = Moment.of(f"{step} 1", refuse)
    with closing(workshop(knowledge, full_disk)) as full, pytest.raises(StorageFailed, match=step):
        ingest(full, [FakeSource(NEW)])
    with closing(workshop(knowledge)) as opened:
        before = served(opened)

        result = ingest(opened, [FakeSource(NEW)])

        assert before == OLD
        assert (result.generation, served(opened)) == (2, NEW)


def test_a_store_without_room_is_told_with_numbers_and_the_run_can_be_repeated(knowledge: Path) -> None:
    with closing(workshop(knowledge)) as opened:
        ingest(opened, [FakeSource(OLD)])
        crowded = replace(opened, store=EdgeStore(knowledge, 32, free=lambda _: 1 << 20))

        with pytest.raises(StorageFailed, match=r"1 MiB free and \d+ MiB are needed"):
            ingest(crowded, [FakeSource(NEW)])

        assert ingest(opened, [FakeSource(NEW)]).generation == 2


def served(opened: Workshop) -> dict[str, str]:
    with closing(opened.store.open()) as reader:
        documents = [reader.document(facts.id) for facts in reader.documents()]
        return {one.facts.path: one.text for one in documents if one is not None}
