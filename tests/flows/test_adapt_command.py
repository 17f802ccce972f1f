"""The command `groundwatch knowledge adapt`: trained, tried, promoted only with reason, shown, undone, refused."""

import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from flows.command import ingest
from flows.knowledge_command import knowledge
from ingest.knowledge.adapter_store import AdapterDescription, AdapterScore, AdapterStore
from ingest.knowledge.query_adapter import QueryAdapter
from tests.ingest.adaptation.material import handbook


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a data directory with sixty runbooks."""
    parent = tmp_path_factory.mktemp("site")
    for path, text in handbook().items():
        file = parent / "wiki" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    environment = {"GROUNDWATCH_DATA_DIR": str(parent / "data")}
    outcome = CliRunner().invoke(ingest, [str(parent / "wiki"), "--direct"], env=environment)
    assert outcome.exit_code == 0, outcome.output
    return parent / "data"


def run(data: Path, *arguments: str) -> Result:
    return CliRunner().invoke(knowledge, ["adapt", *arguments], env={"GROUNDWATCH_DATA_DIR": str(data)})


def store_of(data: Path) -> AdapterStore:
    return AdapterStore(data / "knowledge" / "adapters")


def put_into_use(data: Path) -> None:
    """Put an adapter into use as a run does that won."""
    store = store_of(data)
    score = AdapterScore(measure="search", n=40, before=0.5, after=0.6, low=0.02, high=0.18)
    described = AdapterDescription(
        number=store.next_number(),
        base_model="all-MiniLM-L6-v2@53aa51172d14",
        dimension=4,
        rank=2,
        generation=1,
        trained_at=datetime(2026, 11, 23, tzinfo=UTC),
        seconds=12,
        pairs={"train": {"title": 120}},
        scores=(score,),
        cosine_before=0.5,
        cosine_after=0.5,
        verdict="over unseen questions the whole search gains +0.100",
    )
    adapter = QueryAdapter(described.base_model, np.zeros((4, 2), np.float32), np.zeros((2, 4), np.float32))
    store.save(adapter, described)
    store.promote(described.number)


@pytest.mark.model
@pytest.mark.slow
def test_a_dry_run_trains_and_tries_and_puts_nothing_into_use(site: Path) -> None:
    outcome = run(site, "--dry-run", "--json")

    assert outcome.exit_code == 0, outcome.output
    record = json.loads(outcome.stdout)
    assert record["promoted"] is None
    assert record["pairs"]["train"]["title"] > 20
    assert record["dense"][0]["n"] == sum(record["pairs"]["test"].values())
    assert record["reason"]
    assert store_of(site).current() is None
    assert not list((site / "knowledge").glob("apart-*"))


@pytest.mark.model
@pytest.mark.slow
def test_a_run_says_what_it_measured_and_whether_it_is_used(site: Path) -> None:
    outcome = run(site, "--quiet")

    assert outcome.exit_code == 0, outcome.output
    assert "tried on" in outcome.stdout
    used = store_of(site).current()
    assert ("is in use" if used is not None else "Not put into use") in outcome.stdout
    assert outcome.stderr == ""


def test_without_an_adapter_the_status_says_so(tmp_path: Path) -> None:
    outcome = run(tmp_path, "--status")

    assert outcome.exit_code == 0
    assert outcome.stdout.startswith("No adapter is in use")


def test_the_status_of_an_adapter_gives_its_scores_and_what_undoing_does(tmp_path: Path) -> None:
    put_into_use(tmp_path)

    text, record = run(tmp_path, "--status").stdout, json.loads(run(tmp_path, "--status", "--json").stdout)

    assert "0.500 to 0.600 (change +0.020 to +0.180)" in text
    assert "goes back to no adapter" in text
    assert record["adapter"]["scores"][0]["low"] == 0.02


def test_undoing_takes_the_adapter_out_of_use_and_a_second_time_is_wrong_use(tmp_path: Path) -> None:
    put_into_use(tmp_path)

    undone, again = run(tmp_path, "--undo"), run(tmp_path, "--undo")

    assert undone.exit_code == 0
    assert undone.stdout.startswith("No adapter is in use any more")
    assert again.exit_code == 2
    assert "nothing to undo" in again.stderr


def test_before_the_first_ingest_there_is_nothing_to_adapt_to(tmp_path: Path) -> None:
    outcome = run(tmp_path)

    assert outcome.exit_code == 1
    assert "nothing was ingested" in outcome.stderr


@pytest.mark.model
def test_too_few_documents_are_said_with_the_next_step(tmp_path: Path) -> None:
    (tmp_path / "one.md").write_text("# Mending the disk by hand\n\nText of it.\n")
    environment = {"GROUNDWATCH_DATA_DIR": str(tmp_path / "data")}
    assert CliRunner().invoke(ingest, [str(tmp_path / "one.md"), "--direct"], env=environment).exit_code == 0

    outcome = run(tmp_path / "data")

    assert outcome.exit_code == 1
    assert "at least 100 are needed; ingest more documents" in outcome.stderr


def test_two_wishes_at_once_are_wrong_use(tmp_path: Path) -> None:
    assert run(tmp_path, "--undo", "--dry-run").exit_code == 2


def test_another_run_meanwhile_is_told_to_wait(tmp_path: Path) -> None:
    with store_of(tmp_path).training():
        outcome = run(tmp_path)

    assert outcome.exit_code == 1
    assert "training an adapter" in outcome.stderr
