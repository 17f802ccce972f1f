"""Recorded cases in the layouts of benchmarks: small ones, made here."""

import gzip
import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from api.errors import TelemetryUnreadable
from api.investigation.observations import SourceClass
from api.investigation.windows import Window
from api.telemetry.bundles import open_bundle, open_cases

ALWAYS = Window(-(10**15), 4 * 10**15)
MINUTE = {
    "benchmark": "nezha-tt", "case_id": "n-1", "day": "2023-01-29", "t0_us": 1_674_982_980_000_000,
    "anomaly": {"minute": "2023-01-29 09:05"}, "baseline_minute": "2023-01-29 08:50", "candidates": ["cart"],
    "modalities": {"traces": True, "logs": False}, "baseline_spans": "../_baseline/spans.csv.gz",
}  # fmt: skip
SPANS = "minute,trace,span,parent,service,op,start_us,dur_us\n"
NODES = {
    "benchmark": "petshop", "case_id": "p-1", "step_s": 300, "candidates": ["shop"],
    "anomaly": {"symptom": {"node": "shop", "metric": "latency", "agg": "Average"}},
    "call_graph": "../_baseline/calls.csv", "baseline_metrics": None,
}  # fmt: skip
ALERT = {
    "benchmark": "rootcausebench", "case_id": "r-1", "candidates": ["pay"],
    "anomaly": {"alert": {"fired_at": "2026-09-22T11:00:00Z", "service": "pay", "summary": "errors over 5 %"}},
}  # fmt: skip


def _case(folder: Path, facts: Mapping[str, object], files: Mapping[str, str]) -> Path:
    for name, text in {**files, "case.json": json.dumps(facts)}.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    return folder


def _minute(folder: Path, facts: Mapping[str, object] = MINUTE) -> Path:
    files = {
        "metrics.csv.gz": "time,cart|CpuUsageRate(%)\n2023-01-29 09:04,1\n2023-01-29 09:05,9\n",
        "spans.csv.gz": f"{SPANS}09:05,0,0,,cart,GET,60000000,5\n09:05,0,1,0,cart,SET,60000001,3\n",
        "../_baseline/spans.csv.gz": f"{SPANS}08:50,0,0,,cart,GET,1674982140000000,5\n",
    }
    return _case(folder, facts, files)


def test_a_case_by_the_minute_has_its_spans_and_those_of_the_healthy_minute(tmp_path: Path) -> None:
    opened = open_bundle(_minute(tmp_path / "c"))
    (trace,) = [one for one in opened.telemetry.coverage() if one.source is SourceClass.TRACE]
    assert trace.baseline is not None

    assert [len(one) for one in opened.telemetry.spans(opened.incident.window)] == [2]
    assert [len(one) for one in opened.telemetry.spans(trace.baseline)] == [1]


def test_a_case_by_the_minute_says_that_it_has_no_logs(tmp_path: Path) -> None:
    opened = open_bundle(_minute(tmp_path / "c"))

    assert [one.missing != "" for one in opened.telemetry.coverage() if one.source is SourceClass.LOG] == [True]


@pytest.mark.parametrize("name", ["../../secret.csv", "/etc/hostname", "../_baseline/none.csv.gz"])
def test_a_case_can_not_point_far_away_or_at_nothing(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret.csv").write_text(SPANS, encoding="utf-8")
    opened = open_bundle(_minute(tmp_path / "cases" / "c", {**MINUTE, "baseline_spans": name}))

    with pytest.raises(TelemetryUnreadable, match="names the file"):
        list(opened.telemetry.spans(ALWAYS))


def test_a_case_of_nodes_without_healthy_time_says_so(tmp_path: Path) -> None:
    files = {
        "metrics.csv": "time,shop|latency_Average\n1681389900,0.5\n1681390200,\n",
        "../_baseline/calls.csv": "caller,callee\nshop,db\n",
    }
    opened = open_bundle(_case(tmp_path / "c", NODES, files))
    (series,) = opened.telemetry.series(opened.incident.window)

    assert (series.component, series.metric, series.times.tolist()[0]) == ("shop", "latency_Average", 1681389900000000)
    assert [(one.caller, one.callee) for one in opened.telemetry.edges()] == [("shop", "db")]
    assert opened.incident.baseline is None


def test_a_case_with_changes_gives_commits_with_their_diffs(tmp_path: Path) -> None:
    commit = {"sha": "abc", "timestamp": "2026-09-22T10:55:00Z", "message": "fix", "diff": "-a\n+b", "author": "ann"}
    files = {
        "metrics.csv": "timestamp,service,metric,value\n2026-09-22T10:30:00Z,pay,errors,1\n"
        "2026-09-22T11:10:00Z,pay,errors,9\n",
        "events.json": json.dumps({"commits": [commit]}),
        "logs.jsonl": '{"timestamp": "2026-09-22T11:00:00Z", "service": "pay", "msg": "no"}\n',
        "traces.jsonl": "",
    }
    opened = open_bundle(_case(tmp_path / "c", ALERT, files))
    (change,) = opened.telemetry.happenings(ALWAYS)

    assert (change.source, change.kind, change.ref, change.author) == (SourceClass.CHANGE, "commit", "abc", "ann")
    assert "+b" in change.detail
    assert [one.text for one in opened.telemetry.logs(ALWAYS)] == [("no",)]


def test_cases_of_alerts_are_read_from_one_file(tmp_path: Path) -> None:
    case = {
        "case_id": "a-1", "candidates": ["user-0"], "edges": [["front-0", "user-0"]],
        "alerts": {"metric": [["user-0", "cpu_usage", "up"]], "trace": [["front-0", "user-0", "/get", "PD"]]},
    }  # fmt: skip
    (tmp_path / "cases.jsonl.gz").write_bytes(gzip.compress(f"{json.dumps(case)}\n".encode()))
    (opened,) = open_cases(tmp_path)
    alerts = list(opened.telemetry.happenings(opened.incident.window))

    assert [(one.source, one.component, one.title) for one in alerts if one.source is SourceClass.METRIC] == [
        (SourceClass.METRIC, "user-0", "cpu_usage up")
    ]
    assert [one.detail for one in alerts if one.source is SourceClass.TRACE] == ["front-0 -> user-0"]


def test_a_file_of_cases_that_is_damaged_is_refused(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(json.dumps({"case_id": "a", "x": list(range(2_000))}).encode()))
    packed[100:140] = b"\xff" * 40
    (tmp_path / "cases.jsonl.gz").write_bytes(packed)

    with pytest.raises(TelemetryUnreadable, match=r"cannot read .*cases\.jsonl\.gz"):
        list(open_cases(tmp_path))


@pytest.mark.parametrize("text", ['{"benchmark": "other"}', "[]", "{", '{"benchmark": "petshop"}'])
def test_a_case_that_is_not_as_its_layout_has_it_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "case.json").write_text(text, encoding="utf-8")

    with pytest.raises(TelemetryUnreadable, match=r"case\.json"):
        open_bundle(tmp_path)
