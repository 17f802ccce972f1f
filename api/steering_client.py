"""The calls of the API's client about what people do about investigations, and what is drafted of them."""

from collections.abc import Mapping
from typing import TypeVar
from urllib.parse import quote

from pydantic import BaseModel

from api.schemas.investigation_acts import ActRequest, Acts, ActView
from api.schemas.postmortems import PostmortemDraft

Model = TypeVar("Model", bound=BaseModel)


class SteeringCalls:
    """Mixed into the client, which brings `_get` and `_post`."""

    def act(self, investigation_id: str, asked: ActRequest) -> ActView:
        """Do something about an investigation and return what came of it; raises NotFound, UsageError."""
        return self._post(_path(investigation_id), asked, ActView)

    def acts(self, investigation_id: str, *, after: int = 0) -> Acts:
        """Return what people did about an investigation, above a number; raises NotFound."""
        return self._get(_path(investigation_id), {"after": after}, Acts)

    def postmortem_draft(self, investigation_id: str, *, names: bool = False) -> PostmortemDraft:
        """Return the draft of a postmortem; raises NotFound, and UsageError where the investigation isn't done."""
        path = _path(investigation_id).removesuffix("acts") + "postmortem"
        return self._get(path, {"names": int(names)}, PostmortemDraft)

    def _get(self, path: str, parameters: Mapping[str, str | int], returns: type[Model]) -> Model:
        raise NotImplementedError

    def _post(self, path: str, body: BaseModel, returns: type[Model]) -> Model:
        raise NotImplementedError


def _path(investigation_id: str) -> str:
    return f"/v1/investigations/{quote(investigation_id, safe='')}/acts"
