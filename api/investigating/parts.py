"""Which investigator the commands and the service use: the inquiry with every specialist there is."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from api.investigation.investigations import Investigator
    from api.investigation.reports import Specialist


def specialists() -> "Sequence[Specialist]":
    """Return those who look at telemetry, in the order in which a report tells what they found."""
    from api.investigation.specialists.changes import ChangesSpecialist
    from api.investigation.specialists.dependencies import DependenciesSpecialist
    from api.investigation.specialists.events import EventsSpecialist
    from api.investigation.specialists.logs import LogsSpecialist
    from api.investigation.specialists.metrics import MetricsSpecialist
    from api.investigation.specialists.traces import TracesSpecialist

    return (
        MetricsSpecialist(),
        TracesSpecialist(),
        LogsSpecialist(),
        EventsSpecialist(),
        ChangesSpecialist(),
        DependenciesSpecialist(),
    )


def open_investigator(*, fitted_here: bool = False) -> "Investigator":
    """Return the investigator, which needs no language model and no server.

    `fitted_here` says that its models were fitted on incidents of this organisation.
    """
    from api.investigation.inquiry import Inquiry

    return Inquiry(specialists(), fitted_here=fitted_here)
