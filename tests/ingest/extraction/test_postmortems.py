"""Postmortem fields by the headings and layouts of several houses."""

import pytest

from ingest.extraction.postmortem_headings import opens_other, part_of
from ingest.extraction.postmortems import find_postmortem_fields
from ingest.extraction.times import leading_time
from ingest.knowledge.documents import Document, DocumentKind
from ingest.knowledge.extracts import PostmortemField, PostmortemPart
from ingest.knowledge.spans import LineIndex
from tests.ingest.extraction.material import document_of, shown

_REPORT = """# Outage of carts

## Summary

Carts were gone for an hour.

## Root Causes

A full disk.

## Timeline (UTC)

- 10:02 - first page
- **10:15**: rollback starts
  - with notes

| Time | Event |
|---|---|
| 10:40 | carts are back |

## Lessons learned

### What went well

- The page came early.

## Action items

| Action | Owner |
|---|---|
| Grow the disk of the cart database | @ann |
| Alert at eighty percent | team-orders |
"""


def _report(text: str, path: str = "postmortems/2026.md", kind: DocumentKind = DocumentKind.POSTMORTEM) -> Document:
    return document_of(text, path, kind=kind)


def _fields(document: Document) -> list[PostmortemField]:
    return list(find_postmortem_fields(document, LineIndex.of(document.text)))


def test_each_part_is_found_under_its_heading() -> None:
    fields = _fields(_report(_REPORT))

    assert [field.part.value for field in fields] == [
        "summary",
        "root_cause",
        *["timeline"] * 3,
        *["action_item"] * 2,
    ]


def test_timeline_entries_of_lists_and_tables_carry_their_time() -> None:
    entries = [field for field in _fields(_report(_REPORT)) if field.part is PostmortemPart.TIMELINE]

    assert [(entry.at, entry.text) for entry in entries] == [
        ("10:02", "first page"),
        ("10:15", "rollback starts"),
        ("10:40", "carts are back"),
    ]


def test_action_items_name_their_owner() -> None:
    items = [field for field in _fields(_report(_REPORT)) if field.part is PostmortemPart.ACTION_ITEM]

    assert [(item.text, item.owner) for item in items] == [
        ("Grow the disk of the cart database", "@ann"),
        ("Alert at eighty percent", "team-orders"),
    ]


def test_a_field_is_cited_where_it_stands() -> None:
    document = _report(_REPORT)

    cause = next(field for field in _fields(document) if field.part is PostmortemPart.ROOT_CAUSE)

    assert shown(document, cause.span) == "A full disk."


def test_headings_that_are_times_hold_one_entry_each() -> None:
    text = "# X\n\n## Root cause\n\nDisk.\n\n## Timeline\n\n### 5:02 PM\n\nPaged.\n\n### 5:15 PM\n\nFixed.\n"

    entries = [field for field in _fields(_report(text)) if field.part is PostmortemPart.TIMELINE]

    assert [(entry.at, entry.text) for entry in entries] == [("5:02 PM", "Paged."), ("5:15 PM", "Fixed.")]


def test_bold_lines_and_labels_stand_for_headings() -> None:
    text = (
        "# X\n\n**Impact**: 300 customers could not pay.\n\n**Timeline**\n\n- 10:00 began\n\n"
        "**Root cause**\n\nA typo.\n"
    )

    parts = {field.part: field.text for field in _fields(_report(text))}

    assert parts[PostmortemPart.IMPACT] == "300 customers could not pay."
    assert parts[PostmortemPart.ROOT_CAUSE] == "A typo."
    assert parts[PostmortemPart.TIMELINE] == "began"


def test_blanks_of_a_template_are_no_fields() -> None:
    text = "# X\n\n## Root cause\n\nTBD\n\n## Detection\n\nNo comments added\n\n## Timeline\n\n- 10:00 began\n"

    assert {field.part for field in _fields(_report(text))} <= {PostmortemPart.TIMELINE}


def test_other_kinds_templates_and_playbooks_give_none() -> None:
    assert _fields(_report(_REPORT, kind=DocumentKind.RUNBOOK)) == []
    assert _fields(_report(_REPORT, "postmortems/TEMPLATE.md")) == []
    assert _fields(_report("# CI is red\n\n## Impact\n\nNo deploys.\n\n## Actions\n\n- Restart the runner now\n")) == []


@pytest.mark.parametrize(
    ("heading", "part"),
    [
        ("Root Cause(s)", "root_cause"),
        ("3. Contributing factors (findings)", "root_cause"),
        ("Customer impact", "impact"),
        ("How was it detected?", "detection"),
        ("Resolution and recovery", "resolution"),
        ("Timeline (all times in UTC)", "timeline"),
        ("Corrective and Preventative Measures", "action_item"),
        ("What happened", "summary"),
        ("Triggering event", "trigger"),
    ],
)
def test_synonyms_of_parts(heading: str, part: str) -> None:
    assert part_of(heading) == part


@pytest.mark.parametrize("heading", ["Lessons learned", "What went well?", "Appendix", "Where we got lucky"])
def test_headings_of_no_part(heading: str) -> None:
    assert opens_other(heading)
    assert part_of(heading) is None


@pytest.mark.parametrize(
    ("line", "at"),
    [
        ("10:02 - paged", "10:02"),
        ("**2026-01-02 10:02 UTC** paged", "2026-01-02 10:02 UTC"),
        ("12:45 PM PST Saturday Oct 30th: began", "12:45 PM PST Saturday Oct 30th"),
        ("[~14:00-14:30] slow", "14:00-14:30"),
        ("3 pods died", None),
        ("Monday was quiet", None),
    ],
)
def test_times_are_kept_as_written(line: str, at: str | None) -> None:
    found = leading_time(line, 0, len(line))

    assert (found.at if found else None) == at
