"""The command `groundwatch investigate`: a recorded bundle, an alert, or a window of the systems that are connected."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from api.commands.investigation_ways import Means, Telling, Told, Wanted, investigate_by, investigate_in_process
from api.commands.options import json_option, print_json

if TYPE_CHECKING:
    from datetime import datetime

    from api.investigating.following import InvestigationApi
    from api.investigating.opening import OpenedBundle
    from api.investigation.investigations import Investigator, Step
    from api.schemas.investigation_runs import InvestigationRequest
    from api.schemas.investigations import StepView
    from api.telemetry.live.sources import LiveSource

_INCONCLUSIVE = 3
_QUIET = frozenset({"observation", "finding"})

# Spelled out, since their module is slower to import than help may take; a test compares them.
SENDERS = ("alertmanager", "pagerduty", "grafana", "datadog", "opsgenie", "generic")


def investigate_command(means: Means) -> click.Command:
    """Return the command over what it needs from outside."""

    @click.command("investigate", short_help="Investigate a bundle, an alert, or a window of time.")
    @click.argument("bundle", type=click.Path(path_type=Path), required=False)
    @click.option("--alert", metavar="FILE", help="An alert as any webhook takes it; - reads standard input.")
    @click.option("--sender", type=click.Choice(SENDERS), help="Who sent the alert, where its form does not tell.")
    @click.option("--since", metavar="SPAN", help="The last 30m, 2h or 1d.")
    @click.option("--from", "start", metavar="TIME", help="Start of the window: 2026-09-22T10:00Z, or 10:00, in UTC.")
    @click.option("--to", "end", metavar="TIME", help="End of the window; unset, now.")
    @click.option("--component", default="", help="Where trouble was noticed.")
    @click.option("--symptom", default="", help="What was noticed.")
    @click.option("--source", "names", multiple=True, metavar="NAME", help="Ask only this source; repeatable.")
    @click.option("--here", is_flag=True, help="Investigate in this process, even where an API runs.")
    @click.option(
        "--sources", type=click.Path(path_type=Path), help="The file of systems [GROUNDWATCH_TELEMETRY_FILE]; --here."
    )
    @click.option("--keep", type=click.Path(path_type=Path), help="Keep what sources tell in this new folder; --here.")
    @json_option
    @click.option("--report", type=click.Path(path_type=Path), help="Write the report to this file.")
    @click.option(
        "--export", type=click.Path(path_type=Path), help="Write all of it, with the telemetry, to this folder."
    )
    @click.option("--follow", is_flag=True, help="Show every step, observations and findings too.")
    def command(
        bundle: Path | None,
        alert: str | None,
        sender: str | None,
        since: str | None,
        start: str | None,
        end: str | None,
        component: str,
        symptom: str,
        names: tuple[str, ...],
        here: bool,
        sources: Path | None,
        keep: Path | None,
        as_json: bool,
        report: Path | None,
        export: Path | None,
        follow: bool,
    ) -> None:
        """Investigate the recorded incident in the folder BUNDLE, an alert, or a window of connected systems.

        The API that runs does it where there is one, over its own sources, and keeps it; otherwise, and with --here,
        this process does. Steps go to standard error, the report to standard output. Ctrl-C calls it off and says what
        is kept.

        The exit code is 0 where a cause is confirmed or likely, or nothing is wrong; 3 where the verdict is
        inconclusive; 1 where the investigation failed; 2 for wrong use; 130 where it was called off.
        """
        request = None
        given: dict[str, object] = {"component": component, "symptom": symptom, "sources": list(names)}
        asked = {key: value for key, value in given.items() if value}
        _check_ways(bundle, alert, since, start, end, sender, asked)
        if alert is not None:
            request = _of_alert(alert, sender, asked, means.now())
        elif bundle is None:
            request = _of_window(since, start, end, asked, means.now())
        wanted = Wanted(bundle, request, sources, keep, export)
        api = None if here or sources or keep else means.find_api()
        told = _told(api, wanted, means, _telling(every=follow))
        _give(told, as_json=as_json, report=report)
        if told.result.verdict.state.value == "inconclusive":
            click.get_current_context().exit(_INCONCLUSIVE)

    return command


def _told(api: "InvestigationApi | None", wanted: Wanted, means: Means, telling: Telling) -> Told:
    if api is None:
        return investigate_in_process(wanted, means, telling)
    try:
        return investigate_by(api, wanted, means, telling)
    finally:
        api.close()


def _check_ways(
    bundle: Path | None,
    alert: str | None,
    since: str | None,
    start: str | None,
    end: str | None,
    sender: str | None,
    asked: dict[str, object],
) -> None:
    """Raise UsageError unless one thing is asked for, by options that go together."""
    from api.errors import UsageError

    ways = [bundle is not None, alert is not None, bool(since or start or end)]
    if sum(ways) != 1 or (since and (start or end)) or (end and not start):
        raise UsageError("give one of BUNDLE, --alert FILE, --since SPAN, or --from TIME with or without --to TIME")
    if bundle is not None and asked:
        option = {"sources": "source"}.get(next(iter(asked)), next(iter(asked)))
        raise UsageError(f"--{option} goes with --alert, --since or --from; a bundle holds its own")
    if sender and alert is None:
        raise UsageError("--sender goes with --alert")


def _of_alert(alert: str, sender: str | None, asked: dict[str, object], now: "datetime") -> "InvestigationRequest":
    from api.incidents.payloads.mapping import read_mapping
    from api.responding.alert_requests import request_of_message
    from api.settings import load_settings

    file = load_settings().webhook_mapping_file
    found = request_of_message(_body(alert), now=now, sender=sender, mapping=read_mapping(file) if file else None)
    for note in found.notes:
        _remark(note)
    return found.request.model_copy(update=asked)


def _body(alert: str) -> bytes:
    from api.errors import UsageError
    from api.responding.alert_requests import MAX_BYTES

    try:
        if alert == "-":
            return sys.stdin.buffer.read(MAX_BYTES + 1)
        with Path(alert).open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise UsageError(f"cannot read the alert {alert!r} ({getattr(error, 'strerror', None) or error})") from error


def _of_window(
    since: str | None, start: str | None, end: str | None, asked: dict[str, object], now: "datetime"
) -> "InvestigationRequest":
    from pydantic import ValidationError

    from api.conversations.moments import moment_of_words, span_of
    from api.errors import UsageError
    from api.schemas.investigation_runs import AskedWindow, InvestigationRequest

    begin = now - span_of(since) if since else moment_of_words(str(start), now)
    until = moment_of_words(end, now) if end else None
    _remark(f"window {begin:%Y-%m-%dT%H:%M:%SZ} to {f'{until:%Y-%m-%dT%H:%M:%SZ}' if until else 'now'}")
    try:
        return InvestigationRequest.model_validate({"window": AskedWindow(start=begin, end=until), **asked})
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise UsageError(f"--{'.'.join(map(str, first['loc']))}: {first['msg']}") from error


def _telling(*, every: bool) -> Telling:
    def step(one: "Step | StepView") -> None:
        if every or one.stage.value not in _QUIET:
            click.echo(_line(one), err=True)

    return Telling(step, _remark)


def _remark(text: str) -> None:
    from api.terminal import Line, plain_text

    click.echo(plain_text([Line(text)], 400), err=True)


def _line(step: "Step | StepView") -> str:
    """Return a step for a terminal, which its words cannot steer."""
    from api.terminal import Line, plain_text

    who = f"{step.specialist}: " if step.specialist and not step.text.startswith(step.specialist) else ""
    return plain_text([Line(f"{step.stage.value:<11} {who}{step.text}", hanging=12)], 100)


def _give(told: Told, *, as_json: bool, report: Path | None) -> None:
    if report is not None:
        _write(report, told.report)
    if as_json:
        print_json(told.result)
    elif report is None:
        click.echo(told.report, nl=False)


def _write(file: Path, text: str) -> None:
    from ingest.errors import StorageFailed

    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise StorageFailed(f"cannot write {str(file)!r}: {error.strerror}; check the path and permissions") from error


def _open_bundle(path: Path) -> "OpenedBundle":
    from api.telemetry.bundles import open_bundle

    return open_bundle(path)


def _open_investigator() -> "Investigator":
    from api.investigating.parts import open_investigator
    from api.settings import load_settings

    return open_investigator(fitted_here=load_settings().investigation_fitted_here)


def _open_sources(file: Path | None) -> "tuple[LiveSource, ...]":
    from api.incident_bootstrap import open_sources
    from api.settings import load_settings

    return open_sources(load_settings(telemetry_file=file)).sources


def _find_api() -> "InvestigationApi | None":
    from api.bootstrap import running_url
    from api.client import ApiClient
    from api.settings import load_settings

    settings = load_settings()
    url = running_url(settings)
    return ApiClient(url, settings.presented_key, timeout=settings.request_timeout) if url else None


investigate = investigate_command(Means(_open_bundle, _open_investigator, _open_sources, _find_api))
