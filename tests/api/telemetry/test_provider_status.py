"""What a provider says of itself in a recorded case: figures, incidents and updates become events with a time."""

import json
from pathlib import Path

import pytest

from api.investigation.observations import SourceClass
from api.investigation.telemetry import Happening
from api.investigation.windows import Window
from api.telemetry.bundles import open_bundle

ALWAYS = Window(-(10**15), 4 * 10**15)
ALERT = {
    "benchmark": "rootcausebench", "case_id": "r-1", "candidates": ["pay"],
    "anomaly": {"alert": {"fired_at": "2026-09-22T11:00:00Z", "service": "pay", "summary": "errors over 5 %"}},
}  # fmt: skip
FIGURE = {"endpoint": "api.pay.example/v1", "timestamp": "2026-09-22T10:50:00Z", "value": 12.7}
UPDATE = {"body": "We are looking into it.", "timestamp": "2026-09-22T10:58:00Z"}
INCIDENT = {"id": "i9", "name": "Charges fail", "impact": "major", "started_at": "2026-09-22T10:51:00Z"}


def events(folder: Path, feed: object) -> list[Happening]:
    folder.mkdir(exist_ok=True)
    (folder / "case.json").write_text(json.dumps(ALERT))
    rows = "".join(f"2026-09-22T10:{minute:02}:00Z,pay,errors,0.1\n" for minute in range(10, 60))
    (folder / "metrics.csv").write_text(f"timestamp,service,metric,value\n{rows}")
    (folder / "logs.jsonl").write_text("")
    (folder / "traces.jsonl").write_text("")
    (folder / "events.json").write_text(json.dumps({"commits": [], "deploys": [], "flags": [], "status_feed": feed}))
    told = open_bundle(folder).telemetry.happenings(ALWAYS)
    return [one for one in told if one.source is SourceClass.EVENT]


def test_figures_incidents_and_their_updates_are_events_that_name_the_provider(tmp_path: Path) -> None:
    feed = {"provider": "pay", "rate_pct": [FIGURE], "incidents": [{**INCIDENT, "updates": [UPDATE]}]}
    found = events(tmp_path / "r-1", feed)

    assert [(one.kind, one.title, one.detail) for one in found] == [
        ("provider_status", "rate_pct of api.pay.example/v1 12.7", "pay api.pay.example/v1"),
        ("provider_status", "Charges fail, major", "pay"),
        ("provider_status", "We are looking into it.", "pay"),
    ]


@pytest.mark.parametrize("feed", [None, [], {}, "down", {"components": [{"status": "operational"}]}])
def test_a_feed_without_times_gives_no_events(tmp_path: Path, feed: object) -> None:
    assert events(tmp_path / "r-1", feed) == []
