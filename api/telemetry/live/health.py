"""Whether a source can be used, asked within a few seconds."""

import time
from collections.abc import Callable

from api.telemetry.live.asking import Asking, Connection, Unanswered
from api.telemetry.live.sources import Limits, SourceHealth

_SECONDS = 5.0


def health_of(name: str, kind: str, connection: Connection, version: Callable[[Asking], str]) -> SourceHealth:
    """Return how a source is; `version` asks it, and raises Unanswered where it can't be used."""
    asking = Asking(connection, Limits(seconds=_SECONDS, bytes=5_000_000, at_once=1))
    started = time.monotonic()
    told, problem = "", ""
    try:
        told = version(asking)[:80]
    except Unanswered as error:
        problem = str(error)
    except (KeyError, TypeError, AttributeError, IndexError, ValueError):
        problem = f"it answers, and not as {kind} does; check its url"
    finally:
        asking.close()
    return SourceHealth(name, kind, connection.url, told, problem, round(time.monotonic() - started, 3))
