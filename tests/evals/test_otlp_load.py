"""The load of OTLP: batches carry their number, and what is stored is counted by it."""

from contextlib import closing
from pathlib import Path

import pytest

from api.telemetry.otlp.requests import OtlpSignal
from api.telemetry.otlp.store import OtlpStore
from evals.otlp_load import Load, Sender, _kept, text


@pytest.mark.parametrize("kind", OtlpSignal)
def test_what_is_stored_of_each_batch_is_counted(tmp_path: Path, kind: OtlpSignal) -> None:
    sender = Sender(kind, 0, 5, 0)
    with closing(OtlpStore(tmp_path)) as store:
        for number in (1, 2, 2):
            store.take(kind, sender.body(number)).result(5)

    assert _kept(kind, tmp_path) == {1: 5, 2: 10}


def test_a_load_is_told_with_its_peer_and_what_was_lost() -> None:
    told = text(Load("traces", 512, 10.0, 2_000, 1_024, 1, 3, 2, 100.0, 200.0, 5.0, 9.0, 300.0))

    assert "0.50 times a program that appends and synchronises each (200)" in told
    assert "acknowledged and lost: 3" in told
