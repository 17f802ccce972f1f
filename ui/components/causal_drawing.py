"""A drawing of the services around a cause: who calls whom, with the way from cause to symptom standing out."""

from collections.abc import Iterable
from itertools import pairwise

from api.schemas.investigations import InvestigationResult
from ui.components.dependency_drawing import quoted

MOST_SERVICES = 18
"""Services that can be read at the width of a column; those on the way are drawn first, then their neighbours."""


def causal_drawing(result: InvestigationResult) -> str | None:
    """Return the drawing in Graphviz' own language; None where no call is known among what it would show."""
    way = way_of(result)
    calls = list(dict.fromkeys((one.edge.caller, one.edge.callee) for one in result.calls))
    shown = _shown(way, calls, result)
    drawn = [pair for pair in calls if set(pair) <= shown and pair[0] != pair[1]]
    if not drawn:
        return None
    hops = {frozenset(pair) for pair in pairwise(way)}
    linked = {name for pair in drawn for name in pair} | set(way)
    # Long names are cut for reading, so that two could look the same: places in the drawing have ids of their own.
    ids = {name: f"n{number}" for number, name in enumerate(sorted(linked))}
    lines = [
        "digraph {",
        'rankdir=LR; bgcolor="transparent"; nodesep=0.16; ranksep=0.55;',
        'node [shape=box style="rounded" fontname="sans-serif" fontsize=12 height=0.32 margin="0.12,0.05"];',
        "edge [arrowsize=0.7];",
        *(f"{ids[name]} [{_look(name, way, result)}];" for name in sorted(linked)),
        *(
            f"{ids[caller]} -> {ids[callee]}"
            + (' [class="gw-way" penwidth=2.6];' if frozenset((caller, callee)) in hops else ";")
            for caller, callee in drawn
        ),
        "}",
    ]
    return "\n".join(lines)


def way_of(result: InvestigationResult) -> list[str]:
    """Return the components from the cause to the symptom; empty without a cause."""
    cause = result.verdict.cause
    if cause is None:
        return []
    return list(dict.fromkeys([cause.component, *(hop.effect for hop in cause.chain)]))


def _look(name: str, way: list[str], result: InvestigationResult) -> str:
    """Return label and look of a service; what it is stands in words below its name."""
    if way and name == way[0]:
        role, style = "cause", 'class="gw-cause" penwidth=2.6'
    elif name == result.incident.symptom.component:
        role, style = "symptom", 'class="gw-symptom" penwidth=2'
    elif name in way:
        role, style = "on the way", 'class="gw-own" penwidth=2'
    elif name in result.blast_radius:
        role, style = "affected", 'style="rounded,dashed"'
    else:
        role, style = "", ""
    return f"label={quoted(name, below=role)} {style}".strip()


def _shown(way: list[str], calls: Iterable[tuple[str, str]], result: InvestigationResult) -> set[str]:
    first = dict.fromkeys([*way, *filter(None, [result.incident.symptom.component])])
    first |= dict.fromkeys(one.component for one in result.hypotheses[:4])
    near = [name for pair in calls if set(pair) & set(first) for name in pair]
    return set(list(dict.fromkeys([*first, *near, *result.blast_radius]))[:MOST_SERVICES])
