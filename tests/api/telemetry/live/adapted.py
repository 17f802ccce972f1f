"""What one adapter gives of a local server, gathered as an investigation does it."""

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter

from api.telemetry.live.joined import gather
from api.telemetry.live.opening import source_of
from api.telemetry.live.settings import AnySource, SourceSettings
from api.telemetry.live.sources import LiveSource, Scope
from api.telemetry.recording import Recording
from tests.api.telemetry.live.live_sources import SCOPE
from tests.api.telemetry.live.local_server import Answering, Asked, serving

_READER: TypeAdapter[SourceSettings] = TypeAdapter(AnySource)
NEEDED: Mapping[str, Mapping[str, Any]] = {
    "github": {"repositories": [{"path": "shop/cart"}]},
    "gitlab": {"repositories": [{"path": "shop/cart"}]},
}
"""What a kind needs beside its url."""


def source(kind: str, url: str, **given: Any) -> LiveSource:
    """Return a source of a kind."""
    told = {"name": kind, "kind": kind, "url": url, **NEEDED.get(kind, {}), **given}
    return source_of(_READER.validate_python(told))


def gathered(kind: str, answering: Answering, scope: Scope = SCOPE, **given: Any) -> tuple[Recording, list[Asked]]:
    """Return all that a source of a kind gives of a server that answers so, and what the server was asked."""
    with serving(answering) as server:
        found = gather([source(kind, server.url, **given)], scope)
        return found, server.asked


def problems(found: Recording) -> list[str]:
    """Return what the coverage says is missing or was cut."""
    return [one.missing or one.cut for one in found.coverage() if one.missing or one.cut]
