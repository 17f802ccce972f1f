"""An investigation by a running API, followed by a command: told once, taken up again, called off."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.errors import GroundwatchError, ServiceUnreachable
from api.investigating.archives import ArchiveLimits, unpack
from api.investigating.following import follow, send_bundle
from api.schemas.investigation_runs import (
    EndEvent,
    RunState,
    StepEvent,
)
from api.telemetry.bundles import open_bundle
from tests.api.investigated import INCIDENT, FakeBundle, NoTelemetry
from tests.api.investigating.followed_api import FakeApi, ending, step, summary


def _breaking(after: int) -> Iterator[StepEvent | EndEvent]:
    yield step(1)
    raise ServiceUnreachable("the connection broke")


def _followed(api: FakeApi) -> tuple[list[str], list[str]]:
    said: list[str] = []
    told: list[str] = []
    follow(api, summary(RunState.QUEUED), say=lambda one: said.append(one.text), tell=told.append, pause=_no_pause)
    return said, told


def _no_pause(_seconds: float) -> None:
    pass


def test_steps_are_told_in_order_after_the_link() -> None:
    said, told = _followed(FakeApi([ending()]))

    assert said == ["step 1", "step 2"]
    assert told == ["investigation i1 at http://127.0.0.1:1/v1/investigations/i1"]


def test_a_stream_that_breaks_off_goes_on_where_it_was() -> None:
    api = FakeApi([_breaking, ending()])

    said, told = _followed(api)

    assert (said, api.afters) == (["step 1", "step 2"], [0, 1])
    assert "trying again" in told[1]


def test_an_api_that_stays_away_is_given_up() -> None:
    def gone(after: int) -> Iterator[StepEvent | EndEvent]:
        raise ServiceUnreachable("no API answers")
        yield

    api = FakeApi([gone])

    with pytest.raises(ServiceUnreachable):
        _followed(api)
    assert len(api.afters) == 6


@pytest.mark.parametrize("state", [RunState.FAILED, RunState.CANCELLED, RunState.INTERRUPTED])
def test_another_end_than_done_is_an_error_that_says_where_its_steps_are(state: RunState) -> None:
    with pytest.raises(GroundwatchError, match=f"is {state.value}: no spans; its steps are kept at http"):
        _followed(FakeApi([ending(state, "no spans")]))


@pytest.mark.parametrize(
    ("error", "words"),
    [(None, "called off; its 2 steps are kept"), (ServiceUnreachable("gone"), "can't be called off and may go on")],
)
def test_an_interrupt_calls_it_off_and_says_what_is_kept(error: GroundwatchError | None, words: str) -> None:
    def interrupted(after: int) -> Iterator[StepEvent | EndEvent]:
        yield step(1)
        raise KeyboardInterrupt

    api, told = FakeApi([interrupted], cancel_error=error), list[str]()

    with pytest.raises(KeyboardInterrupt):
        follow(api, summary(RunState.QUEUED), say=lambda _one: None, tell=told.append, pause=_no_pause)
    assert api.cancelled == 1
    assert words in told[-1]


def test_a_bundle_is_sent_in_the_layout_that_every_api_reads(tmp_path: Path) -> None:
    api = FakeApi([ending()])

    send_bundle(api, FakeBundle(INCIDENT, NoTelemetry()), "night")

    (tmp_path / "a.tar.gz").write_bytes(api.sent)
    (tmp_path / "out").mkdir()
    unpack(tmp_path / "a.tar.gz", tmp_path / "out", ArchiveLimits())
    assert open_bundle(tmp_path / "out" / "bundle").incident.symptom == INCIDENT.symptom
