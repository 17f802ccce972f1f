"""The calls of the API's client about what people do about investigations."""

from collections.abc import Mapping
from typing import TypeVar
from urllib.parse import quote

from pydantic import BaseModel

from api.schemas.investigation_acts import ActRequest, Acts, ActView

Model = TypeVar("Model", bound=BaseModel)


class SteeringCalls:
    """Mixed into the client, which brings `_get` and `_post`."""

    def act(self, investigation_id: str, asked: ActRequest) -> ActView:
        """Do something about an investigation and return what came of it; raises NotFound, UsageError."""
        return self._post(_path(investigation_id), asked, ActView)

    def acts(self, investigation_id: str, *, after: int = 0) -> Acts:
        """Return what people did about an investigation, above a number; raises NotFound."""
        return self._get(_path(investigation_id), {"after": after}, Acts)

    def _get(self, path: str, parameters: Mapping[str, str | int], returns: type[Model]) -> Model:
        raise NotImplementedError

    def _post(self, path: str, body: BaseModel, returns: type[Model]) -> Model:
        raise NotImplementedError


def _path(investigation_id: str) -> str:
    return f"/v1/investigations/{quote(investigation_id, safe='')}/acts"
