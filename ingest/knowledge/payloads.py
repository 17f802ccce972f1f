"""Turn passages, documents and descriptions into what an index stores, and back."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ingest.knowledge.documents import (
    Block,
    BlockKind,
    Document,
    DocumentFacts,
    DocumentKind,
    DocumentStatus,
    Section,
)
from ingest.knowledge.extracts import NOTHING, Extract
from ingest.knowledge.index import IndexDescription
from ingest.knowledge.passages import Passage, StoredPassage
from ingest.knowledge.phrases import folded_passage
from ingest.knowledge.spans import Span

if TYPE_CHECKING:
    from pydantic import TypeAdapter

Payload = dict[str, Any]  # JSON as the vendors take it; it never leaves the adapters

KEYWORD_FIELDS = ("document_id", "source", "kind", "services", "status", "identifiers")
PHRASE_FIELD = "folded"
PASSAGE_FIELDS = ("document_id", "identifiers", "text", "record")  # what `stored_passage` reads

_BLOCK_KINDS = {kind.value: kind for kind in BlockKind}


@dataclass(frozen=True, slots=True)
class FoundPassage:
    """A passage as an index returns it, with the payload fields that were asked for."""

    id: str
    payload: Mapping[str, Any]


def passage_payload(passage: Passage, facts: DocumentFacts) -> Payload:
    """Return the payload of a passage: fields to filter by, its text, and a compact record of the rest."""
    record = [
        passage.ordinal,
        passage.heading_path,
        passage.header,
        _numbers(passage.span),
        _block_rows(passage.blocks),
        passage.page,
        passage.flags,
    ]
    return {
        "document_id": passage.document_id,
        "source": facts.source,
        "kind": facts.kind.value,
        "services": list(facts.services),
        "status": facts.status.value,
        "identifiers": list(passage.identifiers),
        PHRASE_FIELD: folded_passage(passage.header, passage.text),
        "text": passage.text,
        "record": _json(record),
    }


def stored_passage(found: FoundPassage, facts: DocumentFacts) -> StoredPassage:
    """Return the passage that `passage_payload` stored, with the facts of its document."""
    payload = found.payload
    ordinal, heading_path, header, span, blocks, page, flags = json.loads(payload["record"])
    passage = Passage(
        id=found.id,
        document_id=payload["document_id"],
        ordinal=ordinal,
        heading_path=tuple(heading_path),
        header=header,
        span=Span(*span),
        text=payload["text"],
        blocks=_blocks(blocks),
        identifiers=tuple(payload["identifiers"]),
        page=page,
        flags=tuple(flags),
    )
    return StoredPassage(passage, facts)


def facts_text(facts: DocumentFacts) -> str:
    """Return the facts of a document as JSON."""
    updated_at = facts.updated_at.isoformat() if facts.updated_at else None
    return _json(
        {
            "id": facts.id,
            "source": facts.source,
            "path": facts.path,
            "title": facts.title,
            "kind": facts.kind.value,
            "status": facts.status.value,
            "revision": facts.revision,
            "services": facts.services,
            "owners": facts.owners,
            "updated_at": updated_at,
            "url": facts.url,
            "superseded_by": facts.superseded_by,
            "review_by": facts.review_by.isoformat() if facts.review_by else None,
            "labels": facts.labels,
            "access": facts.access,
            "warnings": facts.warnings,
        }
    )


def facts_of(text: str) -> DocumentFacts:
    """Return the facts that `facts_text` wrote."""
    stored = json.loads(text)
    updated_at, review_by = stored["updated_at"], stored["review_by"]
    return DocumentFacts(
        id=stored["id"],
        source=stored["source"],
        path=stored["path"],
        title=stored["title"],
        kind=DocumentKind(stored["kind"]),
        status=DocumentStatus(stored["status"]),
        revision=stored["revision"],
        services=tuple(stored["services"]),
        owners=tuple(stored["owners"]),
        updated_at=datetime.fromisoformat(updated_at) if updated_at else None,
        url=stored["url"],
        superseded_by=stored["superseded_by"],
        review_by=date.fromisoformat(review_by) if review_by else None,
        labels=tuple(stored["labels"]),
        access=tuple(stored["access"]),
        warnings=tuple(stored["warnings"]),
    )


def sections_text(sections: Sequence[Section]) -> str:
    """Return the sections of a document, with their blocks, as compact JSON."""
    return _json(
        [
            [section.heading_path, _numbers(section.span), _block_rows(section.blocks), section.page]
            for section in sections
        ]
    )


def document_of(facts: DocumentFacts, text: str, sections: str, extract: str) -> Document:
    """Return the whole document; `sections` is what `sections_text` wrote, `extract` what `extract_text` did."""
    rows = json.loads(sections)
    return Document(
        facts,
        text,
        tuple(Section(tuple(path), Span(*span), _blocks(blocks), page) for path, span, blocks, page in rows),
        extract_of(extract),
    )


def extract_text(extract: Extract) -> str:
    """Return what a document states as structure as JSON; "" for nothing."""
    return _extract_adapter().dump_json(extract).decode() if extract else ""


def extract_of(text: str) -> Extract:
    """Return the extract that `extract_text` wrote."""
    return _extract_adapter().validate_json(text) if text else NOTHING


def document_text(document: Document) -> str:
    """Return a whole document as JSON, as it is kept after it left the index."""
    return _json(
        {
            "facts": facts_text(document.facts),
            "text": document.text,
            "sections": sections_text(document.sections),
            "extract": extract_text(document.extract),
        }
    )


def stored_document(text: str) -> Document:
    """Return the document that `document_text` wrote."""
    stored = json.loads(text)
    return document_of(facts_of(stored["facts"]), stored["text"], stored["sections"], stored["extract"])


def description_text(description: IndexDescription) -> str:
    """Return a description as JSON, one field a line."""
    stored = {
        "schema_version": description.schema_version,
        "model": description.model,
        "dimension": description.dimension,
        "average_length": description.average_length,
        "generation": description.generation,
        "built_at": description.built_at.isoformat(),
        "documents": description.documents,
        "passages": description.passages,
    }
    return json.dumps(stored, ensure_ascii=False, indent=1)


def description_of(text: str) -> IndexDescription:
    """Return the description that `description_text` wrote; ValueError or KeyError where it is another's."""
    stored = json.loads(text)
    return IndexDescription(
        schema_version=int(stored["schema_version"]),
        model=str(stored["model"]),
        dimension=int(stored["dimension"]),
        average_length=float(stored["average_length"]),
        generation=int(stored["generation"]),
        built_at=datetime.fromisoformat(stored["built_at"]),
        documents=int(stored["documents"]),
        passages=int(stored["passages"]),
    )


@lru_cache(maxsize=1)
def _extract_adapter() -> "TypeAdapter[Extract]":
    from pydantic import TypeAdapter  # a reader that never asks for an extract does not build it

    return TypeAdapter(Extract)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _numbers(span: Span) -> list[int]:
    return [span.start, span.end, span.line_start, span.line_end]


def _block_rows(blocks: Sequence[Block]) -> list[list[object]]:
    return [[block.kind.value, block.depth, *_numbers(block.span)] for block in blocks]


def _blocks(rows: Sequence[Sequence[Any]]) -> tuple[Block, ...]:
    return tuple(
        Block(_BLOCK_KINDS[kind], Span(start, end, first, last), depth) for kind, depth, start, end, first, last in rows
    )
