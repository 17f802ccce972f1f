"""Investigations exported as bundles, opened again; and telemetry with a part hidden."""

from pathlib import Path

import pytest

from api.errors import UsageError
from api.investigation.incidents import Incident
from api.investigation.observations import SourceClass
from api.investigation.telemetry import Telemetry
from api.investigation.windows import Window
from api.telemetry.ablation import WithoutModality
from api.telemetry.bundles import Bundle, open_bundle
from api.telemetry.exporting import apart, write_bundle
from evals.large_bundle import main, size_of, write_large_bundle
from tests.api.telemetry.bundle_folder import START, bundle, lines, log, span

WINDOW = Window(START - 3_600_000_000, START + 600_000_000)


def _rows(telemetry: Telemetry) -> list[object]:
    """Return everything that telemetry gives, with names in place of codes."""

    def named(names: tuple[str, ...], codes: list[int]) -> list[str | None]:
        return [names[code] if code >= 0 else None for code in codes]

    spans = [
        (
            *(named(one.names, column.tolist()) for column in (one.component, one.operation, one.peer)),
            *(column.tolist() for column in (one.trace, one.span, one.parent, one.start, one.duration, one.failed)),
        )
        for one in telemetry.spans(WINDOW)
    ]
    said = [
        (
            *(named(one.names, column.tolist()) for column in (one.component, one.severity, one.origin)),
            *(column.tolist() for column in (one.time, one.trace, one.span, one.count)),
            one.text,
        )
        for one in telemetry.logs(WINDOW)
    ]
    series = [(one.component, one.metric, one.unit, one.instance) for one in telemetry.series(WINDOW)]
    points = [(one.times.tolist(), one.values.tolist()) for one in telemetry.series(WINDOW)]
    return [spans, said, series, points, list(telemetry.happenings(WINDOW)), telemetry.edges(), telemetry.coverage()]


@pytest.fixture
def opened(tmp_path: Path) -> Bundle:
    """Return a bundle with something of everything."""
    happened = [{"time": START, "kind": "flag", "title": "é\n", "source": "change", "until": START + 5}]
    return open_bundle(
        bundle(
            tmp_path / "first",
            metrics__csv=f"time,component,metric,value\n{START - 9},cart,cpu,0.1\n{START},cart,cpu,1e300\n",
            logs__jsonl=lines([log(-3), log(1, trace="t1", span="s1", severity="WARN", origin="a:1", count=3)]),
            spans__jsonl=lines([span(1, peer="db", operation="GET", status="error"), span(2, component="front")]),
            changes__jsonl=lines(happened),
            calls__csv='caller,callee\nfront,"cart, the old"\n',
        )
    )


def test_a_bundle_that_is_written_gives_the_same_rows(tmp_path: Path, opened: Bundle) -> None:
    write_bundle(tmp_path / "again", opened.incident, opened.telemetry)
    again = open_bundle(tmp_path / "again")

    assert again.incident == opened.incident
    assert _rows(again.telemetry) == _rows(opened.telemetry)


def test_a_bundle_is_not_written_over_something_else(tmp_path: Path, opened: Bundle) -> None:
    with pytest.raises(UsageError, match="is not empty"):
        write_bundle(tmp_path / "first", opened.incident, opened.telemetry)


def test_windows_that_overlap_are_written_once() -> None:
    assert apart([Window(5, 9), Window(0, 3), Window(2, 6), Window(20, 21)]) == [Window(0, 9), Window(20, 21)]


def test_a_hidden_class_is_gone_and_said_to_be_missing(opened: Bundle) -> None:
    hidden = WithoutModality(opened.telemetry, frozenset({SourceClass.TRACE}))

    assert list(hidden.spans(WINDOW)) == []
    assert [one.missing != "" for one in hidden.coverage() if one.source is SourceClass.TRACE] == [True]
    assert sum(len(one) for one in hidden.logs(WINDOW)) == 2


def test_a_hidden_component_tells_nothing_of_itself_and_each_source_says_so(opened: Bundle) -> None:
    hidden = WithoutModality(opened.telemetry, frozenset(), frozenset({"cart"}))
    spans = [one.names[code] for one in hidden.spans(WINDOW) for code in one.component.tolist()]

    assert (list(hidden.series(WINDOW)), list(hidden.logs(WINDOW)), spans) == ([], [], ["front"])
    assert [one.instance for one in hidden.coverage() if "cart" in one.missing] == [
        "cart/metric",
        "cart/log",
        "cart/trace",
    ]


def test_a_large_bundle_is_the_same_each_time_and_shows_its_fault(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_large_bundle(tmp_path / name, size_of("3MB"), seed=7)
    telemetry, incident = _opened(tmp_path / "a")
    assert incident.baseline is not None
    windows = (incident.baseline, incident.window)
    healthy, troubled = (
        next(one for one in telemetry.series(window) if (one.component, one.metric) == ("service-03", "cpu_usage"))
        for window in windows
    )

    assert troubled.values.mean() > 3 * healthy.values.mean()
    assert (tmp_path / "a" / "logs.jsonl").read_bytes() == (tmp_path / "b" / "logs.jsonl").read_bytes()


def test_a_size_that_is_none_ends_with_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "x"), "--size", "big"]) == 2
    assert "'big' is no size" in capsys.readouterr().err


def _opened(folder: Path) -> tuple[Telemetry, Incident]:
    found = open_bundle(folder)
    return found.telemetry, found.incident
