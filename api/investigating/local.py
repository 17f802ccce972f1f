"""One investigation in this process, without a server: run while a person waits, and written to a folder."""

import threading
from collections.abc import Callable
from pathlib import Path

from api.errors import UsageError
from api.exports.investigation_report import report_markdown
from api.investigating.opening import OpenedBundle
from api.investigation.investigations import Investigation, Investigator, Step
from api.schemas.investigation_forms import distinct, to_detail, to_result
from ingest.errors import StorageFailed

_PATIENCE_SECONDS = 5.0


def investigate_here(bundle: OpenedBundle, investigator: Investigator, *, say: Callable[[Step], None]) -> Investigation:
    """Investigate a bundle; `say` hears each step.

    It works in a thread of its own, so that an interrupt calls it off at once. Raises errors of api.errors.
    """
    cancelled = threading.Event()
    found: list[Investigation] = []
    failed: list[BaseException] = []

    def work() -> None:
        try:
            found.append(investigator.investigate(bundle.incident, bundle.telemetry, emit=say, cancelled=cancelled))
        except BaseException as error:  # handed to the thread that waits, which raises it
            failed.append(error)

    worker = threading.Thread(target=work, name="investigation", daemon=True)
    worker.start()
    try:
        worker.join()
    except KeyboardInterrupt:
        cancelled.set()
        worker.join(_PATIENCE_SECONDS)
        raise
    if failed:
        raise failed[0]
    return found[0]


def export(investigation: Investigation, folder: Path) -> None:
    """Write an investigation to a new or empty folder: investigation.json, report.md, and rows in observations/.

    Raises UsageError where the folder holds something, StorageFailed where it can't be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise UsageError(f"{str(folder)!r} is not empty; give a new folder to export to")
        rows = folder / "observations"
        rows.mkdir()
        for one in distinct(investigation.observations):
            (rows / f"{one.id}.json").write_text(f"{to_detail(one).model_dump_json(indent=1)}\n", encoding="utf-8")
        text = report_markdown(investigation, rows="observations/{id}.json")
        (folder / "report.md").write_text(text, encoding="utf-8")
        result = to_result(investigation).model_dump_json(indent=2)
        (folder / "investigation.json").write_text(f"{result}\n", encoding="utf-8")
    except OSError as error:
        raise StorageFailed(
            f"cannot write to {str(folder)!r}: {error.strerror}; check free space and permissions"
        ) from error
