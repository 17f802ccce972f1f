"""The load of alerts with kills: messages carry numbers, and what is stored is counted by them."""

from contextlib import closing
from pathlib import Path

import pytest

from api.incidents.payloads import alertmanager
from evals.alert_kill import Killed, Sender, kept_in, measure, text
from tests.api.alerting import MOMENT, Clock, open_incidents


def test_what_is_stored_is_counted_by_the_numbers_of_its_alerts(tmp_path: Path) -> None:
    with closing(open_incidents(tmp_path, Clock())) as incidents:
        for _ in range(2):
            incidents.receive(alertmanager.read(Sender(0, 7, 3).message()[1], now=MOMENT).alerts)

    kept = kept_in(tmp_path / "groundwatch.sqlite")

    assert kept.numbers == frozenset(range(30_000_000, 30_000_007))
    assert (kept.alerts, kept.incidents, kept.miscounted) == (7, 7, 0)


def test_what_was_lost_is_told() -> None:
    assert "acknowledged and lost: 3" in text(Killed(9.0, 2, 100, 3, 97, 0, 5, 0, 1, 2))


@pytest.mark.slow
def test_no_alert_that_was_acknowledged_is_lost_or_doubled_through_kills(tmp_path: Path) -> None:
    told = measure(tmp_path, seconds=9.0, kills=2, senders=4, in_each=5)

    assert told.acknowledged > 0
    assert (told.lost, told.doubled, told.miscounted) == (0, 0, 0)
