"""What comes of working on one investigation: the investigation, and what an agent did beside it where one did."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from api.agent.assisted import Assisted
from api.agent.notes import AgentNotes
from api.investigating.opening import OpenedBundle
from api.investigation.incidents import Incident
from api.investigation.investigations import Investigation, Investigator, Step
from api.investigation.telemetry import Telemetry


@runtime_checkable
class Assisting(Protocol):
    """An investigator with an agent beside it."""

    def assist(
        self, incident: Incident, telemetry: Telemetry, *, emit: Callable[[Step], None], cancelled: threading.Event
    ) -> Assisted:
        """Investigate, and return the notes of the agent too."""


@dataclass(frozen=True, slots=True)
class Worked:
    """An investigation, and what an agent did beside it; None where none was there."""

    investigation: Investigation
    agent: AgentNotes | None = None


def worked(
    bundle: OpenedBundle, investigator: Investigator, *, emit: Callable[[Step], None], cancelled: threading.Event
) -> Worked:
    """Investigate a bundle; raises errors of api.errors."""
    if isinstance(investigator, Assisting):
        both = investigator.assist(bundle.incident, bundle.telemetry, emit=emit, cancelled=cancelled)
        return Worked(both.investigation, both.notes)
    return Worked(investigator.investigate(bundle.incident, bundle.telemetry, emit=emit, cancelled=cancelled))
