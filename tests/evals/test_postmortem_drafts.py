"""The measure of drafts: recorded incidents are drafted and checked, and what is no bundle is passed over."""

from pathlib import Path

from click.testing import CliRunner

from evals.postmortem_drafts import main, measure
from tests.evals.incident_cases import incident_cases


def test_each_incident_is_drafted_and_checked(tmp_path: Path) -> None:
    cases = incident_cases(tmp_path, 2)

    done = CliRunner().invoke(main, ["--cases", str(cases)])

    assert done.exit_code == 0, done.output
    assert "2 drafts, " in done.output
    assert "numbers that nothing cited holds 0, gaps left out 0" in done.output


def test_a_folder_that_is_no_bundle_is_passed_over(tmp_path: Path) -> None:
    assert measure(tmp_path) is None
    assert CliRunner().invoke(main, ["--cases", str(tmp_path)]).exit_code == 1
