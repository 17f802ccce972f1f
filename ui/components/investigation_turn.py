"""What an investigation says in a conversation: sentences, each with the observations that show it."""

from html import escape

from api.schemas.investigation_questions import InvestigationTurn
from ui.components.investigation_address import InvestigationView


def investigation_turn_markup(turn: InvestigationTurn) -> str:
    """Return the sentences and the link to the page; words of telemetry stay words."""
    rows = "".join(f"<li>{escape(one.text)}{_marks(turn.id, one.observations)}</li>" for one in turn.statements)
    listed = f"<ul>{rows}</ul>" if rows else ""
    return f"{listed}{_link(turn.id)}"


def _marks(investigation: str | None, observations: list[str]) -> str:
    if investigation is None:
        return ""
    links = (
        f'<a href="{escape(InvestigationView(investigation, rows=one).address)}" target="_self">{escape(one)}</a>'
        for one in observations
    )
    return "".join(f" <small>{link}</small>" for link in links)


def _link(investigation: str | None) -> str:
    if investigation is None:
        return ""
    address = escape(InvestigationView(investigation).address)
    return f'<p><a href="{address}" target="_self">Open the investigation</a></p>'
