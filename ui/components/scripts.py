"""The scripts of the app: links without a reload, and bringing into view what was chosen."""

from functools import cache
from pathlib import Path

import streamlit as st
from markupsafe import Markup


def enable_soft_links() -> None:
    """Let links of class `gw-soft` move within the app without loading it anew."""
    _run("page_links.js", once_for="app")


def scroll_to_mark(mark: str) -> None:
    """Bring the marked line into view; a repeated call with the same `mark` leaves the page where it is."""
    _run("scroll_to_mark.js", once_for=mark)


def show_chosen_rows(rows: str) -> None:
    """Mark the citations whose rows are open, and keep the one that was chosen in view."""
    _run("show_chosen_rows.js", once_for=f"rows {rows}")


def _run(name: str, *, once_for: str) -> None:
    """Run our own script; no text of a document ever goes into its body."""
    body = Markup('<span hidden data-for="{}"></span><script>{}</script>').format(once_for, Markup(_script(name)))
    with st.container(key=f"script-{name.partition('.')[0].replace('_', '-')}"):
        st.html(body, unsafe_allow_javascript=True)


@cache
def _script(name: str) -> str:
    return Path(__file__).with_name(name).read_text("utf-8")
