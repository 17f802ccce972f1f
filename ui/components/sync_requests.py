"""What this reader asked of syncs: start, cancel, retry; and what the API said, until the run shows it."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from api.errors import GroundwatchError
from api.schemas.upkeep import RunSummary, SyncRequest, SyncStarted
from ui.components.inline import sentence
from ui.connection import assistant

APPEARS_WITHIN_SECONDS = 60.0  # importing all that a run needs takes 20 s on a slow machine
_KEY = "sync asked for"


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked when run `newest` was the newest, and the answer; `waits` for a run that is yet to appear."""

    newest: int
    words: str
    at: float
    waits: bool = False
    cancels: bool = False
    failed: bool = False


def asked_of(newest: RunSummary | None) -> Asked | None:
    """Return what was asked and is not yet seen in the newest run; None where nothing is open."""
    asked: Asked | None = st.session_state.get(_KEY)
    if asked is None:
        return None
    number = newest.id if newest else 0
    ended = newest is None or newest.outcome.value != "running"
    if (asked.waits and number > asked.newest) or (asked.cancels and ended):
        del st.session_state[_KEY]
        return None
    return asked


def overdue(asked: Asked) -> bool:
    """Tell whether a run that was asked for should have appeared by now."""
    return asked.waits and time.monotonic() - asked.at > APPEARS_WITHIN_SECONDS


def ask_sync(newest: int, sources: tuple[str, ...] = (), retry_failed: bool = False) -> None:
    """Ask for a run, and keep what the API said."""
    request = SyncRequest(sources=list(sources), retry_failed=retry_failed)
    _keep(newest, lambda: assistant().start_sync(request), waits=True)


def ask_cancel(newest: int) -> None:
    """Ask the run at work to stop, and keep what the API said."""
    _keep(newest, lambda: assistant().cancel_sync(), cancels=True)


def _keep(newest: int, ask: Callable[[], SyncStarted], *, waits: bool = False, cancels: bool = False) -> None:
    try:
        answer = ask()
    except GroundwatchError as error:
        asked = Asked(newest, sentence(str(error)), time.monotonic(), failed=True)
    else:
        started = answer.state == "started"
        # The answer to a start is worded for callers of the API; a reader sees the run itself.
        words = "A run was asked for." if waits and started else sentence(answer.detail)
        asked = Asked(newest, words, time.monotonic(), waits=waits and started, cancels=cancels)
    st.session_state[_KEY] = asked
