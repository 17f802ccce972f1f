"""How commands find a running API: a file beside the data that it serves, checked before it is believed."""

import json
import os
import uuid
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from ingest.errors import StorageFailed

_PATIENCE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class RunningApi:
    """A running API; `instance` is drawn at its start and repeated by its /healthz."""

    url: str
    pid: int
    started_at: str
    instance: str


def announce(file: Path, url: str, instance: str) -> RunningApi:
    """Write down that this process serves at `url`."""
    running = RunningApi(url, os.getpid(), datetime.now(UTC).isoformat(timespec="seconds"), instance)
    fresh = file.with_name(f"{file.name}.{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_text(json.dumps(asdict(running)), encoding="utf-8")
        fresh.replace(file)
    except OSError as error:
        raise StorageFailed(
            f"cannot write {str(file)!r}: {error.strerror}; check free space and permissions of the data directory"
        ) from error
    return running


def withdraw(file: Path, running: RunningApi) -> None:
    """Remove what `announce` wrote, unless another API has taken its place."""
    if read_announcement(file) == running:
        file.unlink(missing_ok=True)


def find_running(file: Path) -> RunningApi | None:
    """Return the API that the file tells of, if it is alive and the same; a stale file is ignored."""
    running = read_announcement(file)
    return running if running is not None and _alive(running.pid) and _answers(running) else None


def read_announcement(file: Path) -> RunningApi | None:
    """Return what the file says, or None where there is none or it holds something else."""
    try:
        said = json.loads(file.read_text(encoding="utf-8"))
        return RunningApi(str(said["url"]), int(said["pid"]), str(said["started_at"]), str(said["instance"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def new_instance() -> str:
    """Draw the name of one run of the API."""
    return uuid.uuid4().hex


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return pid > 0
    return True


def _answers(running: RunningApi) -> bool:
    import httpx

    try:
        with httpx.Client(trust_env=False, timeout=_PATIENCE_SECONDS) as client:
            health = client.get(f"{running.url}/healthz").json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError):
        return False
    return isinstance(health, dict) and health.get("instance") == running.instance
