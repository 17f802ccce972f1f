"""One investigation in this process, without a server: run while a person waits, and written to a folder."""

import threading
from collections.abc import Callable
from pathlib import Path

from api.exports.investigation_report import report_markdown
from api.investigating.opening import OpenedBundle
from api.investigating.result_files import write_result
from api.investigation.investigations import Investigation, Investigator, Step
from api.schemas.investigation_forms import distinct, to_detail, to_result
from api.telemetry.exporting import write_bundle

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


def export(investigation: Investigation, folder: Path, bundle: OpenedBundle) -> None:
    """Write an investigation with the telemetry of its bundle to a new or empty folder, which is a bundle again.

    Beside the telemetry are investigation.json, report.md, and rows in observations/. Raises UsageError where the
    folder holds something, StorageFailed where it can't be written.
    """
    write_bundle(folder, bundle.incident, bundle.telemetry)
    details = [to_detail(one) for one in distinct(investigation.observations)]
    write_result(
        folder, to_result(investigation), details, report_markdown(investigation, rows="observations/{id}.json")
    )
