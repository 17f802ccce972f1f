"""A desk for investigations over a real database and folders, with stand-ins for bundles and the investigator."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from api.errors import KnowledgeMissing
from api.investigating.bundle_places import BundlePlaces
from api.investigating.desk import Investigations
from api.investigation.investigations import Investigator
from api.retrieval.search import Searcher
from api.schemas.investigation_runs import InvestigationRequest, InvestigationSummary
from api.storage.database import Database
from tests.api.investigated import FakeOpener


@dataclass(frozen=True)
class Office:
    """One process's desk, with what it stands on."""

    desk: Investigations
    database: Database
    places: BundlePlaces

    def close(self) -> None:
        """End as a process does that is told to."""
        self.desk.close()

    def ask(self, bundle: str = "one", *, title: str = "") -> InvestigationSummary:
        """Ask for the investigation of a bundle, which is made where there is none."""
        assert self.places.bundles is not None
        (self.places.bundles / bundle).mkdir(parents=True, exist_ok=True)
        return self.desk.start(InvestigationRequest(bundle=bundle, title=title))

    def ended(self, investigation_id: str) -> InvestigationSummary:
        """Wait until an investigation has ended."""
        wait_until(lambda: self.desk.summary(investigation_id).state.ended)
        return self.desk.summary(investigation_id)


def open_office(folder: Path, investigator: Investigator, *, at_once: int = 2, work: bool = True) -> Office:
    """Open a desk over what lies in a folder; without `work` it only takes what is asked for."""
    database = Database(f"sqlite:///{folder / 'groundwatch.sqlite'}")
    (folder / "bundles").mkdir(exist_ok=True)
    places = BundlePlaces(folder / "bundles", folder / "uploads")
    desk = Investigations(database, places, FakeOpener(), investigator, at_once=at_once)
    if work:
        desk.open()
    return Office(desk, database, places)


def no_documents() -> AbstractContextManager[Searcher]:
    """Lease a searcher where nothing was ingested."""
    raise KnowledgeMissing("nothing was ingested yet: run groundwatch ingest PATH")


def wait_until(happened: Callable[[], bool], seconds: float = 10.0) -> None:
    """Wait for something that another thread does; fails where it doesn't."""
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.005)
