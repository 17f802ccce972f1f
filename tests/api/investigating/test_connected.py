"""Connected sources as a caller sees them: how each is, and the changes that are told."""

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from api.errors import UsageError
from api.investigating.connected import ConnectedSources
from api.investigation.windows import Window, instant_of
from api.schemas.sources import ToldChange, ToldChanges
from api.telemetry.live.sources import SourceHealth
from api.telemetry.live.told_changes import ChangeStore
from tests.api.telemetry.live.live_sources import FakeSource

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


class IllSource(FakeSource):
    """A source that can't be used."""

    def health(self) -> SourceHealth:
        """Say so."""
        return SourceHealth(self.name, self.kind, "http://ill", problem="it can't be reached")


def test_every_source_says_how_it_is_at_the_same_time() -> None:
    meeting = threading.Barrier(2, timeout=10)

    class Meeting(FakeSource):
        def health(self) -> SourceHealth:
            meeting.wait()
            return super().health()

    found = ConnectedSources([Meeting("a"), IllSource("b"), Meeting("c")]).healths().sources

    assert [(one.name, one.version, one.problem) for one in found] == [
        ("a", "1.0", ""), ("b", "", "it can't be reached"), ("c", "1.0", ""),
    ]  # fmt: skip
    assert found[0].gives == ["change", "metric"]


def test_a_change_that_is_told_without_a_time_is_of_now(tmp_path: Path) -> None:
    store = ChangeStore(tmp_path / "changes.sqlite")
    connected = ConnectedSources([], store, now=lambda: NOW)
    told = ToldChanges(changes=[ToldChange(title="flag on", kind="feature-flag", component="cart", ref="f1")])

    kept = [connected.tell(told), connected.tell(told)]

    assert [(one.kept, one.known) for one in kept] == [(1, 0), (0, 1)]
    at = instant_of(NOW)
    assert [(one.at, one.title) for one in store.within(Window(at, at + 1), 10)] == [(at, "flag on")]


def test_a_change_of_the_far_future_is_refused(tmp_path: Path) -> None:
    connected = ConnectedSources([], ChangeStore(tmp_path / "changes.sqlite"), now=lambda: NOW)

    with pytest.raises(UsageError, match="more than a day ahead"):
        connected.tell(ToldChanges(changes=[ToldChange(title="x", time=NOW + timedelta(days=2))]))
