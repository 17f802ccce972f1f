"""Kind, status, services, owners and date of a document; the most explicit statement wins."""

from datetime import UTC, datetime

import pytest

from ingest.classification import Classification, classify
from ingest.knowledge.documents import DocumentKind, DocumentStatus
from ingest.parsing.markdown import parse_markdown

RUNBOOK, ARCHITECTURE, POSTMORTEM, REFERENCE = (
    DocumentKind.RUNBOOK,
    DocumentKind.ARCHITECTURE,
    DocumentKind.POSTMORTEM,
    DocumentKind.REFERENCE,
)


@pytest.mark.parametrize(
    ("path", "text", "kind", "reason"),
    [
        ("runbooks/a.md", "---\nkind: postmortem\n---\nx", POSTMORTEM, "front matter kind: postmortem"),
        ("a.md", "---\ntype: Runbooks\n---\nx", RUNBOOK, "front matter type: Runbooks"),
        ("a.md", "---\ncategory: process\n---\nx", REFERENCE, "front matter category: process"),
        ("ops/Runbooks/a.md", "x", RUNBOOK, "path has 'runbook'"),
        ("docs/adr/0001.md", "x", ARCHITECTURE, "path has 'adr'"),
        ("2024/post-mortem-db.md", "x", POSTMORTEM, "path has 'post-mortem'"),
        ("incidents/runbook.md", "x", POSTMORTEM, "path has 'incidents'"),
        (
            "a.md",
            "# A\n## Timeline\nx\n## Root cause\nx\n## Impact\nx",
            POSTMORTEM,
            "3 headings typical of a postmortem",
        ),
        ("a.md", "# A\n## Diagnosis\nx\n## Mitigation\nx", RUNBOOK, "2 headings typical of a runbook"),
        ("a.md", "# A\n## Impact\nx", REFERENCE, "nothing says otherwise"),
    ],
)
def test_the_kind_and_what_settled_it(path: str, text: str, kind: DocumentKind, reason: str) -> None:
    found = classified(path, text)

    assert (found.kind, found.reason) == (kind, reason)


def test_the_word_of_a_person_wins_over_everything() -> None:
    found = classified("runbooks/a.md", "---\nkind: runbook\n---\nx", kind=ARCHITECTURE)

    assert (found.kind, found.reason) == (ARCHITECTURE, "set by a person")


@pytest.mark.parametrize(
    ("path", "text", "status"),
    [
        ("a.md", "Plain.", DocumentStatus.CURRENT),
        ("a.md", "---\nstatus: Deprecated\n---\nx", DocumentStatus.DEPRECATED),
        ("a.md", "---\nstatus: wip\n---\nx", DocumentStatus.DRAFT),
        ("a.md", "---\nsuperseded_by: b.md\n---\nx", DocumentStatus.SUPERSEDED),
        ("a.md", "---\ndraft: true\n---\nx", DocumentStatus.DRAFT),
        ("archive/a.md", "x", DocumentStatus.DEPRECATED),
        ("a.md", "# A\n\nThis runbook has been superseded by b.\n", DocumentStatus.SUPERSEDED),
        ("a.md", "# A\n\n**Deprecated:** use b.\n", DocumentStatus.DEPRECATED),
        ("a.md", "# A\n\nThe deprecated flag is set by the API server.\n", DocumentStatus.CURRENT),
        ("a.md", "# A\n\n" + "word " * 300 + "This page is obsolete.", DocumentStatus.CURRENT),
    ],
)
def test_the_status_is_what_the_document_says_at_its_head(path: str, text: str, status: DocumentStatus) -> None:
    assert classified(path, text).status is status


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("a.md", "---\nupdated: 2024-05-06\n---\nx", datetime(2024, 5, 6, tzinfo=UTC)),
        ("a.md", '---\nlast_reviewed: "2024-05-06T07:08:09+00:00"\n---\nx', datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)),
        ("a.md", "---\nupdated: soon\ndate: 2023-01-02\n---\nx", datetime(2023, 1, 2, tzinfo=UTC)),
        ("2022-03-04-outage.md", "x", datetime(2022, 3, 4, tzinfo=UTC)),
        ("2022-13-44-odd.md", "x", datetime(2020, 1, 1, tzinfo=UTC)),
        ("a.md", "x", datetime(2020, 1, 1, tzinfo=UTC)),
    ],
)
def test_the_date_is_that_of_front_matter_then_file_name_then_source(path: str, text: str, expected: datetime) -> None:
    assert classified(path, text).updated_at == expected


def test_services_and_owners_are_lists_or_words_with_commas() -> None:
    found = classified("a.md", "---\nservices: [checkout, cart, checkout]\nteam: sre, payments\n---\nx")

    assert (found.services, found.owners) == (("checkout", "cart"), ("sre", "payments"))


@pytest.mark.parametrize("front", ["kind: [runbook]", "services: {a: 1}", "status: 7", "updated: [1]", "owner: null"])
def test_front_matter_of_unexpected_types_is_passed_over(front: str) -> None:
    found = classified("a.md", f"---\n{front}\n---\nText.")

    assert found == classified("a.md", "Text.")


def classified(path: str, text: str, kind: DocumentKind | None = None) -> Classification:
    return classify(path, parse_markdown(text), kind=kind, modified=datetime(2020, 1, 1, tzinfo=UTC))
