"""The command `groundwatch investigate`."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from api.commands.options import json_option, print_json

if TYPE_CHECKING:
    from api.investigating.opening import BundleOpener, OpenedBundle
    from api.investigation.investigations import Investigation, Investigator, Step

_INCONCLUSIVE = 3
_QUIET = frozenset({"observation", "finding"})


def investigate_command(open_bundle: "BundleOpener", open_investigator: "Callable[[], Investigator]") -> click.Command:
    """Return the command over what opens bundles and what investigates."""

    @click.command("investigate", short_help="Investigate a recorded incident.")
    @click.argument("bundle", type=click.Path(path_type=Path))
    @json_option
    @click.option("--report", type=click.Path(path_type=Path), help="Write the report to this file.")
    @click.option(
        "--export",
        "folder",
        type=click.Path(path_type=Path),
        help="Write all of it, with the telemetry, to this folder.",
    )
    @click.option("--follow", is_flag=True, help="Show every step, observations and findings too.")
    def command(bundle: Path, as_json: bool, report: Path | None, folder: Path | None, follow: bool) -> None:
        """Investigate the recorded incident in the folder BUNDLE, here and without a server.

        Steps go to standard error, the report to standard output. The exit code is 0 where a cause is confirmed or
        likely, or nothing is wrong, and 3 where the verdict is inconclusive.
        """
        from api.investigating.local import export, investigate_here

        def say(step: "Step") -> None:
            if follow or step.stage.value not in _QUIET:
                click.echo(_line(step), err=True)

        opened = open_bundle(bundle)
        found = investigate_here(opened, open_investigator(), say=say)
        if folder is not None:
            export(found, folder, opened)
        _give(found, as_json=as_json, report=report)
        if found.verdict.state.value == "inconclusive":
            click.get_current_context().exit(_INCONCLUSIVE)

    return command


def _give(found: "Investigation", *, as_json: bool, report: Path | None) -> None:
    from api.exports.investigation_report import report_markdown
    from api.schemas.investigation_forms import to_result

    if report is not None:
        _write(report, report_markdown(found))
    if as_json:
        print_json(to_result(found))
    elif report is None:
        click.echo(report_markdown(found), nl=False)


def _line(step: "Step") -> str:
    """Return a step for a terminal, which its words cannot steer."""
    from api.terminal import Line, plain_text

    who = f"{step.specialist}: " if step.specialist and not step.text.startswith(step.specialist) else ""
    return plain_text([Line(f"{step.stage.value:<11} {who}{step.text}", hanging=12)], 100)


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


investigate = investigate_command(_open_bundle, _open_investigator)
