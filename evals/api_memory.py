"""The memory of a real API process after it answered questions over HTTP."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from evals.api_process import api_serving
from ingest.errors import KnowledgeError

_SIZE = {"kB": 1024}


@dataclass(frozen=True, slots=True)
class ApiMemory:
    """Resident set in bytes of the API and its child processes: after `asks` questions, and at its highest."""

    asks: int
    resident: int
    peak: int


def measure_api_memory(data_dir: Path, questions: Sequence[str]) -> ApiMemory:
    """Serve the knowledge below `data_dir` on loopback, ask every question, and read /proc.

    Nobody else may hold the index open. Raises KnowledgeError where the API does not start or answer.
    """
    with api_serving(data_dir) as api:
        for question in questions:
            response = api.client.post("/v1/ask", json={"question": question})
            if response.is_error:
                raise KnowledgeError(f"the API answered {response.status_code} to {question[:60]!r}: {response.text}")
        pids = [api.pid, *_children(api.pid)]
        return ApiMemory(
            asks=len(questions),
            resident=sum(_status(pid, "VmRSS") for pid in pids),
            peak=sum(_status(pid, "VmHWM") for pid in pids),
        )


def _children(pid: int) -> list[int]:
    children = [
        int(child) for file in Path(f"/proc/{pid}/task").glob("*/children") for child in file.read_text().split()
    ]
    return [found for child in children for found in (child, *_children(child))]


def _status(pid: int, field: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        name, _, value = line.partition(":")
        if name == field:
            number, unit = value.split()
            return int(number) * _SIZE[unit]
    raise KnowledgeError(f"/proc/{pid}/status has no {field!r}; this measure needs Linux")
