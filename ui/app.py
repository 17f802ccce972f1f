"""The app: theme, navigation, and the page that the address names."""

from pathlib import Path

import streamlit as st

from ui.components.scripts import enable_soft_links
from ui.screens import ask, incidents, investigations, knowledge, quality

_HERE = Path(__file__).parent


def run() -> None:
    """Show the page that the address names."""
    st.set_page_config(page_title="Groundwatch", page_icon=str(_HERE / "mark.svg"), layout="wide")
    st.logo(str(_HERE / "logo.svg"), size="medium")
    st.html(_HERE / "style.css")
    page = st.navigation(
        [
            st.Page(ask.show, title="Ask", icon=":material/chat:", url_path="ask", default=True),
            st.Page(incidents.show, title="Incidents", icon=":material/notifications:", url_path="incidents"),
            st.Page(
                investigations.show,
                title="Investigations",
                icon=":material/troubleshoot:",
                url_path="investigations",
            ),
            st.Page(knowledge.show, title="Knowledge", icon=":material/menu_book:", url_path="knowledge"),
            st.Page(quality.show, title="Quality", icon=":material/monitoring:", url_path="quality"),
        ],
        position="top",
    )
    page.run()
    enable_soft_links()


run()
