"""The next thing to look at: what would tell the first hypothesis from the second, or close the gap in between."""

from collections.abc import Sequence

from api.investigation.findings import Gap
from api.investigation.hypotheses import Hypothesis
from api.investigation.observations import SourceClass
from api.investigation.verdicts import SYSTEM_KNOWN, DecidingQuery, Verdict, VerdictState

_ORDER = (SourceClass.TRACE, SourceClass.METRIC, SourceClass.LOG)
_LOOK = {
    SourceClass.TRACE: "spans of {name} in the window: self time, failed calls and the calls that it makes",
    SourceClass.METRIC: "CPU, memory, errors and latency of {name} in the window against the hour before",
    SourceClass.LOG: "log lines of {name} in the window that its baseline doesn't have",
}


def deciding_query(verdict: Verdict, hypotheses: Sequence[Hypothesis], gaps: Sequence[Gap]) -> DecidingQuery | None:
    """Return what to look at next; None where the cause is confirmed or nothing is wrong."""
    if verdict.state in {VerdictState.CONFIRMED, VerdictState.NOTHING_WRONG}:
        return None
    if not hypotheses:
        return _close(gaps[0]) if gaps else None
    first = hypotheses[0]
    rules = {one.rule for one in verdict.objections}
    missing = {gap.source for gap in gaps if gap.component in {None, first.component}}
    unseen = [source for source in _ORDER if source not in first.sources and source not in missing]
    if rules == {SYSTEM_KNOWN} or (SYSTEM_KNOWN in rules and verdict.state is VerdictState.LIKELY and not unseen):
        return _ask_a_person(first.component)
    if not unseen and gaps:
        return _close(gaps[0])
    source = unseen[0] if unseen else _ORDER[0]
    other = hypotheses[1].component if len(hypotheses) > 1 else "another component"
    return DecidingQuery(
        source=source.value,
        text=_LOOK[source].format(name=first.component),
        if_so=f"trouble there speaks for {first.component} with a second class of source",
        if_not=f"nothing there speaks for {other} instead",
    )


def _ask_a_person(name: str) -> DecidingQuery:
    return DecidingQuery(
        source=SourceClass.HUMAN.value,
        text=f"look at {name} yourself, then confirm or reject that it is at fault",
        if_so="the cause is confirmed, by you and by what was observed",
        if_not="the next hypothesis is weighed in its place",
    )


def _close(gap: Gap) -> DecidingQuery:
    return DecidingQuery(
        source=gap.source.value,
        text=f"{gap.detail}; {gap.next_step}",
        if_so="what it shows is weighed with the rest",
        if_not="the question stays open",
    )
