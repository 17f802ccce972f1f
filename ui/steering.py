"""What the pages ask of the API about what people do about an investigation."""

from typing import Protocol, runtime_checkable

import streamlit as st

from api.schemas.investigation_acts import ActRequest, Acts, ActView
from ui.connection import assistant


@runtime_checkable
class Steers(Protocol):
    """A connection that takes acts; every method raises errors of api.errors."""

    def act(self, investigation_id: str, asked: ActRequest) -> ActView:
        """Do something about an investigation."""

    def acts(self, investigation_id: str, *, after: int = 0) -> Acts:
        """Return what people did about one, above a number."""


def steers() -> Steers | None:
    """Return what takes acts; None where this connection does not."""
    found: object = assistant()
    return found if isinstance(found, Steers) else None


def forget_result(investigation_id: str) -> None:
    """Have the result of an investigation asked for anew: somebody acted on it."""
    for kept in ("investigations kept", "guidance kept"):
        st.session_state.get(kept, {}).pop(investigation_id, None)
