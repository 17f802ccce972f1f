"""Services and alerts as text for a terminal, each fact with its place."""

from collections.abc import Iterator, Sequence

from api.schemas.structure import (
    AlertPage,
    DependencyEdge,
    NamedDocument,
    ServiceDetail,
    ServicePage,
    StatedAt,
)
from api.terminal import Line


def services_text(page: ServicePage) -> list[Line]:
    """Return services, one a line, with what they depend on."""
    if not page.services:
        return [Line("No document names a service like that.", "middling")]
    lines = []
    for one in page.services:
        needs = f" → {', '.join(one.depends_on)}" if one.depends_on else ""
        documents = one.runbooks + one.architecture + one.postmortems + one.alerts
        lines.append(Line(f"{one.name} ({one.role.value}, {documents} documents){needs}", hanging=2))
    return [*lines, Line(f"{len(page.services)} of {page.total} services", "faint")]


def service_text(service: ServiceDetail) -> list[Line]:
    """Return all that is stated of a service."""
    lines = [Line(f"{service.name} ({service.role.value})", "strong")]
    if service.description:
        lines.append(Line(service.description))
    lines += _edges("Depends on", service.depends_on)
    lines += _edges("Used by", service.used_by)
    kinds = (
        ("Runbooks", service.runbooks),
        ("Architecture", service.architecture),
        ("Postmortems", service.postmortems),
        ("Alerts", service.alerts),
    )
    for title, documents in kinds:
        lines += _documents(title, documents)
    if service.stated:
        lines += [Line(), Line("Stated", "strong"), *(Line(f"- {_place(one)}", hanging=2) for one in service.stated)]
    return lines


def alerts_text(page: AlertPage) -> list[Line]:
    """Return alerts, each with its runbook and the rules that define it."""
    if not page.alerts:
        return [Line("No alert is like that.", "middling")]
    lines: list[Line] = []
    for one in page.alerts:
        severity = f" ({', '.join(one.severities)})" if one.severities else ""
        lines.append(Line(f"{one.name}{severity}", "strong"))
        for runbook in one.runbooks:
            document = runbook.document
            lines.append(Line(f"  runbook: {document.source}/{document.path} ({runbook.how})", hanging=4))
        if not one.runbooks:
            lines.append(Line("  no runbook", "bad"))
        lines += [Line(f"  rule: {_place(rule.stated)}", "faint", hanging=4) for rule in one.rules]
    return [*lines, Line(f"{len(page.alerts)} of {page.total} alerts", "faint")]


def _edges(title: str, edges: Sequence[DependencyEdge]) -> Iterator[Line]:
    if edges:
        yield Line()
        yield Line(title, "strong")
    for edge in edges:
        places = "; ".join(_place(one) for one in edge.stated[:2])
        words = f" ({', '.join(edge.labels)})" if edge.labels else ""
        yield Line(f"- {edge.service}{words}: {places}", hanging=2)


def _documents(title: str, documents: Sequence[NamedDocument]) -> Iterator[Line]:
    if documents:
        yield Line()
        yield Line(title, "strong")
    for one in documents:
        yield Line(f"- {one.title}: {one.source}/{one.path}", hanging=2)


def _place(place: StatedAt) -> str:
    span = f"{place.line_start}-{place.line_end}" if place.line_end != place.line_start else f"{place.line_start}"
    return f"{place.source}/{place.path}:{span}"
