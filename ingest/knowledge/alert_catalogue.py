"""The alert catalogue: every alert that documents define or name, with the runbook that belongs to it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from ingest.knowledge.document_links import LinkResolver
from ingest.knowledge.documents import DocumentFacts, DocumentKind
from ingest.knowledge.extracts import AlertRule, DocumentExtract
from ingest.knowledge.identifiers import fold_identifier
from ingest.knowledge.spans import Span

_KINDS_OF_RUNBOOKS = (DocumentKind.RUNBOOK, DocumentKind.REFERENCE, DocumentKind.ARCHITECTURE)


@dataclass(frozen=True, slots=True)
class CitedRule:
    """A rule as a document defines it."""

    document_id: str
    rule: AlertRule


@dataclass(frozen=True, slots=True)
class CitedMention:
    """A place that names an alert; `heading` tells whether it is a title or a heading."""

    document_id: str
    span: Span
    heading: bool


@dataclass(frozen=True, slots=True)
class Runbook:
    """The runbook of an alert: the document its `runbook_url` means, or one with the alert as heading.

    `anchor` is the place that the link names, `span` the heading; each is empty where the other way found it.
    """

    document_id: str
    found_by: Literal["runbook_url", "heading"]
    anchor: str = ""
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class AlertEntry:
    """An alert with its rules, the places that name it, and its runbooks, the surest first.

    `unresolved` holds the runbook links that lead to no ingested document.
    """

    name: str
    rules: tuple[CitedRule, ...]
    mentions: tuple[CitedMention, ...]
    runbooks: tuple[Runbook, ...]
    unresolved: tuple[str, ...]

    @property
    def has_runbook(self) -> bool:
        """Whether a document tells what to do about it."""
        return bool(self.runbooks)


def alert_catalogue(
    documents: Sequence[DocumentFacts], extracts: Sequence[DocumentExtract], resolver: LinkResolver
) -> tuple[AlertEntry, ...]:
    """Return all alerts by name: those that rule files define, and those that documents name.

    A runbook is found by the rule's `runbook_url` first, else by a heading or title that is the alert's name.
    """
    facts = {each.id: each for each in documents}
    drafts: dict[str, _Draft] = defaultdict(_Draft)
    for each in extracts:
        if each.document_id not in facts:
            continue
        for rule in each.extract.rules:
            drafts[fold_identifier(rule.name)].rules.append(CitedRule(each.document_id, rule))
        for mention in each.extract.alerts:
            draft = drafts[fold_identifier(mention.name)]
            draft.names[mention.name] = None
            draft.mentions.append(CitedMention(each.document_id, mention.span, mention.heading))
    entries = (_entry(draft, facts, resolver) for draft in drafts.values())
    return tuple(sorted(entries, key=lambda entry: (entry.name.lower(), entry.name)))


@dataclass(slots=True)
class _Draft:
    """An alert while documents are read."""

    names: dict[str, None] = field(default_factory=dict)
    rules: list[CitedRule] = field(default_factory=list)
    mentions: list[CitedMention] = field(default_factory=list)


def _entry(draft: _Draft, facts: dict[str, DocumentFacts], resolver: LinkResolver) -> AlertEntry:
    rules = tuple(sorted(draft.rules, key=lambda each: (each.document_id, each.rule.span.start)))
    mentions = tuple(sorted(draft.mentions, key=lambda each: (each.document_id, each.span.start)))
    linked: dict[Runbook, None] = {}
    unresolved: dict[str, None] = {}
    for each in rules:
        url = each.rule.runbook_url
        found = resolver.resolve(url, near=facts[each.document_id]) if url else None
        if found is not None and found.document_id != each.document_id:
            linked[Runbook(found.document_id, "runbook_url", found.anchor)] = None
        elif url:
            unresolved[url] = None
    headed = () if linked else _headed(mentions, facts)
    name = rules[0].rule.name if rules else min(draft.names)
    return AlertEntry(name, rules, mentions, (*linked, *headed), tuple(unresolved))


def _headed(mentions: Sequence[CitedMention], facts: dict[str, DocumentFacts]) -> tuple[Runbook, ...]:
    """Return the documents that have the alert as a heading: runbooks first, rules and postmortems never."""
    found = {
        mention.document_id: Runbook(mention.document_id, "heading", span=mention.span)
        for mention in reversed(mentions)
        if mention.heading and facts[mention.document_id].kind in _KINDS_OF_RUNBOOKS
    }
    order = sorted(found, key=lambda each: (_KINDS_OF_RUNBOOKS.index(facts[each].kind), each))
    return tuple(found[each] for each in order)
