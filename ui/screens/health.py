"""What is wrong with the documents, so that it is mended before it misleads somebody."""

import streamlit as st

from ui.components.ages import age
from ui.components.health_lists import health_lists, list_markup, summary_markup
from ui.knowledge_facts import knowledge_health

_NOT_COUNTED = "Retrieval is not counted yet, so this cannot be told."


def show_health() -> None:
    """Show the count of each list first, then the lists."""
    with st.spinner("Checking the documents", show_time=False):
        health = knowledge_health()
    lists = health_lists(health)
    st.html(summary_markup(lists, health))
    for one in lists:
        note = ""
        if one.name == "never_retrieved" and health.retrieved_since is None:
            note = _NOT_COUNTED
        elif one.name == "never_retrieved" and health.retrieved_since is not None:
            note = f"{one.well} Counted since {health.retrieved_since:%Y-%m-%d}, {age(health.retrieved_since)}."
        st.html(list_markup(one, note=note))
