"""The measures of investigations: grades, ablations, and the folder that they are written to."""

import dataclasses
import json
import re
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from api.investigation.observations import SourceClass
from evals.investigation import main
from evals.investigation_ablations import ABLATIONS, Ablated, Ablation, ablated
from evals.investigation_cases import Case, kept, report_on
from evals.investigation_grades import Answer, answers, group, summary
from evals.investigation_memory import growth
from evals.investigation_models import Models, fit_models
from evals.investigation_report import Measures, curves, markdown, text, write
from ingest.errors import UsageError
from tests.evals.incident_cases import incident_cases

COUNT = 24


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return incident_cases(tmp_path_factory.mktemp("cases"), COUNT)


@pytest.fixture(scope="module")
def cases(folder: Path) -> list[Case]:
    return list(report_on([folder / "shop"], lambda *_: None))


@pytest.fixture(scope="module")
def models(cases: list[Case]) -> Models:
    return fit_models(cases, "here")


def _answer(number: int, **given: object) -> Answer:
    right = number % 4 != 0
    whole = Answer(
        set="shop", name=f"c{number}", term="cpu", mix="metric+trace", healthy=False, baseline=True,
        rank=1 if right else 3, kind_right=right, state="likely", confidence=0.8 if right else 0.3,
        kind_confidence=None, cause="cart", gaps=1, seconds=0.5 + number / 100, peak=number * 1_000_000,
    )  # fmt: skip
    return dataclasses.replace(whole, **given)  # type: ignore[arg-type]  # names are those of the fields


def test_a_group_tells_each_measure_with_an_interval_around_it() -> None:
    found = group("shop", [_answer(number) for number in range(40)])

    assert (found.n, found.ac1.value, found.ac3.value) == (40, 0.75, 1.0)
    assert found.ac1.low < 0.75 < found.ac1.high
    assert found.mrr.value == pytest.approx(0.75 + 0.25 / 3)
    assert found.auroc is not None
    assert found.auroc.value == 1.0
    assert found.brier is not None
    assert found.brier.value == pytest.approx(0.75 * 0.04 + 0.25 * 0.09)
    assert found.coverage.value == pytest.approx(0.75)


def test_a_right_component_that_is_not_ranked_is_right_nowhere() -> None:
    found = group("shop", [_answer(number, rank=0) for number in range(6)])

    assert (found.ac1.value, found.ac5.value, found.mrr.value) == (0.0, 0.0, 0.0)
    assert found.auroc is None


def test_healthy_windows_and_those_without_a_baseline_are_told_apart_from_the_graded() -> None:
    graded = [_answer(number) for number in range(8)]
    healthy = _answer(8, healthy=True, rank=0, state="confirmed")
    bare = _answer(9, baseline=False, state="inconclusive")
    report = summary([*graded, healthy, bare])

    assert report.pooled.n == 8
    assert (report.healthy, report.healthy_withheld, report.healthy_confirmed) == (1, 0, 1)
    assert (report.no_baseline, report.no_baseline_withheld) == (1, 1)
    assert report.confirmed_wrong_count == 1
    assert [(one.set, one.n) for one in report.costs] == [("shop", 10)]


def test_mixes_of_sources_are_told_apart() -> None:
    report = summary([_answer(number, mix="metric" if number < 3 else "metric+log") for number in range(8)])

    assert [(one.name, one.n) for one in report.mixes] == [("metric", 3), ("metric+log", 5)]


def test_a_case_tells_what_it_has_and_what_it_cost(cases: list[Case]) -> None:
    assert len(cases) == COUNT
    assert {one.mix for one in cases} == {"metric+log+trace"}
    assert all(one.peak is None or one.peak >= 0 for one in cases)
    assert all(one.seconds > 0 for one in cases)


def test_memory_is_measured_above_what_was_there_before() -> None:
    with growth() as found:
        numbers = np.ones(8_000_000)
    with growth() as little:
        pass

    assert len(numbers) == 8_000_000
    if found.peak is not None and little.peak is not None:  # systems without /proc can't tell
        assert found.peak > 60_000_000
        assert little.peak < 20_000_000


def test_each_ablation_names_its_gap_and_keeps_the_cases_in_pairs(
    folder: Path, cases: list[Case], models: Models
) -> None:
    def look(ablation: Ablation, names: frozenset[str]) -> list[Case]:
        few = report_on(
            [folder / "shop"], lambda *_: None, without=ablation.hidden, guilty_hidden=ablation.cause, only=names
        )
        return list(few)

    found = {one.name: one for one in ablated(cases[:4], models, look)}

    assert set(found) == {one.name for one in ABLATIONS} - {"no changes"}
    assert all((one.n, one.gaps_named, one.not_named) == (4, 4, ()) for one in found.values())
    assert all(one.wrong == 0 for one in found.values())
    hidden = found["component at fault hidden"]
    assert hidden.ac1 is not None
    assert hidden.ac1_before is not None
    assert hidden.ac1.value < hidden.ac1_before.value
    assert hidden.confirmed < hidden.confirmed_before


def test_an_ablation_that_is_not_told_of_is_counted_so(cases: list[Case], models: Models) -> None:
    silent = [dataclasses.replace(one, gaps=()) for one in cases[:3]]
    found = ablated(silent, models, lambda _, names: [one for one in silent if one.name in names])

    assert {one.gaps_named for one in found} == {0}
    assert all(len(one.not_named) == 3 for one in found)


def test_only_one_source_is_about_cases_that_have_it_and_another(cases: list[Case]) -> None:
    only = next(one for one in ABLATIONS if one.name == "only metrics")
    metrics = dataclasses.replace(cases[0], sources=(SourceClass.METRIC,))
    logs = dataclasses.replace(cases[0], sources=(SourceClass.LOG, SourceClass.TRACE))

    assert only.concerns(cases[0])
    assert not only.concerns(metrics)
    assert not only.concerns(logs)


def test_a_folder_has_tables_numbers_and_drawings(tmp_path: Path) -> None:
    found = [_answer(number) for number in range(20)]
    measures = Measures(summary(found), (_ablated(),))
    write(measures, tmp_path / "out")

    page = (tmp_path / "out" / "report.md").read_text(encoding="utf-8")
    kept_numbers = json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))
    assert "## With a part hidden" in page
    assert "confirmed and wrong in c1" in page
    assert kept_numbers["report"]["pooled"]["n"] == 20
    drawings = re.findall(r"!\[(.+?)\]", page)
    assert all((tmp_path / "out" / name).read_text(encoding="utf-8").startswith("<svg") for name in drawings)
    assert [one.name for one in curves(found)] == ["Reliability", "Risk and coverage"]
    assert "no traces" in text(measures)
    assert "|" in markdown(measures)


def test_a_folder_that_can_not_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(UsageError, match="give another folder"):
        write(Measures(summary([_answer(number) for number in range(6)])), tmp_path / "file")


def test_kept_cases_are_used_again_and_those_of_another_form_refused(cases: list[Case], tmp_path: Path) -> None:
    import pickle

    file, old = tmp_path / "k" / "cases.pkl", tmp_path / "old.pkl"
    kept(file, lambda: iter(cases[:2]))
    old.write_bytes(pickle.dumps([1, 2]))

    assert [one.name for one in kept(file, lambda: iter(()))] == [one.name for one in cases[:2]]
    with pytest.raises(UsageError, match="another version"):
        kept(old, lambda: iter(()))


def test_the_command_reports_and_refuses_what_it_can_not_do(folder: Path, cases: list[Case], tmp_path: Path) -> None:
    file = tmp_path / "kept.pkl"
    kept(file, lambda: iter(cases))
    plain = ["--cases", str(folder), "--keep", str(file)]
    done = CliRunner().invoke(main, [*plain, "--json", str(tmp_path / "r.json"), "--report", str(tmp_path / "out")])
    both = CliRunner().invoke(main, [*plain, "--ablations", "--hide-cause"])
    wrong = CliRunner().invoke(main, [*plain, "--without", "guesses"])

    assert done.exit_code == 0, done.output
    assert f"pooled over {COUNT}" in done.output
    assert json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))["report"]["pooled"]["n"] == COUNT
    assert (tmp_path / "out" / "report.md").is_file()
    assert (both.exit_code, wrong.exit_code) == (2, 2)
    assert "guesses" in wrong.output


def test_models_of_a_case_never_saw_its_pair(cases: list[Case], models: Models) -> None:
    assert set(models.unseen) == {one.name for one in cases}
    assert all(models.of(one)[0].origin.startswith("without fold") for one in cases)
    assert len(answers(cases[:2], models)) == 2


def _ablated() -> Ablated:
    change = summary([_answer(number) for number in range(6)]).pooled.ac1
    return Ablated("no traces", 4, 4, 3, ("c2",), change, change, 2, 1, change, 0, 1, ("c1",))
