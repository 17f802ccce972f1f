"""Bundles in Groundwatch's own layout: what is read of them, and what is said of broken ones."""

import gzip
import json
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa  # type: ignore[import-untyped]  # ships no hints
import pytest
from pyarrow import parquet

from api.errors import TelemetryUnreadable
from api.investigation.observations import SourceClass
from api.investigation.telemetry import Coverage, LogLines, Telemetry
from api.investigation.windows import Window
from api.telemetry.bundles import open_bundle, open_cases
from tests.api.telemetry.bundle_folder import FACTS, START, bundle, lines, log, span

WINDOW = Window(START, START + 600_000_000)
METRICS = "time,component,metric,value,unit\n"


def _logs(folder: Path) -> list[LogLines]:
    return list(open_bundle(folder).telemetry.logs(WINDOW))


def _told(telemetry: Telemetry, source: SourceClass) -> list[Coverage]:
    return [one for one in telemetry.coverage() if one.source is source]


def test_the_incident_is_as_bundle_json_says(tmp_path: Path) -> None:
    opened = open_bundle(bundle(tmp_path / "b"))

    assert (opened.name, opened.layout, opened.incident.window) == ("case-1", "groundwatch", WINDOW)
    assert opened.incident.symptom.component == "front"


def test_the_alert_is_the_symptom_where_bundle_json_states_none(tmp_path: Path) -> None:
    facts = {key: value for key, value in FACTS.items() if key != "symptom"}
    folder = bundle(tmp_path / "b", facts=facts, alert__json='{"text": "5xx over 1 %", "component": "cart"}')

    assert open_bundle(folder).incident.symptom.text == "5xx over 1 %"


@pytest.mark.parametrize(
    ("unit", "written"),
    [("us", START), ("s", START // 1_000_000), ("ms", START // 1_000), ("ns", START * 1_000)],
)
def test_numbers_are_times_in_the_stated_unit(tmp_path: Path, unit: str, written: int) -> None:
    folder = bundle(tmp_path / "b", facts={**FACTS, "time_unit": unit}, logs__jsonl=lines([log(0, time=written)]))

    assert _logs(folder)[0].time.tolist() == [START]


@pytest.mark.parametrize(
    "written",
    ["2026-09-21T14:13:20Z", "2026-09-21T16:13:20+02:00", "2026-09-21 14:13:20", "2026-09-21T14:13:20.000000999Z"],
)
def test_text_is_a_time_as_rfc_3339_has_it(tmp_path: Path, written: str) -> None:
    folder = bundle(tmp_path / "b", logs__jsonl=lines([log(0, time=written)]))

    assert _logs(folder)[0].time.tolist() == [START]


def test_times_in_several_ways_are_read_in_one_file(tmp_path: Path) -> None:
    folder = bundle(tmp_path / "b", logs__jsonl=lines([log(0, time="2026-09-21T14:13:20Z"), log(1)]))

    assert _logs(folder)[0].time.tolist() == [START, START + 1_000_000]


def test_lines_out_of_order_are_sorted_in_their_batch(tmp_path: Path) -> None:
    folder = bundle(tmp_path / "b", logs__jsonl=lines([log(9), log(3), log(700)]))

    assert _logs(folder)[0].text == ("line 3", "line 9")


def test_broken_lines_are_left_out_counted_and_placed(tmp_path: Path) -> None:
    text = lines([log(1)]) + "{cut o\n[1]\n\n" + lines([log(at) for at in range(2, 20)])
    telemetry = open_bundle(bundle(tmp_path / "b", logs__jsonl=text)).telemetry

    assert sum(len(one) for one in telemetry.logs(WINDOW)) == 19
    assert [one.missing for one in _told(telemetry, SourceClass.LOG) if one.missing] == [
        "in logs.jsonl, 2 of 21 lines can't be read, the first is line 2"
    ]


def test_a_file_that_is_mostly_broken_is_refused_with_its_name_and_line(tmp_path: Path) -> None:
    folder = bundle(tmp_path / "b", logs__jsonl="nonsense\n" * 30)

    with pytest.raises(TelemetryUnreadable, match=r"logs\.jsonl: 30 of 30 lines can't be read, the first is line 1;"):
        _logs(folder)


def test_times_that_are_no_times_are_refused_with_the_first_of_them(tmp_path: Path) -> None:
    folder = bundle(tmp_path / "b", logs__jsonl=lines([log(0, time="yesterday")] * 20))

    with pytest.raises(TelemetryUnreadable, match=r"20 of 20 lines can't be read, 'yesterday' is no time"):
        _logs(folder)


def test_a_gzip_file_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    folder = bundle(tmp_path / "b")
    packed = gzip.compress(lines([log(at % 600, extra=hash(at)) for at in range(5_000)]).encode())
    (folder / "logs.jsonl.gz").write_bytes(packed[: len(packed) // 2])

    with pytest.raises(TelemetryUnreadable, match=r"cannot read .*logs\.jsonl\.gz after line"):
        _logs(folder)


def test_a_damaged_gzip_file_is_refused(tmp_path: Path) -> None:
    folder = bundle(tmp_path / "b")
    packed = bytearray(gzip.compress(lines([log(at % 600, extra=at**9) for at in range(5_000)]).encode()))
    packed[2_000:2_100] = b"\xff" * 100
    (folder / "logs.jsonl.gz").write_bytes(packed)

    with pytest.raises(TelemetryUnreadable, match=r"cannot read .*logs\.jsonl\.gz"):
        _logs(folder)


def test_bytes_that_are_no_utf_8_are_replaced(tmp_path: Path) -> None:
    folder = bundle(tmp_path / "b")
    (folder / "logs.jsonl").write_bytes(lines([log(1, message="caf@")]).encode().replace(b"@", b"\xe9"))

    assert _logs(folder)[0].text == ("caf\ufffd",)


def test_a_binary_file_is_refused(tmp_path: Path) -> None:
    folder = bundle(tmp_path / "b")
    (folder / "logs.jsonl").write_bytes(bytes(range(256)) * 100)

    with pytest.raises(TelemetryUnreadable, match=r"logs\.jsonl: \d+ of \d+ lines can't be read"):
        _logs(folder)


def test_metrics_of_a_csv_file_are_gathered_into_sorted_series(tmp_path: Path) -> None:
    rows = f"{START + 2},cart,cpu,2,percent\n{START},cart,cpu,,percent\n{START + 1},front,cpu,1.5,\n"
    series = list(open_bundle(bundle(tmp_path / "b", metrics__csv=METRICS + rows)).telemetry.series(WINDOW))

    assert [(one.component, one.metric, one.unit, one.instance) for one in series] == [
        ("cart", "cpu", "percent", "metrics.csv"),
        ("front", "cpu", "", "metrics.csv"),
    ]
    assert series[0].times.tolist() == [START, START + 2]
    assert str(series[0].values.tolist()) == "[nan, 2.0]"


def test_a_row_of_metrics_that_is_no_number_or_too_long_is_left_out(tmp_path: Path) -> None:
    good = "".join(f"{START + at},cart,cpu,{at},\n" for at in range(20))
    text = f"{METRICS}{good}{START},cart,cpu,much,\n{START},cart,cpu,1,,,,\n"
    telemetry = open_bundle(bundle(tmp_path / "b", metrics__csv=text)).telemetry

    assert [len(one.times) for one in telemetry.series(WINDOW)] == [20]


def test_a_table_without_a_needed_column_is_refused_with_its_columns(tmp_path: Path) -> None:
    folder = bundle(tmp_path / "b", metrics__csv="when,component,metric,value\n1,cart,cpu,1\n")

    with pytest.raises(TelemetryUnreadable, match=r"metrics\.csv has no column 'time'; its columns are 'when'"):
        list(open_bundle(folder).telemetry.series(WINDOW))


def test_a_parquet_file_that_is_none_is_refused(tmp_path: Path) -> None:
    folder = bundle(tmp_path / "b", metrics__parquet="PAR1 not really")

    with pytest.raises(TelemetryUnreadable, match=r"cannot read .*metrics\.parquet"):
        list(open_bundle(folder).telemetry.series(WINDOW))


def test_times_of_a_parquet_file_are_read_in_its_own_unit(tmp_path: Path) -> None:
    folder = bundle(tmp_path / "b")
    moments = pa.array([START // 1_000], pa.timestamp("ms"))
    columns = {"time": moments, "component": ["cart"], "metric": ["cpu"], "value": pa.array([1], pa.int32())}
    parquet.write_table(pa.table(columns), folder / "metrics.parquet")
    series = list(open_bundle(folder).telemetry.series(WINDOW))

    assert (series[0].times.tolist(), series[0].values.tolist()) == ([START], [1.0])


def test_spans_hang_together_over_batches_and_with_logs(tmp_path: Path) -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    spans = [span(1, trace=trace, span="00f067aa0ba902b7"), span(2, trace=trace, parent="00f067aa0ba902b7")]
    folder = bundle(tmp_path / "b", spans__jsonl=lines(spans), logs__jsonl=lines([log(1), log(2, trace=trace)]))
    telemetry = open_bundle(folder).telemetry
    (found,), (said,) = list(telemetry.spans(WINDOW)), list(telemetry.logs(WINDOW))

    assert found.parent.tolist() == [-1, found.span.tolist()[0]]
    assert found.trace.tolist() == [said.trace.tolist()[1]] * 2
    assert said.trace.tolist()[0] == -1


def test_the_status_of_a_span_says_whether_it_failed(tmp_path: Path) -> None:
    told = [span(1, status="error"), span(2, status="ok"), span(3), span(4, status="STATUS_CODE_ERROR")]
    (found,) = open_bundle(bundle(tmp_path / "b", spans__jsonl=lines(told))).telemetry.spans(WINDOW)

    assert found.failed.tolist() == [1, 0, -1, 1]


def test_events_and_changes_have_their_class(tmp_path: Path) -> None:
    record = {"time": "2026-09-21T14:13:20Z", "kind": "deploy", "title": "cart 1.2", "component": "cart"}
    broken = {"time": "soon", "kind": "deploy", "title": "front"}
    folder = bundle(tmp_path / "b", changes__json=json.dumps([record, broken]), events__jsonl=lines([record]))
    found = list(open_bundle(folder).telemetry.happenings(WINDOW))

    assert [(one.source, one.component) for one in found] == [("change", "cart"), ("event", "cart")]


def test_what_kubernetes_tells_belongs_to_the_component_of_the_pod(tmp_path: Path) -> None:
    event = {
        "kind": "Event", "reason": "BackOff", "message": "restarting", "lastTimestamp": "2026-09-21T14:14:00Z",
        "involvedObject": {"kind": "Pod", "name": "cart-db-7d9-x2"},
    }  # fmt: skip
    ended = {"terminated": {"reason": "OOMKilled", "exitCode": 137, "finishedAt": "2026-09-21T14:15:00Z"}}
    pod = {
        "kind": "Pod", "metadata": {"name": "cart-5f6-x1", "labels": {"app": "cart"}},
        "status": {"containerStatuses": [{"name": "app", "lastState": ended, "restartCount": 3}]},
    }  # fmt: skip
    facts = {**FACTS, "components": ["cart", "cart-db"]}
    folder = bundle(tmp_path / "b", facts=facts, kubernetes__json=json.dumps({"items": [event, pod]}))
    found = list(open_bundle(folder).telemetry.happenings(WINDOW))

    assert [(one.kind, one.component) for one in found] == [("BackOff", "cart-db"), ("OOMKilled", "cart")]


def test_coverage_says_what_there_is_how_far_it_reaches_and_what_is_missing(tmp_path: Path) -> None:
    folder = bundle(tmp_path / "b", logs__jsonl=lines([log(-60), log(9)]), spans__jsonl=lines([span(1)]))
    telemetry = open_bundle(folder).telemetry

    assert _told(telemetry, SourceClass.METRIC)[0].missing == "the bundle holds none"
    assert _told(telemetry, SourceClass.LOG)[0].baseline == Window(START - 60_000_000, START)
    assert _told(telemetry, SourceClass.TRACE)[0].baseline is None


def test_telemetry_of_another_time_counts_as_missing(tmp_path: Path) -> None:
    telemetry = open_bundle(bundle(tmp_path / "b", logs__jsonl=lines([log(-600)]))).telemetry

    assert "not for" in _told(telemetry, SourceClass.LOG)[0].missing


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"version": 2}, "'version' is 2"),
        ({"windov": {}}, "'windov' is"),
        ({"window": {"start": "2026-09-21T14:13:20Z", "end": "2026-09-21T14:13:20Z"}}, "holds no time"),
        ({"window": {"start": "2026-09-21T14:13:20", "end": "2026-09-21T14:23:20"}}, r"'window\.start' is"),
    ],
)
def test_a_wrong_field_of_bundle_json_is_named(tmp_path: Path, change: Mapping[str, object], said: str) -> None:
    folder = bundle(tmp_path / "b", facts={**FACTS, **change})

    with pytest.raises(TelemetryUnreadable, match=said):
        open_bundle(folder)


@pytest.mark.parametrize("name", ["../secret.jsonl", "/etc/secret.jsonl", "a\0.jsonl"])
def test_a_bundle_can_not_point_to_files_outside_of_it(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret.jsonl").write_text(lines([log(1)]), encoding="utf-8")
    folder = bundle(tmp_path / "b", facts={**FACTS, "files": {"logs": name}})

    with pytest.raises(TelemetryUnreadable, match="names the file"):
        _logs(folder)


def test_a_file_of_another_name_is_read_where_bundle_json_points_to_it(tmp_path: Path) -> None:
    folder = bundle(tmp_path / "b", facts={**FACTS, "files": {"logs": "app.jsonl"}}, app__jsonl=lines([log(1)]))

    assert _logs(folder)[0].text == ("line 1",)


def test_a_folder_of_bundles_is_gone_through_by_name(tmp_path: Path) -> None:
    for name in ("b", "a"):
        bundle(tmp_path / name, facts={**FACTS, "id": name})

    assert [one.name for one in open_cases(tmp_path)] == ["a", "b"]


def test_a_folder_that_is_no_bundle_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TelemetryUnreadable, match=r"holds neither bundle\.json nor case\.json"):
        open_bundle(tmp_path)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TelemetryUnreadable, match="there is no folder"):
        open_bundle(tmp_path / "none")
