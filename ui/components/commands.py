"""Commands: code blocks with copy, a loud mark on destructive ones, placeholders filled once for the page."""

import re
import textwrap
from collections.abc import Mapping, Sequence

import streamlit as st
from markupsafe import Markup

from api.schemas.answers import Statement
from ui.components.citations import chips_markup
from ui.components.pills import icon
from ui.components.placeholders import filled, placeholders_in

_FENCE = re.compile(r"^\s*(`{3,}|~{3,})[^\n]*\n(?P<body>.*?)\n?\s*\1[`~]*\s*$", re.DOTALL)
_KEY_PREFIX = "placeholder "


def command_text(statement: Statement) -> str:
    """Return the command without the fence and the indentation that it has in the document."""
    fenced = _FENCE.match(statement.text)
    return textwrap.dedent(fenced["body"] if fenced else statement.text).strip("\n")


def commands_in(statements: Sequence[Statement]) -> list[str]:
    """Return the texts of all commands among `statements`."""
    return [command_text(s) for s in statements if s.kind == "command"]


def show_command(statement: Statement, values: Mapping[str, str], *, key: str, in_step: bool) -> None:
    """Show one command, indented with the step that it belongs to; `key` is unique on the page."""
    mark = "destructive" if statement.destructive else "plain"
    place = f"depth{min(statement.depth, 3)}" if in_step else "alone"
    with st.container(key=f"command-{mark}-{place}-{key}", gap=None):
        st.html(_caption(statement))
        st.code(filled(command_text(statement), values), language=statement.language or "bash", wrap_lines=True)


def show_placeholder_inputs(names: Sequence[str]) -> None:
    """Show one input for each placeholder; what is typed goes into every command of the page."""
    if not names:
        return
    with st.container(key="placeholders", gap="small"):
        st.html('<div class="gw-label">Fill in once for all commands</div>')
        with st.container(horizontal=True, gap="small"):
            for name in names:
                st.text_input(f"`{name}`", key=f"{_KEY_PREFIX}{name}", width=145, max_chars=200)


def placeholder_values(names: Sequence[str]) -> dict[str, str]:
    """Return what the reader has typed so far, by placeholder."""
    return {name: str(st.session_state.get(f"{_KEY_PREFIX}{name}") or "").strip() for name in names}


def page_placeholders(statements: Sequence[Statement]) -> list[str]:
    """Return the placeholders of all commands of an answer."""
    return placeholders_in(commands_in(statements))


def _caption(statement: Statement) -> Markup:
    chips = chips_markup(statement.citations)
    language = Markup('<span class="gw-muted">{}</span>').format(statement.language or "command")
    if not statement.destructive:
        return Markup('<div class="gw-command">{}{}</div>').format(language, chips)
    return Markup(
        '<div class="gw-command"><span class="gw-pill gw-pill-stop">{} Destructive</span>'
        '<span class="gw-destroys">{}</span>{}</div>'
    ).format(icon("warning"), statement.destructive, chips)
