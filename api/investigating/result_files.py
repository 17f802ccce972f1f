"""What came of an investigation as files, beside the telemetry that it looked at."""

import gzip
import tarfile
from collections.abc import Sequence
from pathlib import Path

from api.schemas.investigation_acts import Acts
from api.schemas.investigation_agent import AgentNotesView
from api.schemas.investigations import InvestigationResult, ObservationDetail
from ingest.errors import StorageFailed

_FAST = 3  # of gzip's levels: telemetry is packed already


def write_result(
    folder: Path,
    result: InvestigationResult,
    details: Sequence[ObservationDetail],
    report: str,
    agent: AgentNotesView | None = None,
    acts: Acts | None = None,
) -> None:
    """Write investigation.json, report.md, the rows in observations/, and agent.json where an agent took part.

    Where people did something about it, acts.json holds that.

    Raises StorageFailed.
    """
    try:
        rows = folder / "observations"
        rows.mkdir()
        for one in details:
            (rows / f"{one.id}.json").write_text(f"{one.model_dump_json(indent=1)}\n", encoding="utf-8")
        (folder / "report.md").write_text(report, encoding="utf-8")
        if agent is not None:
            (folder / "agent.json").write_text(f"{agent.model_dump_json(indent=2)}\n", encoding="utf-8")
        if acts is not None and acts.acts:
            (folder / "acts.json").write_text(f"{acts.model_dump_json(indent=2)}\n", encoding="utf-8")
        (folder / "investigation.json").write_text(f"{result.model_dump_json(indent=2)}\n", encoding="utf-8")
    except OSError as error:
        raise StorageFailed(
            f"cannot write to {str(folder)!r}: {error.strerror}; check free space and permissions"
        ) from error


def pack(folder: Path, archive: Path, name: str) -> None:
    """Write a folder's files as a .tar.gz with one folder `name`; the same files give the same bytes.

    Raises StorageFailed.
    """
    try:
        with (
            archive.open("wb") as raw,
            gzip.GzipFile("", "wb", _FAST, raw, mtime=0) as packed,
            tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar,
        ):
            for file in sorted(one for one in folder.rglob("*") if one.is_file()):
                member = tarfile.TarInfo(f"{name}/{file.relative_to(folder).as_posix()}")
                member.size = file.stat().st_size
                with file.open("rb") as content:
                    tar.addfile(member, content)
    except OSError as error:
        raise StorageFailed(f"cannot pack {str(archive)!r}: {error.strerror}; check free space") from error
