"""The command `groundwatch investigate-live`: an alert or a window, asked of the systems that are connected."""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from api.commands.options import json_option, print_json

if TYPE_CHECKING:
    from api.investigation.investigations import Investigation, Step
    from api.schemas.investigation_runs import InvestigationRequest

_INCONCLUSIVE = 3


@click.command("investigate-live", short_help="Investigate an alert or a window in connected systems.")
@click.option("--alert", type=click.Path(path_type=Path), help="An alert as Alertmanager's webhook sends it.")
@click.option("--window", metavar="START/END", help="Times with their zone (RFC 3339); without END, until now.")
@click.option("--component", default="", help="Where trouble was noticed.")
@click.option("--symptom", default="", help="What was noticed.")
@click.option("--source", "names", multiple=True, metavar="NAME", help="Ask only this source; repeatable.")
@click.option(
    "--sources", "file", type=click.Path(path_type=Path), help="The file of systems [GROUNDWATCH_TELEMETRY_FILE]."
)
@click.option("--keep", type=click.Path(path_type=Path), help="Keep what the sources told in this new folder.")
@json_option
def investigate_live(
    alert: Path | None,
    window: str | None,
    component: str,
    symptom: str,
    names: tuple[str, ...],
    file: Path | None,
    keep: Path | None,
    as_json: bool,
) -> None:
    """Investigate an alert, or a window at a component, in the systems that the file of sources names.

    Steps go to standard error, the report to standard output. With --keep, FOLDER/recorded is a bundle like any
    other afterwards. The exit code is 0 where a cause is confirmed or likely, or nothing is wrong, and 3 where the
    verdict is inconclusive.
    """
    request = _request(alert, window, component, symptom, names)
    with tempfile.TemporaryDirectory(prefix="groundwatch-") as scratch:
        found = _investigated(request, keep or Path(scratch) / "case", file)
    _print(found, as_json=as_json)
    if found.verdict.state.value == "inconclusive":
        click.get_current_context().exit(_INCONCLUSIVE)


def _request(
    alert: Path | None, window: str | None, component: str, symptom: str, names: tuple[str, ...]
) -> "InvestigationRequest":
    from pydantic import ValidationError

    from api.errors import UsageError
    from api.investigating.alert_files import request_of_alert
    from api.schemas.investigation_runs import InvestigationRequest

    if (alert is None) == (window is None):
        raise UsageError("give --alert FILE or --window START/END, one of both")
    told: dict[str, object] = {"component": component, "symptom": symptom, "sources": list(names)}
    given = {key: value for key, value in told.items() if value}
    if alert is not None:
        return request_of_alert(alert).model_copy(update=given)
    start, _, end = str(window).partition("/")
    try:
        return InvestigationRequest.model_validate({"window": {"start": start, "end": end or None}, **given})
    except ValidationError as error:
        raise UsageError(
            f"--window {window!r}: {error.errors()[0]['msg']}; write it as 2026-09-22T10:00:00Z/2026-09-22T10:30:00Z"
        ) from error


def _investigated(request: "InvestigationRequest", folder: Path, file: Path | None) -> "Investigation":
    from datetime import UTC, datetime

    from api.bootstrap import open_sources
    from api.errors import UsageError
    from api.investigating.live_cases import asked_sources, incident_of
    from api.investigating.local import investigate_here
    from api.investigating.parts import open_investigator
    from api.settings import load_settings
    from api.telemetry.bundles import open_bundle
    from api.telemetry.live.cases import CaseOpener, write_case

    if folder.exists():
        raise UsageError(f"{str(folder)!r} is there already; give a new folder to keep what the sources tell")
    settings = load_settings(telemetry_file=file)
    sources = open_sources(settings).sources
    names = asked_sources(request, sources)
    incident = incident_of(request, "live", datetime.now(UTC))
    write_case(folder, incident, names, labels=sorted(request.labels.items()))
    investigator = open_investigator(fitted_here=settings.investigation_fitted_here)
    return investigate_here(CaseOpener(sources, open_bundle)(folder), investigator, say=_say)


def _say(step: "Step") -> None:
    from api.terminal import Line, plain_text

    if step.stage.value not in ("observation", "finding"):
        click.echo(plain_text([Line(f"{step.stage.value:<11} {step.text}", hanging=12)], 100), err=True)


def _print(found: "Investigation", *, as_json: bool) -> None:
    from api.exports.investigation_report import report_markdown
    from api.schemas.investigation_forms import to_result

    if as_json:
        print_json(to_result(found))
    else:
        click.echo(report_markdown(found), nl=False)
