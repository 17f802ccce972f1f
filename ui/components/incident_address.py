"""What the Incidents page shows, as its address says: one incident, or the list narrowed by what stands there."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from api.schemas.incidents import IncidentState, Severity
from ui.components.tables import page_number

INCIDENTS_PAGE = "incidents"


@dataclass(frozen=True, slots=True)
class IncidentView:
    """Without an id the list; `text` is looked for in titles and names of services. Pages count from 1."""

    id: str = ""
    state: IncidentState | None = None
    severity: Severity | None = None
    text: str = ""
    page: int = 1

    def parameters(self) -> dict[str, str]:
        """Return what stands in the address; defaults are left out."""
        named = {
            "id": self.id,
            "state": self.state.value if self.state else "",
            "severity": self.severity.value if self.severity else "",
            "text": self.text,
            "page": str(self.page) if self.page > 1 else "",
        }
        return {name: value for name, value in named.items() if value}

    @property
    def address(self) -> str:
        """The address of this view."""
        parameters = self.parameters()
        return f"{INCIDENTS_PAGE}?{urlencode(parameters)}" if parameters else INCIDENTS_PAGE

    @property
    def narrowed(self) -> bool:
        """Whether the list leaves anything out."""
        return bool(self.state or self.severity or self.text)


def incident_view_in(parameters: Mapping[str, str]) -> IncidentView:
    """Return the view that an address asks for; a state or severity that there is none of does not restrict."""
    state, severity = parameters.get("state", ""), parameters.get("severity", "")
    return IncidentView(
        id=parameters.get("id", "").strip()[:200],
        state=IncidentState(state) if state in set(IncidentState) else None,
        severity=Severity(severity) if severity in set(Severity) else None,
        text=parameters.get("text", "").strip()[:200],
        page=page_number(parameters.get("page")),
    )
