"""The benchmark of runbook links counts right, wrong and missing resolutions, and false ones."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from evals.runbook_links import Expected, LinkedAlert, labels, linked_alerts, listed_documents, main, measure
from ingest.errors import UsageError

_RULES = """
groups:
- name: shop
  rules:
  - record: job:up
    expr: up
  - alert: CartDown
    expr: up == 0
    annotations: {runbook_url: "https://shop.example.org/runbooks/CartDown"}
  - alert: NoLink
    expr: up == 0
"""


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    for path in ("corpus/shop/runbooks/CartDown.md", "corpus/disk/DiskFull.md"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("# x\n")
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "shop.yaml").write_text(_RULES)
    (tmp_path / "questions").mkdir()
    label = {
        "alert": "CartDown",
        "runbook_url": "https://shop.example.org/runbooks/CartDown",
        "doc_path": "shop/runbooks/CartDown.md",
    }
    (tmp_path / "questions" / "alert_runbook.jsonl").write_text(json.dumps(label) + "\n")
    return tmp_path


def test_a_link_that_leads_to_its_document_is_right(shared: Path) -> None:
    known = labels(shared / "questions" / "alert_runbook.jsonl")

    whole, house = measure(linked_alerts(shared / "rules"), listed_documents(shared / "corpus"), known)

    assert (whole.alerts, whole.ingested, whole.right) == (1, 1, 1)
    assert (whole.wrong, whole.unresolved, whole.false_when_absent) == ((), (), ())
    assert house.house == "shop"


def test_a_link_that_leads_elsewhere_is_wrong_and_false(shared: Path) -> None:
    alert = LinkedAlert("shop.yaml", "CartDown", "https://shop.example.org/runbooks/CartDown")
    known = {(alert.name, alert.url): Expected("disk/DiskFull.md", frozenset())}

    whole = measure([alert], listed_documents(shared / "corpus"), known)[0]

    assert [miss.found for miss in whole.wrong] == ["shop/runbooks/CartDown.md"]
    assert len(whole.false_when_absent) == 1


def test_an_alert_without_a_label_is_an_error(shared: Path) -> None:
    with pytest.raises(UsageError, match="'Other'"):
        measure([LinkedAlert("x.yaml", "Other", "x.md")], listed_documents(shared / "corpus"), {})


def test_the_command_prints_the_table(shared: Path) -> None:
    result = CliRunner().invoke(main, ["--shared", str(shared)])

    assert result.exit_code == 0
    assert "false if absent" in result.output


def test_a_folder_that_is_not_there_ends_with_exit_code_two(tmp_path: Path) -> None:
    assert CliRunner().invoke(main, ["--shared", str(tmp_path)]).exit_code == 2
