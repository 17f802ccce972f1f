"""What a sync would do: every path, by what would happen to it, and nothing done."""

from flows.sync_plan import plan_lines, plan_record
from ingest.building import Workshop
from ingest.pipeline import ingest, plan
from ingest.runs import Options
from tests.fakes import FakeSource

BEFORE = {"a.md": "# A\n\nText.\n", "b.md": "# B\n\nText.\n", "c.md": "# C\n\nText.\n", "bad.md": ""}


def test_every_path_is_listed_by_what_would_happen_to_it(workshop: Workshop) -> None:
    ingest(workshop, [FakeSource(BEFORE)])
    after = {name: text for name, text in BEFORE.items() if name != "c.md"} | {
        "b.md": "# B\n\nOther text.\n",
        "d.md": "# D\n",
    }

    changes = plan(workshop, [FakeSource(after)], Options(retry_failed=True))

    assert plan_record(changes) == {
        "sources": [
            {
                "source": "wiki",
                "added": ["d.md"],
                "changed": ["b.md"],
                "removed": ["c.md"],
                "retried": ["bad.md"],
                "cut_again": [],
                "unchanged": 1,
            }
        ]
    }
    assert list(plan_lines(changes)) == [
        "wiki: 1 added, 1 changed, 1 removed, 1 retried, 0 cut again, 1 unchanged",
        "  + d.md",
        "  ~ b.md",
        "  - c.md",
        "  ! bad.md",
    ]


def test_a_plan_writes_nothing(workshop: Workshop) -> None:
    ingest(workshop, [FakeSource(BEFORE)])
    rows, generation = workshop.manifest.rows(), workshop.store.current()

    plan(workshop, [FakeSource({})], Options(confirm_deletions=True))

    assert (workshop.manifest.rows(), workshop.store.current()) == (rows, generation)
    assert len(workshop.manifest.runs.latest()) == 1
