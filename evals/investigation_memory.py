"""How far this process's memory grows while something is done, from the kernel's own high-water mark."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_STATUS, _CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")
_SIZE = 1024  # /proc counts in kB
_RESET_PEAK = "5"  # proc(5): sets VmHWM to the resident set as it is now


@dataclass(slots=True)
class Growth:
    """Bytes above the start at the highest point; None before the end, and where the system can't tell."""

    peak: int | None = None


@contextmanager
def growth() -> Iterator[Growth]:
    """Measure the block. What an earlier block gave back is first returned to the system, so that it is not reused."""
    found = Growth()
    _give_back()
    before = _resident("VmRSS") if _reset() else None
    yield found
    highest = _resident("VmHWM")
    if before is not None and highest is not None:
        found.peak = max(0, highest - before)


def _reset() -> bool:
    try:
        _CLEAR.write_text(_RESET_PEAK, encoding="ascii")
    except OSError:
        return False
    return True


def _resident(field: str) -> int | None:
    try:
        lines = _STATUS.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) * _SIZE for line in lines if line.startswith(f"{field}:")), None)


def _give_back() -> None:
    import ctypes

    import pyarrow as pa  # type: ignore[import-untyped]  # ships no hints

    pa.default_memory_pool().release_unused()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc has it, other C libraries do not
    if trim is not None:
        trim(0)
