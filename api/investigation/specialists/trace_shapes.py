"""What changed in the shape of requests, told as context: it helps a reader, and blames nobody.

Each statement is about no candidate (its component is NOWHERE, its peer the component that it is about), because a
changed shape is as often a consequence as a cause; the ranking does not see it.
"""

from collections.abc import Sequence

from api.investigation.findings import NOWHERE, Direction
from api.investigation.signals import Signal
from api.investigation.specialists.writing import Notebook, amount, duration, share
from api.investigation.tracing.critical_path import MOST_REQUESTS, path_shares
from api.investigation.tracing.edges import EdgeChange, edge_changes, unanswered
from api.investigation.tracing.skew import skews
from api.investigation.tracing.spans import SpanTable

LEAD = 1.0
"""Score of a statement that is context: below what counts as unusual."""

_GREW = 0.10  # of the critical path, from which a component's share is worth a sentence
_EDGE_COLUMNS = ("caller", "callee", "calls_before", "calls_now", "traces_before", "traces_now", "score")


def tell_shapes(notes: Notebook, healthy: SpanTable, now: SpanTable) -> None:
    """Write down how the shape of requests differs from healthy time, one statement for each way."""
    _tell_path(notes, healthy, now)
    _tell_edges(notes, healthy, now)
    _tell_unanswered(notes, healthy, now)
    tell_skews(notes, now)


def tell_skews(notes: Notebook, now: SpanTable) -> None:
    """Write down whose clocks differ: onsets of such components can't be compared to the instant."""
    found = skews(now)
    if not found:
        return
    seen = notes.observed(
        None,
        "median over calls of how far the callee's span sticks out of the caller's, at its start and at its end",
        f"clocks of {len(found)} pairs of components differ",
        ("caller", "callee", "callee_ahead_us", "least_us", "most_us", "calls"),
        [(one.caller, one.callee, round(one.guess), round(one.least), round(one.most), one.calls) for one in found],
    )
    first = found[0]
    ahead = "ahead of" if first.guess > 0 else "behind"
    _lead(
        notes,
        first.callee,
        Signal.OTHER,
        "clock",
        Direction.CHANGED,
        f"the clock of {first.callee} is about {duration(abs(first.guess))} {ahead} that of {first.caller}",
        f"its spans can't lie inside their callers' otherwise; {first.calls:,} calls, {len(found)} such pairs",
        seen,
    )


def _tell_path(notes: Notebook, healthy: SpanTable, now: SpanTable) -> None:
    shares = path_shares(healthy, now)
    if not shares or shares[0].time_after <= shares[0].time_before or shares[0].after - shares[0].before < _GREW:
        return
    first = shares[0]
    seen = notes.observed(
        first.component,
        f"critical path of at most {MOST_REQUESTS} requests of each stretch, evenly chosen: time per request that each "
        "component holds up",
        f"{first.component} holds up {share(first.after)} of the time of requests, {share(first.before)} before",
        ("component", "share_before", "share_now", "us_before", "us_now"),
        [
            (one.component, round(one.before, 4), round(one.after, 4), round(one.time_before), round(one.time_after))
            for one in shares
        ],
    )
    _lead(
        notes,
        first.component,
        Signal.SELF_TIME,
        "critical path",
        Direction.UP,
        f"{first.component} holds up {share(first.after)} of the time of requests, {share(first.before)} in healthy "
        f"time ({duration(first.time_after)} against {duration(first.time_before)} a request)",
        "critical path, which leaves out what ran beside something slower",
        seen,
    )


def _tell_edges(notes: Notebook, healthy: SpanTable, now: SpanTable) -> None:
    found = edge_changes(healthy, now)
    new, gone, changed = found.new, found.gone, found.moved
    if new:
        claim = f"{new[0].caller} calls {new[0].callee}, {new[0].count:,} times, which it never did in healthy time"
        _tell_changes(notes, new, "new calls", Direction.NEW, claim)
    if gone:
        claim = f"{gone[0].caller} no longer calls {gone[0].callee}, as it did {gone[0].healthy:,} times before"
        _tell_changes(notes, gone, "gone calls", Direction.GONE, claim)
    if changed:
        first = changed[0]
        claim = (
            f"{first.caller} calls {first.callee} {amount(first.makes)} times a request, {amount(first.made)} times in "
            "healthy time"
        )
        _tell_changes(notes, changed, "calls per request", Direction.UP if first.score > 0 else Direction.DOWN, claim)


def _tell_changes(notes: Notebook, found: Sequence[EdgeChange], subject: str, direction: Direction, claim: str) -> None:
    first = found[0]
    seen = notes.observed(
        first.caller,
        "calls between components, and traces in which the caller is, in both stretches of time",
        f"{subject}: {len(found)} pairs of components",
        _EDGE_COLUMNS,
        [
            (
                one.caller, one.callee, one.healthy, one.count, one.healthy_traces, one.traces, round(one.score, 2),
            )
            for one in found
        ],
    )  # fmt: skip
    _lead(
        notes,
        first.caller,
        Signal.OUTGOING_TRAFFIC,
        subject,
        direction,
        claim,
        f"{abs(first.score):.1f} standard errors over {first.healthy_traces:,} requests before and {first.traces:,} "
        f"now; {len(found)} such pairs",
        seen,
    )


def _tell_unanswered(notes: Notebook, healthy: SpanTable, now: SpanTable) -> None:
    found = unanswered(healthy, now)
    if not found:
        return
    first = found[0]
    seen = notes.observed(
        first.callee,
        "share of an operation's spans with a span of the callee right below them, against healthy time",
        f"spans of {len({one.callee for one in found})} callees are missing below their callers'",
        ("caller", "operation", "callee", "share_before", "share_now", "n_before", "n_now", "score"),
        [
            (
                one.caller, one.operation, one.callee, round(one.before, 4), round(one.after, 4), one.healthy,
                one.count, round(one.score, 2),
            )
            for one in found
        ],
    )  # fmt: skip
    _lead(
        notes,
        first.callee,
        Signal.MISSING_CALLS,
        f"{first.operation} > {first.callee}",
        Direction.DOWN,
        f"{first.operation} of {first.caller} has a span of {first.callee} below it in {share(first.after)} of cases, "
        f"{share(first.before)} in healthy time",
        f"{first.score:.1f} standard errors, n {first.healthy} before and {first.count} now; {first.callee} was not "
        "reached, ended early, or its spans were lost",
        seen,
    )


def _lead(
    notes: Notebook,
    component: str,
    signal: Signal,
    subject: str,
    direction: Direction,
    claim: str,
    reason: str,
    seen: str,
) -> None:
    notes.found(NOWHERE, signal, subject, direction, claim, reason, [seen], LEAD, peer=component)
