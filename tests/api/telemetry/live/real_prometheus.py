"""A real Prometheus with a history that a test writes: blocks made by promtool, served on loopback."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx

STEP = 15
"""Seconds between two samples of the history."""


def is_installed() -> bool:
    """Tell whether the Debian package prometheus is there."""
    return shutil.which("prometheus") is not None and shutil.which("promtool") is not None


def shop_history(end: int) -> str:
    """Return two hours of a small shop as OpenMetrics: in the last half hour cart is slow and fails, db is not."""
    start, trouble = end - 7_200, end - 1_800
    times = range(start, end + STEP, STEP)
    return "".join(
        [
            *_counter("http_requests_total", times, {"service": "cart", "code": "200"}, lambda _: 10.0),
            *_counter("http_requests_total", times, {"service": "cart", "code": "500"}, _after(trouble, 0.0, 2.0)),
            *_counter("http_requests_total", times, {"service": "front", "code": "200"}, lambda _: 12.0),
            *_buckets(times, "cart", _after(trouble, 0.05, 0.95)),
            *_buckets(times, "front", lambda _: 0.05),
            *_counter("process_cpu_seconds_total", times, {"job": "db", "instance": "a"}, lambda _: 0.2),
            *_counter("process_cpu_seconds_total", times, {"job": "db", "instance": "b"}, lambda _: 0.3),
            *_counter(
                "traces_service_graph_request_total", times, {"client": "front", "server": "cart"}, lambda _: 12.0
            ),
            *_gauge("up", times, {"job": "db", "instance": "a"}, 1.0),
            *_gauge(
                "ALERTS", range(trouble + 300, end, STEP),
                {"alertname": "CartErrorsHigh", "alertstate": "firing", "service": "cart", "severity": "critical"}, 1.0,
            ),
            "# EOF\n",
        ]
    )  # fmt: skip


@contextmanager
def running(folder: Path, history: str) -> Iterator[str]:
    """Run a Prometheus over a history until the block ends; yield its URL."""
    (folder / "history.txt").write_text(history)
    data = folder / "data"
    made = subprocess.run(
        ["promtool", "tsdb", "create-blocks-from", "openmetrics", folder / "history.txt", data],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    (folder / "prometheus.yml").write_text("global: {scrape_interval: 15s}\n")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [
            "prometheus", f"--config.file={folder / 'prometheus.yml'}", f"--storage.tsdb.path={data}",
            f"--web.listen-address=127.0.0.1:{port}", "--log.level=error", "--storage.tsdb.retention.time=100y",
        ],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _wait(f"http://127.0.0.1:{port}/-/ready", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)


def _wait(url: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(url).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.05)
    raise AssertionError(f"Prometheus was not ready (exit code {process.poll()})")


def _after(trouble: int, before: float, then: float) -> "_Rate":
    return _Rate(trouble, before, then)


class _Rate:
    def __init__(self, trouble: int, before: float, then: float) -> None:
        self._trouble, self._before, self._then = trouble, before, then

    def __call__(self, at: int) -> float:
        return self._then if at > self._trouble else self._before


def _counter(name: str, times: Sequence[int], labels: dict[str, str], rate: object) -> Iterator[str]:
    assert callable(rate)
    total = 0.0
    for at in times:
        total += rate(at) * STEP * (1 + 0.05 * (at // STEP % 3 - 1))
        yield f"{name}{_shown(labels)} {total:.3f} {at}\n"


def _gauge(name: str, times: Sequence[int], labels: dict[str, str], value: float) -> Iterator[str]:
    for at in times:
        yield f"{name}{_shown(labels)} {value} {at}\n"


def _buckets(times: Sequence[int], service: str, slow: object) -> Iterator[str]:
    assert callable(slow)
    name = "http_request_duration_seconds_bucket"
    for bound, share in (("0.1", 0.9), ("0.5", 1.0), ("2.0", 1.0), ("+Inf", 1.0)):
        labels = {"service": service, "le": bound}

        def rate(at: int, bound: str = bound, share: float = share) -> float:
            return 10.0 * (share if slow(at) < 0.5 or bound in ("2.0", "+Inf") else 0.2)

        yield from _counter(name, times, labels, rate)


def _shown(labels: dict[str, str]) -> str:
    return "{" + ",".join(f'{key}="{value}"' for key, value in labels.items()) + "}"
