"""Small bundles in Groundwatch's own layout, for tests."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

START = 1_790_000_000_000_000
FACTS: Mapping[str, object] = {
    "version": 1,
    "id": "case-1",
    "title": "Checkout is slow",
    "symptom": {"text": "p90 over 2 s", "component": "front", "metric": "latency", "rising": True},
    "window": {"start": "2026-09-21T14:13:20Z", "end": "2026-09-21T14:23:20Z"},
    "baseline": {"start": "2026-09-21T13:13:20Z", "end": "2026-09-21T14:13:20Z"},
}


def bundle(folder: Path, *, facts: Mapping[str, object] = FACTS, **parts: str) -> Path:
    """Write bundle.json, and each part as the text of a file; `__` in its name stands for a dot."""
    folder.mkdir(exist_ok=True)
    (folder / "bundle.json").write_text(json.dumps(facts), encoding="utf-8")
    for name, text in parts.items():
        (folder / name.replace("__", ".")).write_text(text, encoding="utf-8")
    return folder


def lines(records: Sequence[Mapping[str, object]]) -> str:
    """Return records as JSON Lines."""
    return "".join(f"{json.dumps(one)}\n" for one in records)


def log(at: int, **more: object) -> dict[str, object]:
    """Return a log line, `at` seconds after the window starts."""
    return {"time": START + at * 1_000_000, "component": "cart", "message": f"line {at}", **more}


def span(at: int, **more: object) -> dict[str, object]:
    """Return a span that starts `at` seconds after the window does."""
    start = START + at * 1_000_000
    return {"trace": "t1", "span": f"s{at}", "component": "cart", "start": start, "duration": 5, **more}
