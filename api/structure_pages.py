"""Services, alerts and the structure of a document as a reader sees them, each fact with its place."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from api.catalogues import Structure
from api.errors import NotFound
from api.schemas.structure import (
    AlertDefinition,
    AlertPage,
    AlertSummary,
    DependencyEdge,
    DocumentStructure,
    NamedDocument,
    NamedFact,
    PostmortemFact,
    ProcedureFact,
    ProcedureStep,
    RunbookLink,
    ServiceDetail,
    ServicePage,
    ServiceSummary,
    StatedAt,
)
from api.serving import ServedKnowledge, Serving
from ingest.knowledge.alert_catalogue import AlertEntry, Runbook
from ingest.knowledge.documents import Document, DocumentFacts
from ingest.knowledge.extracts import Extract, Procedure
from ingest.knowledge.services import Edge, Service, fold_component
from ingest.knowledge.spans import Span

_MOST_PLACES = 20  # statements of one fact that are shown


class StructurePages:
    """What the documents of the served generation state as structure."""

    def __init__(self, knowledge: ServedKnowledge) -> None:
        self._knowledge = knowledge

    def services(self, *, query: str, offset: int, limit: int) -> ServicePage:
        """Return services whose name or alias holds `query`, by name."""
        wanted = query.casefold()
        with self._knowledge.reading() as serving:
            found = [
                service
                for service in serving.catalogues.structure().services
                if not wanted or any(wanted in name.casefold() for name in (service.name, *service.aliases))
            ]
            return ServicePage(
                services=[_summary(service) for service in found[offset : offset + limit]],
                total=len(found),
                offset=offset,
                limit=limit,
                generation=serving.description.generation,
            )

    def service(self, name: str) -> ServiceDetail:
        """Return one service by its name or an alias; raises NotFound, with near matches."""
        with self._knowledge.reading() as serving:
            structure = serving.catalogues.structure()
            service = structure.by_name.get(fold_component(name))
            if service is None:
                near = get_close_matches(name, [one.name for one in structure.services], n=5, cutoff=0.5)
                hint = f"did you mean {', '.join(map(repr, near))}?" if near else "list them with GET /v1/services"
                raise NotFound(f"no document names a service {name!r}; {hint}")
            return _Detail(serving, structure).of(service)

    def alerts(self, *, query: str, without_runbook: bool, offset: int, limit: int) -> AlertPage:
        """Return alerts whose name holds `query`, by name; only those without a runbook where asked for."""
        wanted = query.casefold()
        with self._knowledge.reading() as serving:
            structure = serving.catalogues.structure()
            found = [
                entry
                for entry in structure.alerts
                if wanted in entry.name.casefold() and not (without_runbook and entry.has_runbook)
            ]
            detail = _Detail(serving, structure)
            return AlertPage(
                alerts=[detail.alert(entry) for entry in found[offset : offset + limit]],
                total=len(found),
                offset=offset,
                limit=limit,
                generation=serving.description.generation,
            )


class Places:
    """Turn spans of documents into places with their quotes; each document is read once."""

    def __init__(self, serving: Serving, structure: Structure) -> None:
        self._serving, self._structure = serving, structure
        self._documents: dict[str, Document | None] = {}

    def at(self, document_id: str, span: Span, stated_in: str = "text") -> StatedAt | None:
        """Return a place, or None where the generation does not hold the document."""
        if document_id not in self._documents:
            self._documents[document_id] = self._serving.reader.document(document_id)
        document = self._documents[document_id]
        if document is None:
            return None
        facts = document.facts
        return StatedAt(
            document_id=document_id,
            source=facts.source,
            path=facts.path,
            title=facts.title,
            kind=facts.kind,
            line_start=span.line_start,
            line_end=span.line_end,
            char_start=span.start,
            char_end=span.end,
            quote=document.text[span.start : span.end],
            stated_in=stated_in,
            url=facts.url,
        )

    def named(self, document_ids: Iterable[str]) -> list[NamedDocument]:
        """Return the documents of these ids that the generation holds."""
        facts = (self._structure.facts.get(key) for key in document_ids)
        return [named_document(one) for one in facts if one is not None]


def named_document(facts: DocumentFacts) -> NamedDocument:
    """Return a document by its name."""
    return NamedDocument(
        document_id=facts.id,
        source=facts.source,
        path=facts.path,
        title=facts.title,
        kind=facts.kind,
        status=facts.status,
        url=facts.url,
    )


def document_structure(extract: Extract) -> DocumentStructure:
    """Return what was extracted from one document."""
    return DocumentStructure(
        procedures=[_procedure(one) for one in extract.procedures],
        alerts=[
            *(_fact(rule.name, rule.expr, rule.span) for rule in extract.rules),
            *(_fact(one.name, "heading" if one.heading else "", one.span) for one in extract.alerts),
        ],
        components=[_fact(one.name, f"{one.role.value}, {one.stated_in}", one.span) for one in extract.components],
        dependencies=[
            _fact(f"{one.source} → {one.target}", one.label or one.stated_in, one.span) for one in extract.dependencies
        ],
        postmortem=[
            PostmortemFact(
                part=one.part,
                text=one.text,
                at=one.at,
                owner=one.owner,
                line_start=one.span.line_start,
                line_end=one.span.line_end,
            )
            for one in extract.postmortem
        ],
        pictures=[
            _fact(one.alt or one.target, one.caption or "the picture itself was not read", one.span)
            for one in extract.pictures
        ],
    )


class _Detail:
    """The details of services and alerts."""

    def __init__(self, serving: Serving, structure: Structure) -> None:
        self._generation = serving.description.generation
        self._places = Places(serving, structure)

    def of(self, service: Service) -> ServiceDetail:
        """Return all that is stated of a service."""
        named = self._places.named
        stated = [self._places.at(one.document_id, one.span, one.stated_in) for one in service.stated[:_MOST_PLACES]]
        return ServiceDetail(
            name=service.name,
            role=service.role,
            description=service.description,
            aliases=list(service.aliases),
            stated=[one for one in stated if one is not None],
            depends_on=self._edges(service.depends_on),
            used_by=self._edges(service.used_by),
            runbooks=named(service.runbooks),
            architecture=named(service.architecture),
            postmortems=named(service.postmortems),
            alerts=named(service.alerts),
            generation=self._generation,
        )

    def alert(self, entry: AlertEntry) -> AlertSummary:
        """Return all that is stated of an alert."""
        rules = [self._rule(one.document_id, one.rule.span, entry, number) for number, one in enumerate(entry.rules)]
        mentioned = [self._places.at(one.document_id, one.span) for one in entry.mentions[:_MOST_PLACES]]
        severities = dict.fromkeys(one.rule.severity for one in entry.rules if one.rule.severity)
        return AlertSummary(
            name=entry.name,
            severities=list(severities),
            rules=[one for one in rules if one is not None],
            runbooks=[link for runbook in entry.runbooks if (link := self._runbook(runbook)) is not None],
            mentioned=[one for one in mentioned if one is not None],
        )

    def _rule(self, document_id: str, span: Span, entry: AlertEntry, number: int) -> AlertDefinition | None:
        stated, rule = self._places.at(document_id, span, "rule"), entry.rules[number].rule
        if stated is None:
            return None
        return AlertDefinition(
            expr=rule.expr,
            wait=rule.wait,
            severity=rule.severity,
            group=rule.group,
            summary=rule.summary,
            description=rule.description,
            runbook_url=rule.runbook_url,
            stated=stated,
        )

    def _runbook(self, runbook: Runbook) -> RunbookLink | None:
        found = self._places.named([runbook.document_id])
        if not found:
            return None
        how = "link of the rule" if runbook.found_by == "runbook_url" else "a heading names it"
        return RunbookLink(document=found[0], how=how, anchor=runbook.anchor)

    def _edges(self, edges: Sequence[Edge]) -> list[DependencyEdge]:
        found: list[DependencyEdge] = []
        for edge in edges:
            stated = [self._places.at(one.document_id, one.span, one.stated_in) for one in edge.stated[:_MOST_PLACES]]
            places = [one for one in stated if one is not None]
            found.append(DependencyEdge(service=edge.name, labels=list(edge.labels), stated=places))
        return found


def _summary(service: Service) -> ServiceSummary:
    return ServiceSummary(
        name=service.name,
        role=service.role,
        description=service.description,
        depends_on=[edge.name for edge in service.depends_on],
        used_by=[edge.name for edge in service.used_by],
        runbooks=len(service.runbooks),
        architecture=len(service.architecture),
        postmortems=len(service.postmortems),
        alerts=len(service.alerts),
    )


def _procedure(procedure: Procedure) -> ProcedureFact:
    return ProcedureFact(
        title=procedure.title,
        heading_path=list(procedure.heading_path),
        preconditions=[one.text for one in procedure.preconditions],
        steps=[
            ProcedureStep(
                text=step.text,
                commands=list(step.commands),
                destroys=step.destroys,
                line_start=step.span.line_start,
                line_end=step.span.line_end,
            )
            for step in procedure.steps
        ],
        destructive=procedure.destructive,
        line_start=procedure.span.line_start,
        line_end=procedure.span.line_end,
    )


def _fact(text: str, note: str, span: Span) -> NamedFact:
    return NamedFact(text=text, note=note, line_start=span.line_start, line_end=span.line_end)
