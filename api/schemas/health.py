"""Whether the API is alive and ready, on the wire."""

from typing import Literal

from api.schemas.places import Wire


class Health(Wire):
    """The process answers. `instance` is drawn at each start, so that a stale address can be told apart."""

    status: Literal["alive"] = "alive"
    service: Literal["groundwatch"] = "groundwatch"
    version: str
    instance: str


class Readiness(Wire):
    """Questions are answered from `generation`; `notice` says what is wrong though they are."""

    status: Literal["ready"] = "ready"
    generation: int
    passages: int
    model: str
    notice: str = ""
