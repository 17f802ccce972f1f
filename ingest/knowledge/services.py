"""The service catalogue: what all documents together state of each service, every statement with its place."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ingest.knowledge.documents import DocumentFacts, DocumentKind
from ingest.knowledge.extracts import Component, ComponentRole, Dependency, DocumentExtract
from ingest.knowledge.spans import Span

_SEPARATORS = re.compile(r"[\s_./-]+")
_MARKS = re.compile(r"[`*\"']")
_LAST_WORD = re.compile(r"(?<=\w)-(?:micro-?)?services?$")


@dataclass(frozen=True, slots=True)
class Cited:
    """A place that states something: span of a document's text, and how it is stated (diagram, table, text, …)."""

    document_id: str
    span: Span
    stated_in: str


@dataclass(frozen=True, slots=True)
class Edge:
    """A dependency on, or use by, the service `name`; `labels` are the arrow's own words, where it has any."""

    name: str
    labels: tuple[str, ...]
    stated: tuple[Cited, ...]


@dataclass(frozen=True, slots=True)
class Service:
    """A service or other component as the documents state it.

    `aliases` are its other spellings. `stated` holds the places that name it as a component; a service that
    only the facts of documents name has none. The last four fields hold ids of the documents of each kind
    that belong to it by their facts, and of architecture documents that state it.
    """

    name: str
    role: ComponentRole
    description: str
    aliases: tuple[str, ...]
    stated: tuple[Cited, ...]
    depends_on: tuple[Edge, ...]
    used_by: tuple[Edge, ...]
    runbooks: tuple[str, ...]
    architecture: tuple[str, ...]
    postmortems: tuple[str, ...]
    alerts: tuple[str, ...]


def fold_component(name: str) -> str:
    """Return the key of a component's name: case, separators and a last word "service" put away."""
    words = _SEPARATORS.sub("-", _MARKS.sub("", name).lower()).strip("-")
    return _LAST_WORD.sub("", words) or words


def service_catalogue(documents: Sequence[DocumentFacts], extracts: Sequence[DocumentExtract]) -> tuple[Service, ...]:
    """Merge the components and dependencies of all documents by folded name, sorted by name.

    Extracts of documents that are not among `documents` are left out.
    """
    facts = {each.id: each for each in documents}
    drafts: dict[str, _Draft] = defaultdict(_Draft)
    for each in documents:
        for name in each.services:
            draft = drafts[fold_component(name)]
            draft.belongs[name] += 1
            draft.documents[each.kind].add(each.id)
    for extract in extracts:
        if extract.document_id in facts:
            _add_extract(drafts, facts[extract.document_id], extract)
    drafts.pop("", None)
    names = {key: draft.name() for key, draft in drafts.items()}
    services = (_service(draft, names[key], names) for key, draft in drafts.items())
    return tuple(sorted(services, key=lambda service: (service.name.lower(), service.name)))


@dataclass(slots=True)
class _Edges:
    """Statements of one dependency while they are gathered."""

    labels: dict[str, None] = field(default_factory=dict)
    stated: dict[Cited, None] = field(default_factory=dict)


@dataclass(slots=True)
class _Draft:
    """A service while documents are read; `belongs` counts spellings in facts, `spelled` those in texts."""

    belongs: Counter[str] = field(default_factory=Counter)
    spelled: Counter[str] = field(default_factory=Counter)
    roles: Counter[ComponentRole] = field(default_factory=Counter)
    descriptions: dict[str, None] = field(default_factory=dict)
    stated: dict[Cited, None] = field(default_factory=dict)
    depends_on: dict[str, _Edges] = field(default_factory=lambda: defaultdict(_Edges))
    used_by: dict[str, _Edges] = field(default_factory=lambda: defaultdict(_Edges))
    documents: dict[DocumentKind, set[str]] = field(default_factory=lambda: defaultdict(set))

    def name(self) -> str:
        """Return the spelling that most documents use; those of facts win over those of texts."""
        spellings = self.belongs or self.spelled
        return min(spellings, key=lambda name: (-spellings[name], name))


def _add_extract(drafts: dict[str, _Draft], facts: DocumentFacts, extract: DocumentExtract) -> None:
    for component in extract.extract.components:
        _add_component(drafts[fold_component(component.name)], facts, component)
    for dependency in extract.extract.dependencies:
        _add_dependency(drafts, facts, dependency)


def _add_component(draft: _Draft, facts: DocumentFacts, component: Component) -> None:
    draft.spelled[component.name.strip()] += 1
    draft.stated[Cited(facts.id, component.span, component.stated_in)] = None
    if component.role is not ComponentRole.COMPONENT:
        draft.roles[component.role] += 1
    if component.description:
        draft.descriptions[component.description] = None
    if facts.kind is DocumentKind.ARCHITECTURE:
        draft.documents[facts.kind].add(facts.id)


def _add_dependency(drafts: dict[str, _Draft], facts: DocumentFacts, dependency: Dependency) -> None:
    source, target = fold_component(dependency.source), fold_component(dependency.target)
    if not source or not target or source == target:
        return
    cited = Cited(facts.id, dependency.span, dependency.stated_in)
    for key, name in ((source, dependency.source), (target, dependency.target)):
        if not drafts[key].spelled:
            drafts[key].spelled[name.strip()] += 1
    for edges in (drafts[source].depends_on[target], drafts[target].used_by[source]):
        edges.stated[cited] = None
        if dependency.label:
            edges.labels[dependency.label] = None


def _service(draft: _Draft, name: str, names: dict[str, str]) -> Service:
    roles = draft.roles
    default = ComponentRole.SERVICE if draft.belongs else ComponentRole.COMPONENT
    return Service(
        name=name,
        role=min(roles, key=lambda role: (-roles[role], role.value)) if roles else default,
        description=next(iter(draft.descriptions), ""),
        aliases=tuple(sorted({*draft.belongs, *draft.spelled} - {name})),
        stated=_in_order(draft.stated),
        depends_on=_edges(draft.depends_on, names),
        used_by=_edges(draft.used_by, names),
        runbooks=tuple(sorted(draft.documents[DocumentKind.RUNBOOK])),
        architecture=tuple(sorted(draft.documents[DocumentKind.ARCHITECTURE])),
        postmortems=tuple(sorted(draft.documents[DocumentKind.POSTMORTEM])),
        alerts=tuple(sorted(draft.documents[DocumentKind.ALERT])),
    )


def _edges(gathered: dict[str, _Edges], names: dict[str, str]) -> tuple[Edge, ...]:
    edges = (Edge(names[key], tuple(each.labels), _in_order(each.stated)) for key, each in gathered.items())
    return tuple(sorted(edges, key=lambda edge: edge.name.lower()))


def _in_order(cited: Iterable[Cited]) -> tuple[Cited, ...]:
    return tuple(sorted(cited, key=lambda each: (each.document_id, each.span.start, each.span.end, each.stated_in)))
