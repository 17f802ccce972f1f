"""Alerts are found where alerts stand, and kinds of objects are none."""

import pytest

from ingest.extraction.alerts import find_alerts
from ingest.knowledge.documents import Document, DocumentKind
from ingest.knowledge.spans import LineIndex
from tests.ingest.extraction.material import document_of, shown


def _names(document: Document) -> list[tuple[str, bool]]:
    return [(each.name, each.heading) for each in find_alerts(document, LineIndex.of(document.text))]


def test_a_runbook_titled_by_an_alert_is_about_it() -> None:
    document = document_of("# KubePodCrashLooping\n\nText.\n", "alerts/KubePodCrashLooping.md")

    (mention,) = find_alerts(document, LineIndex.of(document.text))

    assert mention.heading
    assert shown(document, mention.span) == "KubePodCrashLooping"


def test_an_alert_in_brackets_in_the_title_of_a_runbook_counts() -> None:
    document = document_of("# Checkout is slow (CheckoutLatencyHigh)\n\nText.\n", "runbooks/checkout.md")

    assert _names(document) == [("CheckoutLatencyHigh", True)]


def test_labels_rules_and_queries_name_alerts() -> None:
    text = '# Page\n\n`alertname: DiskFull`, `ALERTS{alertname="NodeDown"}`\n\n```yaml\n- alert: CartDown\n```\n'

    assert _names(document_of(text, "notes.md", kind=DocumentKind.REFERENCE)) == [
        ("DiskFull", False),
        ("NodeDown", False),
        ("CartDown", False),
    ]


def test_a_list_under_a_heading_alerts_names_them() -> None:
    text = "# Shop\n\n## Alerts\n\n- `CartErrorsHigh`: too many errors\n- ConfigMap\n"

    assert _names(document_of(text, "notes.md", kind=DocumentKind.REFERENCE)) == [("CartErrorsHigh", False)]


def test_the_first_column_of_a_runbook_table_names_alerts() -> None:
    text = "# Runbook\n\n| Name | Summary |\n|---|---|\n| ThanosCompactHalted | It stopped. |\n"

    assert _names(document_of(text, "mixin/runbook.md")) == [("ThanosCompactHalted", False)]


@pytest.mark.parametrize("title", ["StatefulSet", "PostgreSQL", "ConfigMap", "GitHub", "NetworkPolicy"])
def test_kinds_and_products_are_no_alerts(title: str) -> None:
    assert _names(document_of(f"# {title}\n\nText.\n", f"runbooks/{title}.md")) == []


def test_a_camel_case_title_outside_runbooks_is_no_alert() -> None:
    document = document_of("# EventRateLimit\n\nText.\n", "docs/admission.md", kind=DocumentKind.REFERENCE)

    assert _names(document) == []
