"""What makes an adapter a connected source: its kind, what it gives, and how it is asked."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from api.investigation.observations import SourceClass
from api.investigation.telemetry import Telemetry
from api.telemetry.live.answers import Account, Nothing
from api.telemetry.live.asking import Asking
from api.telemetry.live.health import health_of
from api.telemetry.live.settings import SourceSettings
from api.telemetry.live.sources import Scope, SourceHealth


class Asked(Nothing):
    """Telemetry of one incident from one system, within its limits; an adapter gives what it has."""

    def __init__(self, settings: Any, scope: Scope, account: Account, asking: Asking) -> None:
        super().__init__(account)
        self.settings, self.scope, self.asking = settings, scope, asking

    def close(self) -> None:
        """Let go of the connections."""
        self.asking.close()

    def is_wanted(self, component: str | None) -> bool:
        """Tell whether the incident is about a component; without a name it is wanted where none are told."""
        return not self.scope.components or component in self.scope.components


@dataclass(frozen=True, slots=True)
class Adapter:
    """One kind of system. `version` asks for it, and raises Unanswered where the system can't be used."""

    kind: str
    gives: frozenset[SourceClass]
    telemetry: Callable[[Any, Scope, Account, Asking], Telemetry]
    version: Callable[[Asking], str]


class AdaptedSource:
    """A connected source: settings, and the adapter of their kind."""

    def __init__(self, settings: SourceSettings, adapter: Adapter) -> None:
        self._settings, self._adapter = settings, adapter
        self.name, self.gives = settings.name, adapter.gives
        self.kind = str(getattr(settings, "kind", adapter.kind))  # one adapter may be that of several kinds
        self.seconds = settings.limits.seconds

    def telemetry(self, scope: Scope) -> Telemetry:
        """Return what it tells of an incident; asks nothing yet."""
        limits = self._settings.limits.limits()
        account = Account(self.name, self.gives, scope, limits)
        return self._adapter.telemetry(self._settings, scope, account, Asking(self._settings.connection(), limits))

    def health(self) -> SourceHealth:
        """Ask whether it can be used."""
        return health_of(self.name, self.kind, self._settings.connection(), self._adapter.version)
