"""What the documents state as structure on the wire: services, dependencies, alerts, procedures, postmortem fields."""

from pydantic import Field

from api.schemas.places import Wire
from ingest.knowledge.documents import DocumentKind, DocumentStatus
from ingest.knowledge.extracts import ComponentRole, PostmortemPart


class StatedAt(Wire):
    """Where a fact stands: a span of a document. `quote` is the text of the span, `stated_in` how it is stated."""

    document_id: str
    source: str
    path: str
    title: str
    kind: DocumentKind
    line_start: int
    line_end: int
    char_start: int
    char_end: int
    quote: str
    stated_in: str = Field("text", description="text, table, front matter, diagram, manifest, openapi, …")
    url: str | None = None


class NamedDocument(Wire):
    """A document that is about something."""

    document_id: str
    source: str
    path: str
    title: str
    kind: DocumentKind
    status: DocumentStatus
    url: str | None = None


class DependencyEdge(Wire):
    """One end of a dependency: the other service, the words on the arrow, and every place that states it."""

    service: str
    labels: list[str] = []
    stated: list[StatedAt]


class ServiceSummary(Wire):
    """A service or other component that the documents name."""

    name: str
    role: ComponentRole
    description: str = ""
    depends_on: list[str] = []
    used_by: list[str] = []
    runbooks: int = 0
    architecture: int = 0
    postmortems: int = 0
    alerts: int = 0


class ServicePage(Wire):
    """Some of the services, by name; `total` counts all that match."""

    services: list[ServiceSummary]
    total: int
    offset: int
    limit: int
    generation: int


class ServiceDetail(Wire):
    """All that the documents state of one service, each statement with its place."""

    name: str
    role: ComponentRole
    description: str = ""
    aliases: list[str] = []
    stated: list[StatedAt]
    depends_on: list[DependencyEdge]
    used_by: list[DependencyEdge]
    runbooks: list[NamedDocument]
    architecture: list[NamedDocument]
    postmortems: list[NamedDocument]
    alerts: list[NamedDocument]
    generation: int


class AlertDefinition(Wire):
    """An alert as one rule file defines it; `wait` is its `for`."""

    expr: str
    wait: str = ""
    severity: str = ""
    group: str = ""
    summary: str = ""
    description: str = ""
    runbook_url: str = ""
    stated: StatedAt


class RunbookLink(Wire):
    """The runbook of an alert; `how` says what led to it: a link of its rule, or a heading that names it."""

    document: NamedDocument
    how: str
    anchor: str = ""


class AlertSummary(Wire):
    """An alert that rules define or runbooks are about."""

    name: str
    severities: list[str] = []
    rules: list[AlertDefinition] = []
    runbooks: list[RunbookLink] = []
    mentioned: list[StatedAt] = []


class AlertPage(Wire):
    """Some of the alerts, by name; `total` counts all that match."""

    alerts: list[AlertSummary]
    total: int
    offset: int
    limit: int
    generation: int


class ProcedureStep(Wire):
    """One step of a procedure; `destroys` says what its commands destroy, "" for nothing."""

    text: str
    commands: list[str] = []
    destroys: str = ""
    line_start: int
    line_end: int


class ProcedureFact(Wire):
    """An ordered procedure of a document."""

    title: str
    heading_path: list[str]
    preconditions: list[str] = []
    steps: list[ProcedureStep]
    destructive: bool
    line_start: int
    line_end: int


class PostmortemFact(Wire):
    """What a postmortem says of one of its parts; `at` and `owner` belong to timeline entries and action items."""

    part: PostmortemPart
    text: str
    at: str = ""
    owner: str = ""
    line_start: int
    line_end: int


class NamedFact(Wire):
    """A component, alert, dependency or picture that a document names, in words, with its lines."""

    text: str
    note: str = ""
    line_start: int
    line_end: int


class DocumentStructure(Wire):
    """What was extracted from one document, each fact with its lines."""

    procedures: list[ProcedureFact] = []
    alerts: list[NamedFact] = []
    components: list[NamedFact] = []
    dependencies: list[NamedFact] = []
    postmortem: list[PostmortemFact] = []
    pictures: list[NamedFact] = []
