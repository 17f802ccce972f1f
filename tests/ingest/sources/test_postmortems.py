"""Postmortems kept as records: what is one, how it reads, and files that are broken or something else."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingest.errors import UsageError
from ingest.parsing.markdown import parse_markdown
from ingest.sources.postmortems import PostmortemsSource
from tests.ingest.sources.archives import RECORD


def read(folder: Path, **files: str) -> dict[str, str]:
    """Return the documents of a folder of these files by path; `__` in a name stands for a dot."""
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)
    source = PostmortemsSource(name="past", path=folder)
    return {entry.path: source.fetch(entry.path).decode() for entry in source.snapshot().entries if not entry.problem}


def test_a_record_reads_as_markdown_with_short_fields_in_a_list_and_long_ones_under_headings(tmp_path: Path) -> None:
    text = read(tmp_path, a__json=json.dumps(RECORD))["a.json.md"]

    assert text == (
        "---\nkind: postmortem\ntitle: Example Shop, Checkout, 2026-05-04\ndate: '2026-05-04'\n---\n\n"
        "# Example Shop, Checkout, 2026-05-04\n\n"
        "## Facts\n\n- Company: Example Shop\n- Product: Checkout\n- Date: 2026-05-04\n- Keywords: database, failover\n"
        "- Url: https://shop.example/blog/outage\n\n"
        "## Summary\n\nThe checkout was down for 40 minutes after a failover.\n"
    )
    assert parse_markdown(text).metadata["kind"] == "postmortem"


def test_yaml_and_json_of_the_same_record_read_the_same(tmp_path: Path) -> None:
    found = read(tmp_path, a__json=json.dumps(RECORD), b__yaml=json.dumps(RECORD))

    assert found["a.json.md"] == found["b.yaml.md"]


def test_timelines_and_actions_become_lists(tmp_path: Path) -> None:
    record = {
        **RECORD,
        "title": "Checkout outage",
        "timeline": [{"at": "10:00", "what": "Alert fired"}, {"at": "10:40", "what": "Rolled back"}],
        "action_items": ["Add a test", "Write the runbook\nand link it"],
        "impact": {"users": 1200, "regions": ["eu", "us"], "lost": None, "data loss": False},
    }

    text = read(tmp_path, a__json=json.dumps(record))["a.json.md"]

    assert "# Checkout outage\n" in text
    assert "## Timeline\n\n- At: 10:00; What: Alert fired\n- At: 10:40; What: Rolled back\n" in text
    assert "## Action items\n\n- Add a test\n- Write the runbook\n  and link it\n" in text
    assert "## Impact\n\n- Users: 1200\n- Regions: eu, us\n- Lost: \n- Data loss: no" in text


def test_each_record_of_a_list_is_listed_with_what_it_says_of_itself(tmp_path: Path) -> None:
    (tmp_path / "all.json").write_text(json.dumps({"postmortems": [{**RECORD, "uuid": "A 1"}, RECORD, RECORD, 5]}))

    entries = PostmortemsSource(name="past", path=tmp_path).snapshot().entries

    assert entries[0].path == "all.json/a-1.md"
    assert len({entry.path for entry in entries}) == 3
    assert {entry.url for entry in entries} == {"https://shop.example/blog/outage"}
    assert {entry.labels for entry in entries} == {("database", "failover")}
    assert {entry.updated_at for entry in entries} == {datetime(2026, 5, 4, tzinfo=UTC)}


def test_a_prefix_wins_over_the_address_of_a_record(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(RECORD))

    (entry,) = PostmortemsSource(name="past", path=tmp_path, url_prefix="https://git.example/x").snapshot().entries

    assert entry.url == "https://git.example/x/a.json"


def test_front_matter_is_repeated_below_the_text_whose_lines_stay_where_they_are(tmp_path: Path) -> None:
    stated = "---\ncompany: Bank\nkeywords: [ledger]\ndate: 2025-01-02\nstatus: draft\n---\n\nThe ledger stalled.\n"

    text = read(tmp_path, b__md=stated)["b.md"]

    assert text.startswith(stated.rstrip())
    assert text.endswith("stalled.\n\n## Facts\n\n- Company: Bank\n- Date: 2025-01-02\n")


def test_a_markdown_file_without_a_heading_takes_its_title_from_the_front_matter(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("---\ncompany: Bank\ndate: 2025-01-02\n---\nText.\n")
    (tmp_path / "b.md").write_text("---\ncompany: Bank\n---\n# The ledger\n")
    (tmp_path / "c.md").write_text("No front matter.\n")

    entries = PostmortemsSource(name="past", path=tmp_path).snapshot().entries

    assert [entry.title for entry in entries] == ["Bank, 2025-01-02", None, None]


@pytest.mark.parametrize(
    "text",
    ['{"openapi": "3.0.0", "info": {"title": "x", "description": "y"}}', '{"a": 1}', "[]", '"word"', "[1, 2]", "null"],
)
def test_files_that_hold_no_record_are_listed_as_they_are(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, x__json=text) == {"x.json": text}


BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nsummary: *b\ncompany: x\n"


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("a.json", '{"company": "Shop", "summ', "is no JSON"),
        ("a.json", '{"a":' * 100_000, "is no JSON"),
        ("a.yaml", "company: [x\nsummary: y", "is no YAML"),
        ("a.yaml", BOMB, "it has an alias"),
        ("a.yaml", "- " * 5000, "is no YAML"),
    ],
    ids=["cut off", "deep", "broken", "bomb", "deep yaml"],
)
def test_a_broken_file_is_an_entry_with_its_problem(tmp_path: Path, name: str, text: str, told: str) -> None:
    (tmp_path / name).write_text(text)

    (entry,) = PostmortemsSource(name="past", path=tmp_path).snapshot().entries

    assert entry.path == f"{name}.md"
    assert entry.problem is not None
    assert told in entry.problem


def test_a_broken_list_makes_the_listing_partial_so_that_nothing_of_it_is_removed(tmp_path: Path) -> None:
    (tmp_path / "all.json").write_text('[{"company": "Shop", "summ')

    snapshot = PostmortemsSource(name="past", path=tmp_path).snapshot()

    assert not snapshot.complete
    assert "'all.json' is no JSON" in snapshot.problems[0]


def test_values_that_would_break_the_front_matter_do_not(tmp_path: Path) -> None:
    record = {**RECORD, "title": "a: b\n---\n# x \ud800 {y}", "summary": "---\nkind: runbook\n---"}

    text = read(tmp_path, a__json=json.dumps(record))["a.json.md"]

    assert parse_markdown(text).metadata == {"kind": "postmortem", "title": "a: b --- # x {y}", "date": "2026-05-04"}


def test_a_path_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file or folder"):
        PostmortemsSource(name="past", path=tmp_path / "gone")
