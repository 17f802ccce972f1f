"""A request to look at beside the strongest finding on traces: its spans, one below the other."""

from dataclasses import replace

from api.investigation.findings import NOWHERE, Direction
from api.investigation.specialists.writing import Notebook, duration
from api.investigation.tracing.example import example_of
from api.investigation.tracing.spans import SpanTable
from api.investigation.windows import instant_text

_COLUMNS = ("component", "operation", "depth", "begins_us", "takes_us", "failed")


def tell_example(notes: Notebook, now: SpanTable) -> None:
    """Keep the longest request through the component of the strongest finding, as rows that this finding cites too."""
    told = [
        (-one.score, index)
        for index, one in enumerate(notes.findings)
        if one.component != NOWHERE and one.direction is not Direction.STEADY and one.score > 0
    ]
    if not told:
        return
    index = min(told)[1]
    finding = notes.findings[index]
    example = example_of(now, finding.component)
    if example is None:
        return
    whole = duration(example.spans[0].takes)
    more = f"; the first {len(example.spans)} are kept" if len(example.spans) < example.total else ""
    seen = notes.observed(
        finding.component,
        f"all spans of the request in which a span of {finding.component} takes longest, microseconds from its start",
        f"an example: the request with the longest span of {finding.component}, from {instant_text(example.at)}, "
        f"{whole}, {example.total} spans{more}",
        _COLUMNS,
        [(one.component, one.operation, one.depth, one.begins, one.takes, one.failed) for one in example.spans],
    )
    notes.findings[index] = replace(finding, observations=(*finding.observations, seen))
