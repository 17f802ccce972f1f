"""The ids in the paths of investigations."""

from typing import Annotated

from fastapi import Path

InvestigationId = Annotated[str, Path(description="Id of an investigation, from its start or the list.")]
ObservationId = Annotated[str, Path(description="Id of an observation, from a finding or the list.")]
