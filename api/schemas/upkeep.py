"""How the knowledge base is kept on the wire: runs with their diffs, and what is wrong with the documents."""

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from api.schemas.places import Wire
from api.schemas.structure import NamedDocument, StatedAt
from ingest.knowledge.run_log import ChangeKind, RunOutcome


class Stage(Wire):
    """Wall time of one stage of a run."""

    stage: str
    seconds: float


class Check(Wire):
    """One check that a new generation had to pass."""

    name: str
    passed: bool
    detail: str


class RunSummary(Wire):
    """One run. `done` of `total` belong to `stage` while it runs; `stalled` tells that it gave no sign for long."""

    id: int
    sources: list[str]
    outcome: RunOutcome
    started_at: datetime
    finished_at: datetime | None = None
    seconds: float = 0.0
    stage: str = ""
    done: int = 0
    total: int = 0
    stalled: bool = False
    generation: int | None = None
    reason: str = ""
    stages: list[Stage] = []
    checks: list[Check] = []
    counts: dict[str, int] = Field({}, description="Changed documents by kind of change.")


class RunPage(Wire):
    """The newest runs, newest first; `held` says why runs wait, "" where they don't."""

    runs: list[RunSummary]
    held: str = ""


class ChangedDocument(Wire):
    """One line of a run's diff."""

    source: str
    path: str
    change: ChangeKind
    detail: str = ""
    document_id: str | None = None


class RunDetail(Wire):
    """One run with its diff; `total` counts all lines of it."""

    run: RunSummary
    changes: list[ChangedDocument]
    total: int


class SyncRequest(Wire):
    """Which sources to read now, all where none is named; `retry_failed` reads failed documents again."""

    sources: list[str] = []
    retry_failed: bool = False


class SyncStarted(Wire):
    """What became of a wish: a run starts, one is at work already, it was asked to stop, or there is none."""

    state: Literal["started", "busy", "stopping", "idle"]
    detail: str


class RetryRequest(Wire):
    """Failed documents to read again with the next run."""

    document_ids: list[str] = Field(min_length=1, max_length=1000)


class RetryStored(Wire):
    """How many documents the next run reads again."""

    documents: int
    effect: str


class DeadLink(Wire):
    """A link to a document of the same source that is not there."""

    stated: StatedAt
    target: str


class Contradiction(Wire):
    """Two current documents that state different figures or commands for the same thing."""

    about: str
    first: StatedAt
    second: StatedAt


class OldDocument(Wire):
    """A document that nobody changed for long, or that is past the day it was to be reviewed."""

    document: NamedDocument
    updated_at: datetime | None = None
    review_by: date | None = None


class DuplicateGroup(Wire):
    """Documents that nearly repeat each other; the first one leads in search."""

    documents: list[NamedDocument]


class FlaggedDocument(Wire):
    """A document with passages that address a language model."""

    document: NamedDocument
    flags: list[str]
    passages: int


class ServiceGap(Wire):
    """A service that runbooks or alerts name and no architecture document describes."""

    name: str
    documents: int


class KnowledgeHealth(Wire):
    """What is wrong with the documents, each list with its longest entries first and its total count."""

    generation: int
    checked_at: datetime
    oldest: list[OldDocument] = []
    overdue: list[OldDocument] = []
    never_retrieved: list[NamedDocument] = []
    contradictions: list[Contradiction] = []
    dead_links: list[DeadLink] = []
    alerts_without_runbook: list[str] = []
    services_without_architecture: list[ServiceGap] = []
    duplicates: list[DuplicateGroup] = []
    flagged: list[FlaggedDocument] = []
    secrets: int = Field(0, description="Secrets that were replaced by marks, in all documents.")
    totals: dict[str, int] = Field({}, description="How many entries each list has in all.")
    retrieved_since: datetime | None = Field(None, description="Since when retrieval is counted.")
