"""What a page shows when it cannot show its content: what happened, what was kept, what to do."""

from collections.abc import Sequence

import streamlit as st
from markupsafe import Markup

from api.errors import GroundwatchError, KnowledgeMissing, NotAllowed, NotFound, ServiceUnreachable
from ui.components.inline import inline_markup, sentence
from ui.components.pills import icon


def show_notice(heading: str, text: str, *, commands: Sequence[str] = (), symbol: str = "info") -> None:
    """Show a heading, an explanation and the commands that mend it."""
    with st.container(key=f"notice-{heading.lower().replace(' ', '-')}", gap="small"):
        st.html(
            Markup('<section class="gw-notice" role="status"><h2>{} {}</h2><p>{}</p></section>').format(
                icon(symbol), heading, inline_markup(text)
            )
        )
        for command in commands:
            st.code(command, language="bash")


def show_error(error: GroundwatchError, *, kept: str = "") -> None:
    """Show `error`, which names its next step, and a button that tries again; `kept` says what was not lost."""
    text = f"{sentence(str(error))} {kept}".strip()
    if isinstance(error, NotFound):
        show_notice("Not found", text, symbol="search_off")
        return
    if isinstance(error, ServiceUnreachable):
        show_notice("The API does not answer", text, commands=["groundwatch serve"], symbol="cloud_off")
    elif isinstance(error, NotAllowed):
        restart = ["GROUNDWATCH_API_KEY=… groundwatch app"]
        show_notice("The API key was refused", text, commands=restart, symbol="key_off")
    elif isinstance(error, KnowledgeMissing):
        show_first_ingest()
    else:
        show_notice("This did not work", text, symbol="error")
    st.button("Try again", key=f"retry {type(error).__name__}", icon=":material/refresh:")


def show_first_ingest() -> None:
    """Show how to bring documents in, for a knowledge base that has none."""
    show_notice(
        "No documents yet",
        "Groundwatch answers from your runbooks, architecture documents and postmortems. Name the folders that "
        "hold them; nothing in them is changed. `--source` gives them a name of their own.",
        commands=["groundwatch ingest PATH/TO/DOCUMENTS --source handbook"],
        symbol="library_add",
    )
