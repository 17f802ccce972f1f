"""A large made-up bundle with a known fault, for measuring time and memory: `python -m evals.large_bundle`."""

import argparse
import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import IO

import numpy as np

from api.errors import UsageError
from api.investigation.windows import instant_text
from api.telemetry.manifest import FILE

FAULTY = "service-03"
"""The component whose CPU, own time and errors rise, in every bundle."""

_START = 1_790_000_000_000_000
_SECOND = 1_000_000
_HEALTHY, _TROUBLE = 1_800, 600  # seconds
_SERVICES = tuple(f"service-{number:02d}" for number in range(20))
_METRICS = (("cpu_usage", "percent"), ("memory_usage", "bytes"), ("request_latency_p90", "seconds"), ("errors", "1/s"))
_SHARES = {"metrics": 0.2, "spans": 0.4, "logs": 0.4}
_UNITS = {"KB": 10**3, "MB": 10**6, "GB": 10**9}
_PIECE = 2_000  # rows written at once


def write_large_bundle(folder: Path, size: int, *, seed: int = 0) -> None:
    """Write a bundle of about `size` bytes, all of it text, a piece at a time. Raises UsageError where one is there."""
    if folder.exists():
        raise UsageError(f"{str(folder)!r} is there already; name a new folder")
    folder.mkdir(parents=True)
    writers = {"metrics.csv": _metric_rows, "spans.jsonl": _span_lines, "logs.jsonl": _log_lines}
    for order, (name, write) in enumerate(writers.items()):
        share = _SHARES[name.partition(".")[0]]
        with (folder / name).open("w", encoding="utf-8") as file:
            write(file, round(size * share), np.random.default_rng([seed, order]))
    calls = [f"{_SERVICES[(number - 1) // 2]},{name}" for number, name in enumerate(_SERVICES) if number]
    (folder / "calls.csv").write_text("\n".join(["caller,callee", *calls, ""]), encoding="utf-8")
    (folder / FILE).write_text(json.dumps(_facts(seed), indent=1), encoding="utf-8")


def size_of(text: str) -> int:
    """Return bytes from text such as 300MB. Raises UsageError."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(KB|MB|GB)", text.strip().upper())
    if found is None:
        raise UsageError(f"{text!r} is no size; write it as 300MB or 1GB")
    return round(float(found[1]) * _UNITS[found[2]])


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the bundle that the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m evals.large_bundle", description=__doc__)
    parser.add_argument("folder", type=Path, help="a new folder")
    parser.add_argument("--size", default="1GB", help="about how large, such as 300MB (default 1GB)")
    parser.add_argument("--seed", type=int, default=0)
    told = parser.parse_args(arguments)
    try:
        write_large_bundle(told.folder, size_of(told.size), seed=told.seed)
    except UsageError as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        print(
            f"cannot write {str(told.folder)!r} ({error.strerror}); free space or name another folder", file=sys.stderr
        )
        return 1
    return 0


def _facts(seed: int) -> dict[str, object]:
    begin, middle = instant_text(_START), instant_text(_START + _HEALTHY * _SECOND)
    return {
        "version": 1,
        "id": f"large-{seed}",
        "title": "Answers of the front are slow",
        "symptom": {"text": "latency rose", "component": _SERVICES[0], "metric": "request_latency_p90", "rising": True},
        "window": {"start": middle, "end": instant_text(_START + (_HEALTHY + _TROUBLE) * _SECOND)},
        "baseline": {"start": begin, "end": middle},
        "components": list(_SERVICES),
    }


def _moments(done: float, count: int, chance: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return times that go on from the share that is `done`, and which of them are in the trouble."""
    length = (_HEALTHY + _TROUBLE) * _SECOND
    times = _START + int(min(done, 0.9999) * length) + np.sort(chance.integers(0, _SECOND, count))
    return times, times >= _START + _HEALTHY * _SECOND


def _metric_rows(file: IO[str], size: int, chance: np.random.Generator) -> None:
    written = file.write("time,component,metric,value,unit\n")
    while written < size:
        times, trouble = _moments(written / size, _PIECE, chance)
        which = np.arange(_PIECE) % (len(_SERVICES) * len(_METRICS))
        faulty = trouble & (which // len(_METRICS) == _SERVICES.index(FAULTY))
        values = chance.normal(10, 1, _PIECE) * np.where(faulty, 4, 1)
        rows = (
            f"{at},{_SERVICES[one // len(_METRICS)]},{_METRICS[one % len(_METRICS)][0]},{value:.6g},"
            f"{_METRICS[one % len(_METRICS)][1]}\n"
            for at, one, value in zip(times.tolist(), which.tolist(), values.tolist(), strict=True)
        )
        written += file.write("".join(rows))


def _span_lines(file: IO[str], size: int, chance: np.random.Generator) -> None:
    written = number = 0
    while written < size:
        times, trouble = _moments(written / size, _PIECE, chance)
        own = chance.lognormal(9, 0.3, _PIECE)
        pieces = []
        for row, (at, bad) in enumerate(zip(times.tolist(), trouble.tolist(), strict=True)):
            depth = row % 5
            service = _SERVICES[(0, 1, 3, 7, 15)[depth]]
            wait = 5 if bad and depth <= (0, 1, 3, 7, 15).index(_SERVICES.index(FAULTY)) else 1
            number += 1
            pieces.append(
                f'{{"trace": "{(number - 1) // 5:032x}", "span": "{number:016x}", "parent": '
                f'{f"""{chr(34)}{number - 1:016x}{chr(34)}""" if depth else "null"}, "component": "{service}", '
                f'"operation": "GET /{service}", "start": {at}, "duration": {int(own[row] * wait * (5 - depth))}, '
                f'"status": "ok"}}\n'
            )
        written += file.write("".join(pieces))


def _log_lines(file: IO[str], size: int, chance: np.random.Generator) -> None:
    written = number = 0
    while written < size:
        times, trouble = _moments(written / size, _PIECE, chance)
        services = chance.integers(0, len(_SERVICES), _PIECE)
        fails = trouble & (_SERVICES.index(FAULTY) == services) & (chance.random(_PIECE) < 0.5)
        pieces = []
        for at, service, failed in zip(times.tolist(), services.tolist(), fails.tolist(), strict=True):
            number += 1
            severity = "ERROR" if failed else "INFO"
            said = f"request {number} timed out after 5000 ms" if failed else f"request {number} took {number % 97} ms"
            pieces.append(
                f'{{"time": "{instant_text(at)}", "component": "{_SERVICES[service]}", "severity": "{severity}", '
                f'"message": "{said}", "trace": "{number:032x}"}}\n'
            )
        written += file.write("".join(pieces))


if __name__ == "__main__":
    sys.exit(main())
