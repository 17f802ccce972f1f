"""Documents for the tests of extraction, parsed as the pipeline does."""

from ingest.knowledge.documents import Document, DocumentFacts, DocumentKind, DocumentStatus, document_id
from ingest.knowledge.spans import Span
from ingest.parsing.markdown import parse_markdown


def facts_of(
    path: str,
    *,
    kind: DocumentKind = DocumentKind.RUNBOOK,
    source: str = "wiki",
    title: str = "",
    services: tuple[str, ...] = (),
    url: str | None = None,
) -> DocumentFacts:
    """Return the facts of a document."""
    return DocumentFacts(
        id=document_id(source, path),
        source=source,
        path=path,
        title=title or path.rpartition("/")[2].split(".")[0],
        kind=kind,
        status=DocumentStatus.CURRENT,
        revision="r1",
        services=services,
        url=url,
    )


def document_of(
    text: str,
    path: str = "runbooks/page.md",
    *,
    kind: DocumentKind = DocumentKind.RUNBOOK,
    title: str = "",
    services: tuple[str, ...] = (),
) -> Document:
    """Return a Markdown text as a parsed document."""
    parsed = parse_markdown(text)
    facts = facts_of(path, kind=kind, title=title or parsed.title or "", services=services)
    return Document(facts, parsed.text, parsed.sections)


def shown(document: Document, span: Span) -> str:
    """Return the text that a citation of `span` opens."""
    return document.text[span.start : span.end]
