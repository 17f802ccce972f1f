"""In which ways a change can act on a running system, and which kinds of fault each way can cause."""

from dataclasses import dataclass
from enum import StrEnum

from api.investigation.faults import FaultKind

_K = FaultKind


class Mechanism(StrEnum):
    """One way in which a change acts on a running system; `value` says it to a reader."""

    TIGHTENED = "lowers a limit, or takes one away"
    LOOSENED = "raises a limit"
    GUARD_LOST = "takes a check away"
    CALL_LOST = "takes a call away and puts nothing in its place"
    REPEATED_WORK = "calls something in a loop, or asks another system, where it did not"
    GROWTH = "appends to something that lives as long as the process and is never emptied"
    FLIPPED = "turns a condition or a switch round"
    SET = "gives a setting another value"
    SCHEMA = "alters or drops something in a database"
    WAITS = "waits, or takes a lock, where it did not"
    RENAMED = "replaces a name, key or text that others may rely on"
    DEPENDENCY = "moves the version of a dependency"
    PATCHED = "moves a dependency by a patch, which by semantic versioning changes no interface"
    SWITCHED = "switches a flag"
    UNCLEAR = "changes code in a way that is not read from its diff"
    UNTOLD = "its diff is not told"
    INERT = "changes nothing that a running process does"


FITTING: dict[Mechanism, frozenset[FaultKind]] = {
    Mechanism.TIGHTENED: frozenset(
        {_K.DEPENDENCY_SLOW, _K.DEPENDENCY_DOWN, _K.QUOTA, _K.DATABASE, _K.CREDENTIAL, _K.MEMORY, _K.CPU, _K.QUEUE_LAG}
    ),
    Mechanism.LOOSENED: frozenset({_K.MEMORY, _K.CPU, _K.DISK, _K.DATABASE, _K.QUEUE_LAG}),
    Mechanism.GUARD_LOST: frozenset({_K.CODE_DEFECT, _K.CRASH, _K.DATA_ERROR, _K.CREDENTIAL, _K.DATABASE}),
    Mechanism.CALL_LOST: frozenset({_K.CODE_DEFECT, _K.CRASH, _K.DATA_ERROR, _K.CREDENTIAL, _K.MEMORY, _K.DATABASE}),
    Mechanism.REPEATED_WORK: frozenset(
        {_K.DEPENDENCY_SLOW, _K.DATABASE, _K.CPU, _K.QUOTA, _K.QUEUE_LAG, _K.DATA_ERROR}
    ),
    Mechanism.GROWTH: frozenset({_K.MEMORY, _K.DISK}),
    Mechanism.FLIPPED: frozenset(
        {
            _K.CODE_DEFECT,
            _K.CRASH,
            _K.CREDENTIAL,
            _K.DATA_ERROR,
            _K.DEPENDENCY_DOWN,
            _K.DEPENDENCY_SLOW,
            _K.DATABASE,
            _K.CPU,
            _K.MEMORY,
            _K.QUOTA,
            _K.QUEUE_LAG,
        }
    ),
    Mechanism.SET: frozenset(
        {
            _K.CRASH,
            _K.CREDENTIAL,
            _K.DATA_ERROR,
            _K.DEPENDENCY_DOWN,
            _K.DEPENDENCY_SLOW,
            _K.DATABASE,
            _K.DNS,
            _K.QUOTA,
            _K.SCHEDULING,
            _K.NETWORK_PARTITION,
            _K.QUEUE_LAG,
        }
    ),
    Mechanism.SCHEMA: frozenset({_K.DATABASE, _K.DATA_ERROR, _K.DEPENDENCY_SLOW, _K.CODE_DEFECT}),
    Mechanism.WAITS: frozenset({_K.DEPENDENCY_SLOW, _K.DATABASE, _K.QUEUE_LAG}),
    Mechanism.RENAMED: frozenset(
        {_K.DATA_ERROR, _K.CODE_DEFECT, _K.CREDENTIAL, _K.DEPENDENCY_DOWN, _K.DNS, _K.DATABASE}
    ),
    Mechanism.DEPENDENCY: frozenset({_K.CRASH, _K.CODE_DEFECT, _K.DATA_ERROR, _K.CREDENTIAL, _K.MEMORY}),
}
"""The kinds of fault that each reading can cause; one that is not here says nothing of the kind."""


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that a change does, with the line before and after: either is empty where there is none.

    `around` is the stretch of code that it stands in; empty where its neighbours have nothing to do with it.
    """

    mechanism: Mechanism
    file: str
    before: str
    after: str
    around: str = ""
