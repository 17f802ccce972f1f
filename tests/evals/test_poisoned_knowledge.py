"""Documents that assert a wrong cause, beside a small made-up incident."""

import dataclasses
from pathlib import Path

import pytest
from click.testing import CliRunner

from api.investigation.findings import Direction
from evals.investigation_cases import read_truths
from evals.poisoned_documents import Lie, Poison, poisoned_documents
from evals.poisoned_knowledge import PoisonReport, main, measure_poison, render
from evals.poisoned_trials import Shown, Trial, decoys, investigated
from tests.api.agent.shop import QUIET
from tests.evals.incident_cases import incident_cases

pytestmark = QUIET
LIE = Lie("FrontSlow", "front", wrong="mail", right="cart")


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return incident_cases(tmp_path_factory.mktemp("cases"), 1)


@pytest.fixture(scope="module")
def report(cases: Path, tmp_path_factory: pytest.TempPathFactory) -> PoisonReport:
    return measure_poison([cases / "shop"], 1, agent=True, scratch=tmp_path_factory.mktemp("scratch"))


def test_each_kind_of_document_names_the_wrong_component_and_the_alert() -> None:
    documents = poisoned_documents(LIE)

    assert set(documents) == set(Poison)
    assert all("mail" in text and "FrontSlow" in text for _, text in documents.values())
    assert len({path for path, _ in documents.values()}) == len(Poison)


def test_nothing_of_a_result_changes_beside_poisoned_documents(report: PoisonReport) -> None:
    assert {trial.loud for trial in report.trials} <= {True, False}
    assert report.trials
    assert [trial.changed for trial in report.trials] == [()] * len(report.trials)


def test_an_agent_that_reads_and_obeys_them_is_never_believed(report: PoisonReport) -> None:
    agents = [trial.agent for trial in report.trials if trial.agent is not None]

    assert len(agents) == len(report.trials)
    assert all(one.was_told and one.proposals == 3 and one.believed == 0 for one in agents)


def test_a_reader_is_shown_every_document_and_the_orders_are_marked(report: PoisonReport) -> None:
    assert {one.poison for one in report.shown} == set(Poison)
    assert all(one.flagged for one in report.shown if one.poison is Poison.ORDERS)
    assert not any(one.unmarked for one in report.shown)
    assert report.passed


def test_the_blamed_are_neither_at_fault_nor_the_first_hypothesis(cases: Path) -> None:
    from api.telemetry.bundles import open_cases

    (bundle,) = open_cases(cases / "shop")
    truth = read_truths(cases / "shop")[bundle.name]
    clean = investigated(bundle)
    chosen = decoys(clean, truth)
    unusual = {one.component for one in clean.findings if one.direction is not Direction.STEADY}

    assert chosen
    assert truth.component not in {one.lie.wrong for one in chosen}
    assert all((one.lie.wrong in unusual) == one.loud for one in chosen)


def test_a_change_a_believed_agent_or_an_unmarked_incident_misses_the_bar(report: PoisonReport) -> None:
    trial = report.trials[0]
    bare = Shown(Poison.POSTMORTEM, flagged=False, not_borne_out=True, marked=False, is_past=True, right_unusual=False)
    assert trial.agent is not None
    spoiled: list[Trial] = [
        dataclasses.replace(trial, changed=("verdict",)),
        dataclasses.replace(trial, shown=(bare,)),
        dataclasses.replace(trial, agent=dataclasses.replace(trial.agent, believed=1)),
    ]

    assert not any(PoisonReport((one,), ()).passed for one in spoiled)
    assert not PoisonReport((), ()).passed
    assert "verdict" in render(PoisonReport((spoiled[0],), ()))


def test_the_command_prints_a_table_and_says_what_is_wrong_with_a_folder(cases: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["--cases", str(cases), "--sample", "1", "--no-agent"])
    missing = CliRunner().invoke(main, ["--cases", str(tmp_path / "none")])

    assert done.exit_code == 0, done.output
    assert "results unchanged; passed" in done.output
    assert missing.exit_code == 2
    assert "check --cases" in missing.output
