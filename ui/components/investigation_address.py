"""What the Investigations page shows, as its address says: one investigation, the rows beside it, or the list."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from api.schemas.investigation_runs import RunState
from ui.components.tables import page_number

INVESTIGATIONS_PAGE = "investigations"


@dataclass(frozen=True, slots=True)
class InvestigationView:
    """Without an id the list, of one state or of all; `rows` is the observation that is open. Pages count from 1.

    `act` and `on` are what a link fills into the form of what people do: the kind, and the finding or component.
    `step` is where a replay stands, counted from 1; 0 shows no replay.
    """

    id: str = ""
    rows: str = ""
    state: RunState | None = None
    page: int = 1
    act: str = ""
    on: str = ""
    step: int = 0

    def parameters(self) -> dict[str, str]:
        """Return what stands in the address; defaults are left out."""
        page = str(self.page) if self.page > 1 else ""
        named = {"id": self.id, "rows": self.rows, "state": self.state.value if self.state else "", "page": page}
        named |= {"act": self.act, "on": self.on, "step": str(self.step) if self.step > 0 else ""}
        return {name: value for name, value in named.items() if value}

    @property
    def address(self) -> str:
        """The address of this view."""
        parameters = self.parameters()
        return f"{INVESTIGATIONS_PAGE}?{urlencode(parameters)}" if parameters else INVESTIGATIONS_PAGE


def investigation_view_in(parameters: Mapping[str, str]) -> InvestigationView:
    """Return the view that an address asks for; a state that there is none of does not restrict."""
    read = parameters.get
    state = read("state", "")
    return InvestigationView(
        id=read("id", "").strip()[:200],
        rows=read("rows", "").strip()[:200],
        state=RunState(state) if state in set(RunState) else None,
        page=page_number(read("page")),
        act=read("act", "").strip()[:40],
        on=read("on", "").strip()[:300],
        step=page_number(read("step")) if read("step") else 0,
    )
