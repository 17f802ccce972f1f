"""The views of the Knowledge page, each with an address of its own."""

from collections.abc import Mapping
from enum import StrEnum
from urllib.parse import urlencode

from markupsafe import Markup

from ui.components.places import DOCUMENT_PAGE

_LISTING_PARAMETERS = frozenset({"source", "state", "kind", "text", "page"})


class View(StrEnum):
    """What the Knowledge page shows, in the order in which it is needed."""

    SOURCES = "sources"
    DOCUMENTS = "documents"
    HEALTH = "health"
    SERVICES = "services"
    ALERTS = "alerts"
    RUNS = "runs"


def view_of(parameters: Mapping[str, str]) -> View:
    """Return the view that an address names; one that only filters a list means the list of documents."""
    named = parameters.get("view", "")
    if named in {view.value for view in View}:
        return View(named)
    if "service" in parameters:
        return View.SERVICES
    if "run" in parameters:
        return View.RUNS
    return View.DOCUMENTS if _LISTING_PARAMETERS & parameters.keys() else View.SOURCES


def view_address(view: View, parameters: Mapping[str, str] | None = None) -> str:
    """Return the address of `view`, narrowed by `parameters`; empty ones are left out."""
    values = {"view": view.value, **{name: value for name, value in (parameters or {}).items() if value}}
    return f"{DOCUMENT_PAGE}?{urlencode(values)}"


def tabs_markup(chosen: View) -> Markup:
    """Return links to all views; the one on the page is marked for eyes and for screen readers."""
    links = Markup("").join(
        Markup('<a class="gw-soft gw-tab" href="{}"{}>{}</a>').format(
            view_address(view), Markup(' aria-current="page"') if view is chosen else "", view.value.capitalize()
        )
        for view in View
    )
    return Markup('<nav class="gw-tabs" aria-label="Views of the knowledge base">{}</nav>').format(links)
