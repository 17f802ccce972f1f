"""The services that the documents name; and one of them with everything that is stated of it."""

import streamlit as st
from markupsafe import Markup

from ui.components.dependency_drawing import drawing_of
from ui.components.list_search import LIST_PAGE, show_list_search
from ui.components.pills import icon
from ui.components.services import (
    documents_by_kind_markup,
    edges_markup,
    service_heading_markup,
    services_markup,
    statements_markup,
)
from ui.components.tables import pages_markup
from ui.components.views import View, view_address
from ui.connection import assistant

_NONE = (
    '<p class="gw-empty">No document names a service yet. Write <code>services:</code> into the front matter '
    "of runbooks, or sync architecture documents and diagrams.</p>"
)
_NO_MATCH = '<p class="gw-empty">No service matches. Search for a part of its name.</p>'


def show_services() -> None:
    """Show one service where the address names it, else all."""
    name = st.query_params.get("service")
    if name:
        _show_service(name)
    else:
        _show_list()


def _show_list() -> None:
    search = show_list_search(View.SERVICES, "Name holds")
    page = assistant().services(query=search.text, offset=search.offset, limit=LIST_PAGE)
    pages = pages_markup(search.page, page.total, LIST_PAGE, search.address)
    st.html(services_markup(page.services) + pages or (_NO_MATCH if search.text else _NONE))


def _show_service(name: str) -> None:
    st.html(f'<a class="gw-soft gw-back" href="{view_address(View.SERVICES)}">{icon("arrow_back")} All services</a>')
    service = assistant().service(name)
    st.html(service_heading_markup(service))
    drawing = drawing_of(service)
    if drawing is not None:
        with st.container(key="drawing"):
            st.graphviz_chart(drawing, width="content")
    with st.container(key="service-grid"):
        uses, used = st.columns(2, gap="large")
    with uses:
        st.html(_section("Depends on", edges_markup(service.depends_on, "No document states what it depends on.")))
    with used:
        st.html(_section("Used by", edges_markup(service.used_by, "No document states what uses it.")))
    st.html(_section("What is stated of it", statements_markup(service.stated)))
    st.html(_section("Documents", documents_by_kind_markup(service)))


def _section(heading: str, content: Markup) -> Markup:
    return Markup('<h2 class="gw-section">{}</h2>{}').format(heading, content)
