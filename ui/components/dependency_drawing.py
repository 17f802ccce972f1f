"""A small drawing of what a service depends on and what uses it, in Graphviz' own language."""

from collections.abc import Sequence

from api.schemas.structure import ServiceDetail

MOST_NEIGHBOURS = 16  # more cannot be read at the width of a column; the lists beside hold all
_LONGEST_NAME = 40


def drawing_of(service: ServiceDetail) -> str | None:
    """Return the drawing; None where there is nothing to draw, or too much to be read."""
    neighbours = len(service.depends_on) + len(service.used_by)
    if not 0 < neighbours <= MOST_NEIGHBOURS:
        return None
    own = quoted(service.name)
    lines = [
        "digraph {",
        'rankdir=LR; bgcolor="transparent"; nodesep=0.18; ranksep=0.7;',
        'node [shape=box style="rounded" fontname="sans-serif" fontsize=12 height=0.32 margin="0.14,0.06"];',
        'edge [fontname="sans-serif" fontsize=10 arrowsize=0.7];',
        f'{own} [class="gw-own" penwidth=2];',
        *(f"{quoted(edge.service)} -> {own}{_label(edge.labels)};" for edge in service.used_by),
        *(f"{own} -> {quoted(edge.service)}{_label(edge.labels)};" for edge in service.depends_on),
        "}",
    ]
    return "\n".join(lines)


def _label(labels: Sequence[str]) -> str:
    return f" [label={quoted(labels[0])}]" if labels else ""


def quoted(name: str, *, below: str = "") -> str:
    """Return a name as a quoted string, in which nothing is markup (Graphviz: The DOT Language, IDs and escapes).

    `below` are words of ours for a second line.
    """
    text = " ".join(name.split())
    text = text if len(text) <= _LONGEST_NAME else f"{text[: _LONGEST_NAME - 2]} …"
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}\\n{below}"' if below else f'"{escaped}"'
