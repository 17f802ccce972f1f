"""The two ways in which a command investigates: by the API that runs, or in this process."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from api.investigating.following import InvestigationApi
    from api.investigating.opening import BundleOpener
    from api.investigation.investigations import Investigation, Investigator, Step
    from api.schemas.investigation_runs import InvestigationRequest, InvestigationSummary
    from api.schemas.investigations import InvestigationResult, StepView
    from api.telemetry.live.sources import LiveSource

_MOST_BYTES = 50_000_000_000  # of what our own API sends


def _now() -> datetime:
    return datetime.now(UTC)


def _no_api() -> "InvestigationApi | None":
    return None


def _no_sources(_file: Path | None) -> "tuple[LiveSource, ...]":
    return ()


@dataclass(frozen=True, slots=True)
class Means:
    """What a command needs from outside: bundles opened, an investigator, connected sources, a running API."""

    open_bundle: "BundleOpener"
    open_investigator: "Callable[[], Investigator]"
    open_sources: "Callable[[Path | None], tuple[LiveSource, ...]]" = field(default=_no_sources)
    find_api: "Callable[[], InvestigationApi | None]" = field(default=_no_api)
    now: Callable[[], datetime] = field(default=_now)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is investigated, a recorded bundle or what a request asks of connected sources, and where that goes."""

    bundle: Path | None = None
    request: "InvestigationRequest | None" = None
    sources: Path | None = None
    keep: Path | None = None
    export: Path | None = None


@dataclass(frozen=True, slots=True)
class Telling:
    """Where steps and remarks go while it runs."""

    step: "Callable[[Step | StepView], None]"
    remark: Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Told:
    """What a command shows in the end."""

    result: "InvestigationResult"
    report: str


def investigate_by(api: "InvestigationApi", wanted: Wanted, means: Means, telling: Telling) -> Told:
    """Let the API investigate; an interrupt calls it off there. Raises errors of api.errors."""
    from api.investigating.following import follow
    from ingest.errors import GroundwatchError

    try:
        asked = _asked(api, wanted, means, telling)
    except KeyboardInterrupt:
        telling.remark(f"called off while it was asked for; {api.url}/v1/investigations lists it if it was begun")
        raise
    detail = follow(api, asked, say=telling.step, tell=telling.remark)
    if detail.result is None:
        raise GroundwatchError(f"investigation {asked.id} is done and has no result; see the log of {api.url}")
    if wanted.export is not None:
        _unpack(api.investigation_bundle(asked.id), wanted.export)
    return Told(detail.result, api.investigation_report(asked.id))


def _asked(api: "InvestigationApi", wanted: Wanted, means: Means, telling: Telling) -> "InvestigationSummary":
    from api.investigating.following import send_bundle

    if wanted.bundle is None:
        assert wanted.request is not None, "what is no bundle is a request"
        return api.start_investigation(wanted.request)
    bundle = means.open_bundle(wanted.bundle)
    telling.remark(f"sending {wanted.bundle} to {api.url}; --here investigates it in this process instead")
    return send_bundle(api, bundle, bundle.incident.title[:300])


def investigate_in_process(wanted: Wanted, means: Means, telling: Telling) -> Told:
    """Investigate here; what sources tell is kept where that is asked for. Raises errors of api.errors."""
    with tempfile.TemporaryDirectory(prefix="groundwatch-") as scratch:
        case = wanted.keep or Path(scratch) / "case"
        try:
            return _here(wanted, means, telling, case)
        except KeyboardInterrupt:
            told = f"what sources told until then is kept in {case}" if _holds(wanted.keep) else "nothing of it is kept"
            telling.remark(f"called off; {told}")
            raise


def _here(wanted: Wanted, means: Means, telling: Telling, case: Path) -> Told:
    from api.exports.investigation_report import report_markdown
    from api.investigating.local import export, investigate_here
    from api.schemas.investigation_forms import to_result

    opener, place = means.open_bundle, wanted.bundle
    if place is None:
        opener, place = _prepared(wanted, means, case), case
    opened = opener(place)
    found: Investigation = investigate_here(opened, means.open_investigator(), say=telling.step)
    if wanted.export is not None:
        export(found, wanted.export, opened)
    return Told(to_result(found), report_markdown(found))


def _prepared(wanted: Wanted, means: Means, case: Path) -> "BundleOpener":
    """Write the live case of a request and return what opens it."""
    from api.errors import UsageError
    from api.investigating.live_cases import asked_sources, incident_of
    from api.telemetry.live.cases import CaseOpener, write_case

    assert wanted.request is not None, "what is no bundle is a request"
    if case.exists():
        raise UsageError(f"{str(case)!r} is there already; give a new folder to keep what the sources tell")
    sources = means.open_sources(wanted.sources)
    names = asked_sources(wanted.request, sources)
    incident = incident_of(wanted.request, "live", means.now())
    write_case(case, incident, names, labels=sorted(wanted.request.labels.items()))
    return CaseOpener(sources, means.open_bundle)


def _unpack(archive: bytes, folder: Path) -> None:
    """Unpack what the API sent, without the one folder that is around it. Raises UsageError, StorageFailed."""
    from api.errors import UsageError
    from api.investigating.archives import ArchiveLimits, unpack
    from ingest.errors import StorageFailed

    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{str(folder)!r} is not empty; give a new or empty folder to export to")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".groundwatch-") as scratch:
            packed, unpacked = Path(scratch) / "bundle.tar.gz", Path(scratch) / "unpacked"
            packed.write_bytes(archive)
            unpacked.mkdir()
            unpack(packed, unpacked, ArchiveLimits(total_bytes=_MOST_BYTES))
            for one in [file for top in unpacked.iterdir() for file in top.iterdir()]:
                one.rename(folder / one.name)
    except OSError as error:
        raise StorageFailed(
            f"cannot write to {str(folder)!r}: {error.strerror}; check free space and permissions"
        ) from error


def _holds(folder: Path | None) -> bool:
    return folder is not None and folder.is_dir()
