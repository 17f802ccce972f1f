"""Incidents, investigations and acts in a real database, and destinations that remember what they were sent."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from api.incidents.alerts import Severity
from api.incidents.incidents import Rules
from api.incidents.service_graph import ServiceGraph
from api.investigation.verdicts import VerdictState
from api.notifications.events import TOLD_UNASKED
from api.notifications.opening import Opened
from api.notifications.posting import Door, Posting, Reply
from api.notifications.transport import Unsent
from api.notifications.webhook import WebhookDoor
from api.schemas.investigation_acts import ActRequest, Came, ToldVerdict
from api.schemas.investigation_forms import to_result
from api.schemas.investigation_runs import InvestigationSummary, RunState
from api.steering.acts import ActKind
from api.storage.database import Database
from api.storage.incident_book import IncidentBook
from api.storage.investigation_acts import ActTable, NewAct
from api.storage.investigation_claims import ClaimTable, Outcome
from api.storage.investigations import InvestigationTable
from tests.api.alerting import MOMENT, alert
from tests.api.investigated import investigation


@dataclass
class FakeTransport:
    """Answers as it is told to, 200 else, and remembers what it was sent."""

    answers: list[Reply | Unsent] = field(default_factory=list)
    sent: list[Posting] = field(default_factory=list)
    closed: bool = False
    during: Callable[[], None] = lambda: None

    def send(self, posting: Posting, *, seconds: float) -> Reply:
        self.sent.append(posting)
        self.during()
        answer = self.answers.pop(0) if self.answers else Reply(200, b"ok")
        if isinstance(answer, Unsent):
            raise answer
        return answer

    def close(self) -> None:
        self.closed = True


def destination(name: str = "own", **given: object) -> Opened:
    """Return a webhook that is told of everything."""
    door: Door = WebhookDoor("https://events.example/x", [b"k" * 32])
    made = Opened(name, "webhook", door, frozenset(TOLD_UNASKED), Severity.INFO)
    return replace(made, **given)  # type: ignore[arg-type]  # of Opened


class World:
    """What changes the database as the API does."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.book = IncidentBook(database, Rules())
        self.investigations = InvestigationTable(database)
        self.claims = ClaimTable(database, "me", gone=lambda _other: False)
        self.acts = ActTable(database)

    def incident(self, at: datetime = MOMENT, **given: object) -> str:
        """Open an incident and return its id."""
        (taken,) = self.book.take([alert(**given)], at, ServiceGraph())  # type: ignore[arg-type]  # of alert()
        assert taken.incident_id is not None
        return taken.incident_id

    def investigation(self, name: str, at: datetime, *, incident_id: str = "", error: str = "") -> None:
        """Let an investigation end, well unless there is an error."""
        asked = InvestigationSummary(
            id=name, title="Checkout is slow", state=RunState.QUEUED, bundle=name, created_at=at, steps=0, attempts=0
        )
        self.investigations.add(asked, request_key=None, request_digest="")
        if incident_id:
            self.book.link(incident_id, name, "", at)
        assert self.claims.take(at) is not None
        outcome = (
            Outcome(RunState.FAILED, error) if error else Outcome(RunState.DONE, result=to_result(investigation()))
        )
        self.claims.finish(name, outcome, at)

    def confirmed(self, name: str, at: datetime, *, changed: bool = True) -> None:
        """Let a person confirm the cause."""
        before = ToldVerdict(state=VerdictState.LIKELY, component="cart")
        after = ToldVerdict(state=VerdictState.CONFIRMED, component="cart", decided_by="Ada") if changed else before
        asked = ActRequest(kind=ActKind.CONFIRM_CAUSE, who="Ada", component="cart", text="I saw it")
        self.acts.add(name, NewAct(asked, at, Came(text="the cause is confirmed", before=before, after=after), 0))
