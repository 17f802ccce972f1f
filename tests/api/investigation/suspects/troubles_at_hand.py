"""Troubles and changes for tests, with what the test is about in sight and the rest filled in."""

from api.investigation.faults import FaultKind
from api.investigation.observations import SourceClass
from api.investigation.suspects.trouble import Telling, Trouble
from api.investigation.telemetry import Happening, Series

BEGAN = 700_000_000


def line(text: str, component: str = "checkout", *, count: int = 10, varying: frozenset[str] = frozenset()) -> Telling:
    return Telling(SourceClass.LOG, component, text, BEGAN, count, 5.0, new=True, varying=varying)


def trouble(*tellings: Telling, kinds: frozenset[FaultKind] = frozenset(), now: tuple[Series, ...] = ()) -> Trouble:
    return Trouble(tellings, kinds, BEGAN, "the test", (), (), now)


def commit(ref: str, title: str = "tidy", diff: str = "", *, at: int = BEGAN - 60_000_000) -> Happening:
    return Happening(SourceClass.CHANGE, "commit", at, None, title, ref=ref, detail=diff)


def deploy(ref: str, component: str = "checkout", *, at: int = BEGAN - 30_000_000) -> Happening:
    return Happening(SourceClass.CHANGE, "deploy", at, component, f"deploy {ref}", ref=ref)
