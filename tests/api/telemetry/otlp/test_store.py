"""The store: what was taken is read again as spans, lines and series, after a crash too, within its bounds."""

import os
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from api.investigation.observations import SourceClass
from api.investigation.windows import Window
from api.telemetry.live.sources import Limits, Scope
from api.telemetry.otlp.journal import Bounds, Full
from api.telemetry.otlp.requests import OtlpSignal
from api.telemetry.otlp.source import OtlpSource
from api.telemetry.otlp.store import Keeping, OtlpStore
from api.telemetry.otlp.tables import convert, merge, remove_old, tables_in
from ingest.errors import StorageFailed
from tests.api.telemetry.otlp.requests_at_hand import NOW, START, counter, gauge, histogram, logs, traces

WINDOW = Window(START, NOW * 1_000_000 + 60_000_000)
SCOPE = Scope(WINDOW, None)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[OtlpStore]:
    with closing(OtlpStore(tmp_path / "otlp")) as opened:
        yield opened


def take(store: OtlpStore, request: Any) -> None:
    signal = next(one for one in OtlpSignal if one.value.rstrip("s").title() in type(request).__name__)
    store.take(signal, request.SerializeToString()).result(5)


def read(store: OtlpStore, scope: Scope = SCOPE) -> Any:
    return OtlpSource(store).telemetry(scope)


def test_spans_come_back_with_who_calls_whom(store: OtlpStore) -> None:
    take(store, traces("front", 2, kind=3, attributes={"peer.service": "cart"}))
    take(store, traces("cart"))

    batch = next(read(store).spans(WINDOW))

    found = sorted(
        (batch.names[one], batch.names[peer] if peer >= 0 else "", int(duration))
        for one, peer, duration in zip(batch.component, batch.peer, batch.duration, strict=True)
    )
    assert found == [("cart", "", 2_000), ("front", "cart", 2_000), ("front", "cart", 2_000)]
    assert set(batch.parent.tolist()) == {-1}
    assert batch.start[0] == START


def test_a_failed_span_and_its_parent_are_told(store: OtlpStore) -> None:
    request = traces("cart", parent_span_id=(9).to_bytes(8, "little"))
    request.resource_spans[0].scope_spans[0].spans[0].status.code = 2
    take(store, request)

    batch = next(read(store).spans(WINDOW))

    assert (batch.parent.tolist(), batch.failed.tolist(), batch.span.tolist()) == ([9], [1], [1])


def test_lines_come_back_with_their_severity_and_what_was_thrown(store: OtlpStore) -> None:
    take(store, logs("payment failed", severity_number=17, attributes={"exception.type": "TimeoutError"}))
    take(store, logs("level=warn slow", at=START + 5))
    structured = logs("", at=START + 9)
    structured.resource_logs[0].scope_logs[0].log_records[0].body.kvlist_value.values.add(
        key="code"
    ).value.int_value = 7
    take(store, structured)

    batch = next(read(store).logs(WINDOW))

    severities = [batch.names[one] if one >= 0 else "" for one in batch.severity]
    assert list(zip(severities, batch.text, strict=True)) == [
        ("ERROR", "payment failed TimeoutError"),
        ("WARN", "level=warn slow"),
        ("", '{"code": 7}'),
    ]


def test_a_growing_sum_becomes_a_rate_over_its_streams_and_a_new_start_is_no_fall(store: OtlpStore) -> None:
    take(store, counter([0, 300, 600, 30, 60], {"route": "/a"}))
    take(store, counter([0, 30, 60, 90, 120], {"route": "/b", "http.response.status_code": 503}))

    series = {one.metric: one for one in read(store).series(WINDOW)}

    step = 10.0
    assert (series["requests"].values * step).round(6).tolist() == [330, 330, 60, 60]
    assert (series["requests.failed"].values * step).round(6).tolist() == [30, 30, 30, 30]
    assert series["requests"].unit == "/s"
    assert series["requests"].times[0] == START + 30_000_000


def test_a_gauge_is_the_mean_of_its_streams(store: OtlpStore) -> None:
    take(store, gauge([1, 3], host="a"))
    take(store, gauge([3, float("nan")], host="b"))

    (series,) = read(store).series(WINDOW)

    assert series.values.tolist() == [2, 3]


def test_a_histogram_becomes_a_rate_a_mean_and_quantiles(store: OtlpStore) -> None:
    take(store, histogram([[0, 0, 0], [80, 20, 0], [80, 120, 0]], [0.1, 1.0]))

    series = {one.metric: one.values for one in read(store).series(WINDOW)}

    assert (series["latency.count"] * 10).tolist() == [100, 100]
    np.testing.assert_allclose(series["latency.p50"], [0.0625, 0.55])
    np.testing.assert_allclose(series["latency.p99"], [0.955, 0.991])


def test_only_the_components_of_an_incident_are_read(store: OtlpStore) -> None:
    take(store, traces("front"))
    take(store, traces("cart"))

    found = list(read(store, Scope(WINDOW, None, ("cart",))).spans(WINDOW))

    assert [one.names[0] for one in found] == ["cart"]


def test_rows_beyond_the_limit_are_told_as_cut(store: OtlpStore) -> None:
    take(store, traces("front", 30))
    telemetry = OtlpSource(store, limits=Limits(rows=10)).telemetry(SCOPE)

    found = sum(map(len, telemetry.spans(WINDOW)))
    told = {one.source: one for one in telemetry.coverage()}

    assert found == 10
    assert "no more than 10 rows" in told[SourceClass.TRACE].cut


def test_where_nothing_was_sent_for_a_window_that_is_told(store: OtlpStore) -> None:
    take(store, traces())
    telemetry = read(store)

    assert list(telemetry.logs(WINDOW)) == []
    told = {one.source: one.missing for one in telemetry.coverage()}
    assert told[SourceClass.LOG].startswith("otlp: none was sent for")


def test_until_something_comes_there_is_no_source(store: OtlpStore) -> None:
    source = OtlpSource(store)
    before, told = source.gives, source.health()
    take(store, traces())

    assert before == frozenset()
    assert (told.version, told.problem) == ("nothing was sent yet (docs/otlp.md)", "")
    assert source.gives == {SourceClass.TRACE, SourceClass.LOG, SourceClass.METRIC}
    assert source.health().version == ""


def test_what_a_process_left_behind_is_made_tables_by_the_next(tmp_path: Path) -> None:
    first = OtlpStore(tmp_path)
    take(first, traces(count=5))
    assert first._owner is not None
    os.close(first._owner)  # the process is gone; its journal is as it was

    with closing(OtlpStore(tmp_path)) as second:
        second.open()
        assert second.settle(5)
        assert sum(map(len, read(second).spans(WINDOW))) == 5


def test_nothing_is_lost_while_files_are_closed_and_made_tables_all_the_time(tmp_path: Path) -> None:
    with closing(OtlpStore(tmp_path, bounds=Bounds(file_bytes=1))) as store:
        for number in range(60):
            take(store, traces(count=2, at=START + number))
        assert store.settle(20)
        assert sum(map(len, read(store).spans(WINDOW))) == 120


def test_a_second_process_is_refused_and_reads_what_is_there(store: OtlpStore) -> None:
    take(store, traces(count=5))
    assert store.settle(5)
    other = OtlpStore(store.folder)

    with pytest.raises(StorageFailed, match="no other API owns this folder"):
        other.take(OtlpSignal.TRACES, b"")
    assert sum(map(len, read(other).spans(WINDOW))) == 5


def test_a_backlog_that_is_too_large_is_refused(tmp_path: Path) -> None:
    with (
        closing(OtlpStore(tmp_path, bounds=Bounds(backlog_bytes=-1))) as store,
        pytest.raises(Full, match="made tables"),
    ):
        store.take(OtlpSignal.TRACES, b"")


def test_making_tables_twice_gives_the_same_files(store: OtlpStore, tmp_path: Path) -> None:
    take(store, traces(count=3))
    take(store, logs())
    journal = next((store.folder / "journal").glob("*.journal"))

    twice = [convert(journal, tmp_path / "again") for _ in range(2)]

    assert twice == [4, 4]
    assert len(list((tmp_path / "again").rglob("*.parquet"))) == 2


def test_small_tables_become_one_and_nothing_is_read_twice(tmp_path: Path) -> None:
    with closing(OtlpStore(tmp_path)) as store:
        for number in range(17):
            take(store, traces(count=2, at=START + number))
            assert store.settle(5)

        merge(tmp_path)
        left = tables_in(tmp_path, OtlpSignal.TRACES)
        rows = sum(map(len, read(store).spans(WINDOW)))

    assert len(left) < 5
    assert rows == 34


def test_what_a_merge_was_to_remove_when_its_process_ended_is_removed_by_the_next(tmp_path: Path) -> None:
    with closing(OtlpStore(tmp_path)) as store:
        for number in range(17):
            take(store, traces(count=2, at=START + number))
            assert store.settle(5)
        merged = [one for one in tables_in(tmp_path, OtlpSignal.TRACES) if "m_" in one.path.name]
        assert merged
    (tmp_path / "traces" / f"000000000001_{START}_{START + 1_000}.parquet").write_bytes(merged[0].path.read_bytes())

    with closing(OtlpStore(tmp_path)) as again:
        again.open()
        deadline = time.monotonic() + 5
        while len(tables_in(tmp_path, OtlpSignal.TRACES)) > 2 and time.monotonic() < deadline:
            time.sleep(0.01)
        rows = sum(map(len, read(again).spans(WINDOW)))

    assert rows == 34


def test_the_oldest_goes_first_and_what_came_too_long_ago_goes_too(tmp_path: Path) -> None:
    with closing(OtlpStore(tmp_path, keeping=Keeping(hours=1e6))) as store:
        for number in range(3):
            take(store, traces(count=50, at=START + number))
            assert store.settle(5)
    tables = tables_in(tmp_path, OtlpSignal.TRACES)
    for age, table in zip((300, 200, 100), tables, strict=True):
        os.utime(table.path, (NOW - age, NOW - age))
    size = tables[0].path.stat().st_size

    too_old = remove_old(tmp_path, most_bytes=10 * size, before=NOW - 250)
    too_much = remove_old(tmp_path, most_bytes=size + 10, before=0)

    assert (too_old, too_much) == (1, 1)
    assert tables_in(tmp_path, OtlpSignal.TRACES) == [tables[2]]


def test_a_damaged_table_is_told_and_the_others_are_read(tmp_path: Path) -> None:
    with closing(OtlpStore(tmp_path)) as store:
        for number in range(2):
            take(store, traces(at=START + number))
            assert store.settle(5)
        tables_in(tmp_path, OtlpSignal.TRACES)[0].path.write_bytes(b"PAR1 damaged PAR1")
        telemetry = read(store)

        assert sum(map(len, telemetry.spans(WINDOW))) == 1
        told = {one.source: one.cut for one in telemetry.coverage()}
    assert "can't be read" in told[SourceClass.TRACE]


def test_a_journal_that_nobody_can_read_is_set_aside(tmp_path: Path) -> None:
    with closing(OtlpStore(tmp_path)) as store:
        store.take(OtlpSignal.TRACES, b"\xff\xff\xff no protobuf").result(5)
        store.settle(1)
        take(store, traces())
        assert store.settle(5)
        assert sum(map(len, read(store).spans(WINDOW))) == 1

    assert len(list(tmp_path.rglob("*.odd"))) == 1
