"""Services as the documents state them: a list, and one service with each statement and its place."""

from collections.abc import Sequence

from markupsafe import Markup

from api.schemas.structure import DependencyEdge, NamedDocument, ServiceDetail, ServiceSummary, StatedAt
from ui.components.inline import inline_markup
from ui.components.pills import pill
from ui.components.places import named_document_markup, stated_markup
from ui.components.tables import row_markup, table_markup
from ui.components.views import View, view_address

_NAMES_SHOWN = 5
_STATED_SHOWN = 3
_COLUMNS = ("Service", "Role", "Depends on", "Used by", "Runbooks", "Architecture", "Postmortems", "Alerts")


def services_markup(services: Sequence[ServiceSummary]) -> Markup:
    """Return one row for each service."""
    rows = [_row(service) for service in services]
    return table_markup(_COLUMNS, rows, figures={4, 5, 6, 7}, style="gw-services") if rows else Markup("")


def service_heading_markup(service: ServiceDetail) -> Markup:
    """Return name, role, other names and description of a service."""
    aliases = Markup("").join(Markup("<code>{}</code> ").format(alias) for alias in service.aliases)
    return Markup('<h1 class="gw-title">{} {}</h1>{}{}').format(
        service.name,
        pill(service.role.value),
        Markup('<p class="gw-muted">Also called {}</p>').format(aliases) if service.aliases else "",
        Markup('<p class="gw-prose">{}</p>').format(inline_markup(service.description)) if service.description else "",
    )


def statements_markup(stated: Sequence[StatedAt]) -> Markup:
    """Return each place that states the service, with its words."""
    if not stated:
        return Markup('<p class="gw-empty">No document states it by itself; only others name it.</p>')
    return _folded([stated_markup(one) for one in stated])


def edges_markup(edges: Sequence[DependencyEdge], empty: str) -> Markup:
    """Return the services at the other ends, each with what its arrow says and where that stands."""
    if not edges:
        return Markup('<p class="gw-empty">{}</p>').format(empty)
    return Markup("").join(
        Markup('<div class="gw-entry"><strong>{}</strong> <span class="gw-muted">{}</span>{}</div>').format(
            service_link(edge.service), ", ".join(edge.labels), _folded([stated_markup(one) for one in edge.stated])
        )
        for edge in edges
    )


def documents_by_kind_markup(service: ServiceDetail) -> Markup:
    """Return the documents about a service by kind; a kind that is missing is said."""
    kinds = (
        ("Runbooks", service.runbooks),
        ("Architecture", service.architecture),
        ("Postmortems", service.postmortems),
        ("Alerts", service.alerts),
    )
    return Markup("").join(_documents(heading, documents) for heading, documents in kinds)


def service_link(name: str) -> Markup:
    """Return a link to a service."""
    return Markup('<a class="gw-soft" href="{}">{}</a>').format(view_address(View.SERVICES, {"service": name}), name)


def _row(service: ServiceSummary) -> Markup:
    description = (
        Markup('<div class="gw-muted">{}</div>').format(inline_markup(service.description))
        if service.description
        else ""
    )
    architecture = f"{service.architecture:,}" if service.architecture else pill("none", symbol="help", level="warn")
    return row_markup(
        (
            Markup("{}{}").format(service_link(service.name), description),
            pill(service.role.value),
            _names(service.depends_on),
            _names(service.used_by),
            f"{service.runbooks:,}",
            architecture,
            f"{service.postmortems:,}",
            f"{service.alerts:,}",
        ),
        figures={4, 5, 6, 7},
    )


def _names(names: Sequence[str]) -> Markup:
    shown = Markup(", ").join(service_link(name) for name in names[:_NAMES_SHOWN])
    beyond = len(names) - _NAMES_SHOWN
    return Markup("{} and {} more").format(shown, beyond) if beyond > 0 else shown


def _documents(heading: str, documents: Sequence[NamedDocument]) -> Markup:
    rows = Markup("").join(
        Markup('<div class="gw-entry">{}</div>').format(named_document_markup(one)) for one in documents
    )
    return Markup('<h3>{} <span class="gw-count">{}</span></h3>{}').format(
        heading, len(documents), rows or Markup('<p class="gw-muted">None names this service.</p>')
    )


def _folded(pieces: Sequence[Markup]) -> Markup:
    rest = pieces[_STATED_SHOWN:]
    first = Markup("").join(pieces[:_STATED_SHOWN])
    if not rest:
        return first
    return Markup('{}<details class="gw-fold"><summary>Show {} more</summary>{}</details>').format(
        first, len(rest), Markup("").join(rest)
    )
