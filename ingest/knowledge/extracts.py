"""What a document states as structure: procedures, alerts, services, dependencies, postmortem fields, links.

Every fact carries the span of the document's text that states it, so that it can be cited like a passage.
"""

from dataclasses import dataclass
from enum import StrEnum

from ingest.knowledge.spans import Span


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a procedure: its words, the commands in it, and what the worst of them destroys ("" for none)."""

    text: str
    span: Span
    commands: tuple[str, ...] = ()
    destroys: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence or line as it stands in the document."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Procedure:
    """An ordered list of things to do; `title` is the nearest heading, `preconditions` stand before the steps."""

    title: str
    heading_path: tuple[str, ...]
    span: Span
    steps: tuple[Step, ...]
    preconditions: tuple[Statement, ...] = ()

    @property
    def destructive(self) -> bool:
        """Whether any step holds a command that destroys something."""
        return any(step.destroys for step in self.steps)


@dataclass(frozen=True, slots=True)
class AlertRule:
    """An alert as a rule file defines it; `wait` is its `for`, in Prometheus' own notation ("10m")."""

    name: str
    span: Span
    expr: str
    wait: str = ""
    severity: str = ""
    group: str = ""
    summary: str = ""
    description: str = ""
    runbook_url: str = ""


@dataclass(frozen=True, slots=True)
class AlertMention:
    """A place where a document is about an alert: `heading` tells whether it names a heading or the title."""

    name: str
    span: Span
    heading: bool


class ComponentRole(StrEnum):
    """What a component of an architecture is, where that is stated."""

    SERVICE = "service"
    DATABASE = "database"
    QUEUE = "queue"
    CACHE = "cache"
    GATEWAY = "gateway"
    PERSON = "person"
    EXTERNAL = "external"
    COMPONENT = "component"


@dataclass(frozen=True, slots=True)
class Component:
    """A service or other part of a system that a document names; `stated_in` says how: diagram, manifest, text, …"""

    name: str
    span: Span
    role: ComponentRole = ComponentRole.COMPONENT
    stated_in: str = "text"
    description: str = ""


@dataclass(frozen=True, slots=True)
class Dependency:
    """One component uses another: `source` calls, reads or needs `target`; `label` is the arrow's own word."""

    source: str
    target: str
    span: Span
    label: str = ""
    stated_in: str = "text"


class PostmortemPart(StrEnum):
    """A field of a postmortem."""

    SUMMARY = "summary"
    IMPACT = "impact"
    TRIGGER = "trigger"
    ROOT_CAUSE = "root_cause"
    DETECTION = "detection"
    RESOLUTION = "resolution"
    TIMELINE = "timeline"
    ACTION_ITEM = "action_item"


@dataclass(frozen=True, slots=True)
class PostmortemField:
    """What a postmortem says of one part; a timeline and action items give one field an entry.

    `at` is the time of a timeline entry as it is written, `owner` who has an action item; "" elsewhere.
    """

    part: PostmortemPart
    text: str
    span: Span
    at: str = ""
    owner: str = ""


@dataclass(frozen=True, slots=True)
class InternalLink:
    """A link to another document of the same source; `target` is its path there, `anchor` the part after "#"."""

    target: str
    span: Span
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that was not read itself: only its alt text and caption were."""

    target: str
    span: Span
    alt: str = ""
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Extract:
    """Everything that one document states as structure, each kind in document order."""

    procedures: tuple[Procedure, ...] = ()
    rules: tuple[AlertRule, ...] = ()
    alerts: tuple[AlertMention, ...] = ()
    components: tuple[Component, ...] = ()
    dependencies: tuple[Dependency, ...] = ()
    postmortem: tuple[PostmortemField, ...] = ()
    links: tuple[InternalLink, ...] = ()
    pictures: tuple[Picture, ...] = ()

    def __bool__(self) -> bool:
        return any(
            (
                self.procedures,
                self.rules,
                self.alerts,
                self.components,
                self.dependencies,
                self.postmortem,
                self.links,
                self.pictures,
            )
        )

    def plus(self, other: "Extract") -> "Extract":
        """Return both together, the facts of this one first."""
        return Extract(
            self.procedures + other.procedures,
            self.rules + other.rules,
            self.alerts + other.alerts,
            self.components + other.components,
            self.dependencies + other.dependencies,
            self.postmortem + other.postmortem,
            self.links + other.links,
            self.pictures + other.pictures,
        )


NOTHING = Extract()


@dataclass(frozen=True, slots=True)
class DocumentExtract:
    """The extract of one document of a generation."""

    document_id: str
    extract: Extract
