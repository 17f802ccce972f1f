"""The command that investigates a recorded incident, over stand-ins for the bundle and the investigator."""

import json
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from api.commands.investigate import SENDERS, investigate, investigate_command
from api.commands.investigation_ways import Means
from api.errors import TelemetryUnreadable
from api.exports.investigation_report import report_markdown
from api.incidents.payloads import senders
from api.investigating.following import send_bundle
from api.investigation.investigations import Stage, Step
from api.investigation.observations import SourceClass
from api.investigation.verdicts import Verdict, VerdictState
from api.schemas.investigation_forms import to_result
from api.schemas.investigation_runs import InvestigationDetail, InvestigationRequest, InvestigationSummary
from api.schemas.investigations import InvestigationResult, ObservationDetail
from ingest.errors import StorageFailed, UsageError
from tests.api.investigated import CPU, FakeInvestigator, FakeOpener, Refusal, investigation
from tests.api.investigating.followed_api import FakeApi, ending


def _run(*arguments: str, investigator: FakeInvestigator | None = None) -> Result:
    chosen = investigator or FakeInvestigator()
    command = investigate_command(Means(FakeOpener(), lambda: chosen))
    return CliRunner().invoke(command, list(arguments), standalone_mode=False)


@pytest.fixture
def bundle(tmp_path: Path) -> str:
    (tmp_path / "night").mkdir()
    return str(tmp_path / "night")


def test_the_report_goes_to_standard_output_and_the_steps_to_standard_error(bundle: str) -> None:
    result = _run(bundle)

    assert result.exit_code == 0
    assert result.stdout == report_markdown(investigation(title="Incident night"))
    assert result.stderr.splitlines() == [
        "query       metrics: looks at metrics",
        "query       metrics: cart stands out",
        "verdict     settled",
    ]


def test_the_whole_result_can_be_had_as_json(bundle: str) -> None:
    result = _run(bundle, "--json")

    assert InvestigationResult.model_validate_json(result.stdout).verdict.state is VerdictState.LIKELY


def test_an_inconclusive_verdict_has_an_exit_code_of_its_own(bundle: str) -> None:
    class Undecided(FakeInvestigator):
        def investigate(self, *given: object, **named: object) -> object:  # type: ignore[override]  # only its end differs
            return replace(investigation(), verdict=Verdict(VerdictState.INCONCLUSIVE, None))

    result = _run(bundle, investigator=Undecided())

    assert result.exit_code == 3 or result.return_value == 3
    assert "**Verdict: inconclusive.**" in result.stdout


def test_the_report_and_everything_can_be_written_to_files(bundle: str, tmp_path: Path) -> None:
    result = _run(bundle, "--report", str(tmp_path / "r.md"), "--export", str(tmp_path / "out"))

    assert result.stdout == ""
    assert (tmp_path / "r.md").read_text() == report_markdown(investigation(title="Incident night"))
    assert json.loads((tmp_path / "out" / "investigation.json").read_text())["version"] == 1
    rows = ObservationDetail.model_validate_json((tmp_path / "out" / "observations" / f"{CPU.id}.json").read_text())
    assert rows.query.source is SourceClass.METRIC
    assert f"(observations/{CPU.id}.json)" in (tmp_path / "out" / "report.md").read_text()


def test_the_same_bundle_exports_the_same_bytes(bundle: str, tmp_path: Path) -> None:
    for name in ("a", "b"):
        _run(bundle, "--export", str(tmp_path / name))

    files = [path.relative_to(tmp_path / "a") for path in (tmp_path / "a").rglob("*") if path.is_file()]
    assert len(files) == 6
    assert all((tmp_path / "a" / one).read_bytes() == (tmp_path / "b" / one).read_bytes() for one in files)


def test_a_folder_that_holds_something_is_not_written_over(bundle: str, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").touch()

    result = _run(bundle, "--export", str(tmp_path / "out"))

    assert isinstance(result.exception, UsageError)
    assert "is not empty" in str(result.exception)


def test_a_file_that_cannot_be_written_is_told(bundle: str, tmp_path: Path) -> None:
    result = _run(bundle, "--report", str(tmp_path / "no" / "r.md"))

    assert isinstance(result.exception, StorageFailed)


def test_what_fails_in_the_investigation_is_told_as_it_is(bundle: str) -> None:
    investigator = FakeInvestigator()
    investigator.error = Refusal("the spans are cut off; record them again")

    result = _run(bundle, investigator=investigator)

    assert isinstance(result.exception, Refusal)


def test_steps_cannot_steer_the_terminal(bundle: str) -> None:
    result = _run(bundle, investigator=FakeInvestigator(("\x1b[31mred\x07",)))

    assert "\x1b" not in result.stderr


def test_observations_and_findings_are_shown_where_they_are_asked_for(bundle: str) -> None:
    class Telling(FakeInvestigator):
        def investigate(self, *given: object, emit: object = None, **named: object) -> object:  # type: ignore[override]  # says another step
            assert callable(emit)
            emit(Step(1, Stage.FINDING, "metrics", "CPU of cart rose", "metrics-1"))
            return investigation()

    quiet, followed = _run(bundle, investigator=Telling()), _run(bundle, "--follow", investigator=Telling())

    assert quiet.stderr == ""
    assert followed.stderr == "finding     metrics: CPU of cart rose\n"


def test_a_folder_that_is_no_bundle_is_told_with_what_to_do(tmp_path: Path) -> None:
    result = CliRunner().invoke(investigate, [str(tmp_path / "nothing")], standalone_mode=False)

    assert isinstance(result.exception, TelemetryUnreadable)
    assert "give the folder of a recorded bundle" in str(result.exception)


def test_the_senders_that_can_be_named_are_those_that_there_are() -> None:
    assert SENDERS == senders.SENDERS


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--since", "30m", "--from", "10:00"),
        ("--to", "10:00"),
        ("--alert", "a.json", "--since", "1h"),
        ("here", "--since", "1h"),
        ("here", "--component", "cart"),
        ("--since", "1h", "--sender", "grafana"),
        ("--since", "soon"),
        ("--from", "someday"),
        ("--from", "10:00", "--to", "never"),
        ("--since", "1h", "--component", "x" * 301),
        ("--alert", "/nowhere/alert.json"),
    ],
)
def test_options_that_do_not_go_together_are_wrong_use(arguments: tuple[str, ...]) -> None:
    assert isinstance(_run(*arguments).exception, UsageError)


@dataclass
class DoneApi(FakeApi):
    """An API whose investigation is done, with a result and a bundle."""

    requests: list[InvestigationRequest] = field(default_factory=list)
    closed: int = 0

    def start_investigation(self, request: InvestigationRequest) -> InvestigationSummary:
        self.requests.append(request)
        return self.investigation("i1").investigation

    def investigation(self, investigation_id: str) -> InvestigationDetail:
        return super().investigation(investigation_id).model_copy(update={"result": to_result(investigation())})

    def investigation_report(self, investigation_id: str) -> str:
        return "# The report of the API\n"

    def investigation_bundle(self, investigation_id: str) -> bytes:
        send_bundle(self, FakeOpener()(Path("night")), "")
        return self.sent

    def close(self) -> None:
        self.closed += 1


def _by_api(api: DoneApi, *arguments: str) -> Result:
    command = investigate_command(Means(FakeOpener(), FakeInvestigator, find_api=lambda: api))
    return CliRunner().invoke(command, list(arguments), standalone_mode=False)


def test_an_api_that_runs_does_it_and_its_report_and_bundle_are_given(tmp_path: Path) -> None:
    api = DoneApi([ending()])

    result = _by_api(api, "--since", "30m", "--component", "cart", "--export", str(tmp_path / "out"))

    assert result.stdout == "# The report of the API\n"
    assert "step 1" in result.stderr
    assert api.requests[0].component == "cart"
    assert (tmp_path / "out" / "bundle.json").is_file()
    assert [one.name for one in (tmp_path / "out").iterdir() if one.name.startswith(".")] == []
    assert api.closed == 1


def test_a_bundle_is_sent_to_the_api_unless_it_is_to_be_done_here(bundle: str) -> None:
    api = DoneApi([ending()])

    sent, here = _by_api(api, bundle), _by_api(api, bundle, "--here")

    assert api.sent
    assert "sending" in sent.stderr
    assert here.stdout == report_markdown(investigation(title="Incident night"))


def test_an_interrupt_says_what_is_kept(bundle: str) -> None:
    class Interrupted(FakeInvestigator):
        def investigate(self, *given: object, **named: object) -> object:  # type: ignore[override]  # as Ctrl-C ends it
            raise KeyboardInterrupt

    result = _run(bundle, investigator=Interrupted())

    assert "called off; nothing of it is kept" in result.stderr
    assert result.exit_code != 0
