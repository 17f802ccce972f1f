"""The connected sources as a caller sees them: how each is, and the changes that are told to us."""

import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from api.errors import UsageError
from api.investigation.observations import SourceClass
from api.investigation.telemetry import Happening
from api.investigation.windows import instant_of
from api.schemas.sources import Kept, SourceList, SourceView, ToldChange, ToldChanges
from api.telemetry.live.sources import LiveSource, SourceHealth
from api.telemetry.live.told_changes import ChangeStore

_PATIENCE_SECONDS = 8.0
_AHEAD_SECONDS = 86_400.0  # of a change that is planned


def _now() -> datetime:
    return datetime.now(UTC)


class ConnectedSources:
    """The sources there are, and the store of the changes that were told; safe to use from several threads."""

    def __init__(
        self, sources: Sequence[LiveSource], changes: ChangeStore | None = None, *, now: Callable[[], datetime] = _now
    ) -> None:
        self.sources, self._changes, self._now = tuple(sources), changes, now

    def healths(self) -> SourceList:
        """Ask all of them at the same time whether they can be used, and return within some seconds."""
        found: dict[str, SourceHealth] = {}

        def ask(source: LiveSource) -> None:
            found[source.name] = source.health()

        threads = [threading.Thread(target=ask, args=(one,), daemon=True) for one in self.sources]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(_PATIENCE_SECONDS)
        return SourceList(sources=[_view(one, found.get(one.name)) for one in self.sources])

    def tell(self, told: ToldChanges) -> Kept:
        """Keep changes. Raises UsageError for a time that can't be meant, StorageFailed."""
        if self._changes is None:
            raise UsageError("changes are not kept here; start the API with a data directory")
        now = self._now()
        kept = self._changes.keep([_happening(one, now) for one in told.changes])
        return Kept(kept=kept, known=len(told.changes) - kept)


def _view(source: LiveSource, health: SourceHealth | None) -> SourceView:
    late = SourceHealth(source.name, source.kind, "", problem="it did not say in time", seconds=_PATIENCE_SECONDS)
    told = health or late
    return SourceView(
        name=told.name,
        kind=told.kind,
        url=told.url,
        gives=sorted(source.gives),
        version=told.version,
        problem=told.problem,
        seconds=told.seconds,
    )


def _happening(one: ToldChange, now: datetime) -> Happening:
    at = one.time or now
    if (at - now).total_seconds() > _AHEAD_SECONDS:
        raise UsageError(f"time {at.isoformat()!r} is more than a day ahead of now; is its zone right?")
    return Happening(
        SourceClass.CHANGE, one.kind, instant_of(at), one.component, one.title, one.ref, one.detail, one.author
    )
