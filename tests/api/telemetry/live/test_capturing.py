"""What live sources told is kept: asked for once, the same in every later run, whole or made again."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from api.errors import TelemetryUnreadable
from api.exports.investigation_report import report_markdown
from api.investigating.parts import open_investigator
from api.investigation.observations import SourceClass
from api.investigation.telemetry import Telemetry
from api.telemetry.bundles import open_bundle
from api.telemetry.live.capturing import RECORDED, CapturingTelemetry
from api.telemetry.live.cases import CaseOpener, write_case
from api.telemetry.live.joined import gather
from api.telemetry.live.sources import Scope
from tests.api.telemetry.live.live_sources import INCIDENT, SCOPE, WINDOW, FakeSource, down


def _capturing(folder: Path, *sources: FakeSource) -> CapturingTelemetry:
    return CapturingTelemetry(folder, INCIDENT, lambda: gather(sources, SCOPE))


def _report(telemetry: Telemetry) -> str:
    found = open_investigator().investigate(INCIDENT, telemetry, emit=lambda _: None, cancelled=threading.Event())
    return report_markdown(found)


def test_a_source_is_asked_once_and_then_the_recording_is_read(tmp_path: Path) -> None:
    source = FakeSource("a")
    telemetry = _capturing(tmp_path, source)

    nothing_yet = source.asked
    lengths = [len(one.times) for _ in range(3) for one in telemetry.series(WINDOW)]
    again = [len(one.times) for one in _capturing(tmp_path, source).series(WINDOW)]

    assert nothing_yet == 0
    assert source.asked == 2  # the healthy time and the window
    assert lengths == [120, 120, 120]
    assert again == [120]


def test_the_report_on_live_sources_is_that_on_the_recording(tmp_path: Path) -> None:
    live = _report(_capturing(tmp_path, FakeSource("a"), FakeSource("b", down)))

    bundle = open_bundle(tmp_path / RECORDED)

    assert bundle.incident == INCIDENT
    assert _report(bundle.telemetry) == live
    assert "it is down" in live
    assert "a_latency_seconds of cart rose" in live


def test_what_was_missing_or_cut_is_kept_in_the_bundle(tmp_path: Path) -> None:
    _capturing(tmp_path, FakeSource("b", down)).coverage()

    kept = open_bundle(tmp_path / RECORDED).telemetry.coverage()

    assert [(one.source, one.missing) for one in kept if one.missing] == [(SourceClass.METRIC, "b: it is down")]


def test_a_recording_that_was_left_half_way_is_made_again(tmp_path: Path) -> None:
    (tmp_path / ".recording-1").mkdir()
    (tmp_path / ".recording-1" / "metrics.parquet").write_bytes(b"PAR1 half")
    (tmp_path / RECORDED).mkdir()
    (tmp_path / RECORDED / "metrics.parquet").write_bytes(b"PAR1 half")
    source = FakeSource("a")

    found = list(_capturing(tmp_path, source).series(WINDOW))

    assert len(found) == 1
    assert sorted(one.name for one in tmp_path.iterdir()) == [RECORDED]


def test_many_threads_that_read_first_ask_once(tmp_path: Path) -> None:
    source = FakeSource("a")
    telemetry = _capturing(tmp_path, source)
    threads = [threading.Thread(target=telemetry.coverage) for _ in range(6)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert source.asked == 2


def test_a_case_is_opened_by_its_folder_and_asks_the_sources_that_it_names(tmp_path: Path) -> None:
    write_case(tmp_path / "case", INCIDENT, ["a", "gone"], labels=[("team", "shop")])
    asked: list[Scope] = []

    class Noting(FakeSource):
        def telemetry(self, scope: Scope) -> Telemetry:
            asked.append(scope)
            return super().telemetry(scope)

    opened = CaseOpener((Noting("a"), Noting("b")), open_bundle)(tmp_path / "case")
    coverage = opened.telemetry.coverage()

    assert opened.incident == INCIDENT
    assert asked == [Scope(SCOPE.window, SCOPE.baseline, (), (("team", "shop"),))]
    told = {(one.source, one.missing) for one in coverage if one.missing}
    assert (SourceClass.LOG, "the file of sources has no source 'gone' any more") in told


@pytest.mark.parametrize("text", ["", "{", "{}", '{"version": 2}', "[" * 9_000])
def test_a_broken_case_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "live.json").write_text(text)
    opening: Callable[[Path], object] = CaseOpener((), open_bundle)

    with pytest.raises(TelemetryUnreadable, match="not as it was written"):
        opening(tmp_path)


def test_any_other_folder_is_a_bundle(tmp_path: Path) -> None:
    with pytest.raises(TelemetryUnreadable, match="holds neither"):
        CaseOpener((), open_bundle)(tmp_path)
