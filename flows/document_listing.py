"""Documents as `groundwatch knowledge` lists and shows them: by state, with their history, sections and facts."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, fields

from ingest.building import Workshop
from ingest.care import find_document
from ingest.errors import KnowledgeMissing
from ingest.knowledge.documents import Document
from ingest.knowledge.extracts import Extract
from ingest.knowledge.manifest import DocumentState, ManifestRow


@dataclass(frozen=True, slots=True)
class Event:
    """Something that a run did to a document; `at` is when the run started."""

    run: int
    at: str
    change: str
    detail: str


@dataclass(frozen=True, slots=True)
class DocumentView:
    """Everything that is known of one document; `document` is None where no version of it is served."""

    row: ManifestRow
    history: tuple[Event, ...]
    document: Document | None


def list_documents(
    workshop: Workshop, *, source: str | None = None, state: str | None = None, kind: str | None = None
) -> list[ManifestRow]:
    """Return the rows of all documents, tombstones included, or of those that match, by source and path."""
    rows = workshop.manifest.rows(source, tombstones=True)
    hand = workshop.manifest.runs.in_hand()
    rows += _discovered(rows, hand, source)
    found = [row for row in rows if _matches(row, hand, state) and kind in (None, row.kind)]
    return sorted(found, key=lambda row: (row.source, row.path))


def view_document(workshop: Workshop, wanted: str) -> DocumentView:
    """Return one document with its history; raises UsageError where none is called that."""
    row = find_document(workshop, wanted)
    log = workshop.manifest.runs
    history = tuple(
        Event(run.id, run.started_at, one.change.value, one.detail)
        for run in log.latest(source=row.source)
        for one in log.changes(run.id, row.source)
        if one.path == row.path
    )
    return DocumentView(row, history, _served(workshop, row))


def row_record(row: ManifestRow) -> dict[str, object]:
    """Return a row as `--json` prints it."""
    record = asdict(row) | {"id": row.document_id, "state": row.state.value, "warnings": list(row.warnings)}
    return {key: value for key, value in record.items() if key not in ("document_id", "fingerprint", "recipe")}


def view_record(view: DocumentView) -> dict[str, object]:
    """Return a document as `--json` prints it."""
    document = view.document
    return row_record(view.row) | {
        "history": [asdict(one) for one in view.history],
        "url": document.facts.url if document else None,
        "owners": list(document.facts.owners) if document else [],
        "services": list(document.facts.services) if document else [],
        "sections": [
            {
                "heading_path": list(one.heading_path),
                "line_start": one.span.line_start,
                "line_end": one.span.line_end,
                "page": one.page,
            }
            for one in (document.sections if document else ())
        ],
        "facts": asdict(document.extract) if document else {},
    }


def view_lines(view: DocumentView) -> Iterator[str]:
    """Yield the lines that a terminal shows of a document."""
    row, document = view.row, view.document
    yield f"{row.source}/{row.path}"
    for name, value in (
        ("title", row.title),
        ("id", row.document_id),
        ("state", row.state.value + (", held by a person" if row.held else "")),
        ("reason", row.reason),
        ("attempts", str(row.attempts) if row.state is DocumentState.FAILED else ""),
        ("kind", f"{row.kind} ({row.kind_reason})" if row.kind else ""),
        ("format", row.format),
        ("revision", row.revision),
        ("passages", str(row.passages)),
        ("secrets taken out", str(row.secrets or "")),
        ("hostile passages", str(row.hostile or "")),
        ("warnings", "; ".join(row.warnings)),
        ("link", (document.facts.url if document else "") or ""),
        ("seen", row.seen_at),
    ):
        if value:
            yield f"  {name}: {value}"
    if view.history:
        yield "history"
        yield from (f"  {one.at} run {one.run}: {one.change} {one.detail}".rstrip() for one in view.history)
    if document is not None:
        yield "sections"
        for section in document.sections:
            path = " > ".join(section.heading_path) or "(before the first heading)"
            yield f"  {section.span.line_start}-{section.span.line_end}  {path}"
        yield from _fact_lines(document.extract)


def _fact_lines(extract: Extract) -> Iterator[str]:
    for field in fields(extract):
        facts: Sequence[object] = getattr(extract, field.name)
        if facts:
            yield f"{field.name} ({len(facts)})"
            yield from (f"  {_fact_line(one)}" for one in facts)


def _fact_line(fact: object) -> str:
    """Return the line of a fact: where it stands, then what it says, whatever kind of fact it is."""
    span = getattr(fact, "span", None)
    where = f"line {span.line_start}: " if span is not None else ""
    for names in (("source", "target"), ("title",), ("name",), ("part", "text"), ("target",), ("text",)):
        values = [str(getattr(fact, name, "")) for name in names]
        if all(values):
            joined = " -> ".join(values) if names == ("source", "target") else ": ".join(values)
            return where + " ".join(joined.split())
    return where.rstrip(": ")


def _served(workshop: Workshop, row: ManifestRow) -> Document | None:
    if not row.passages:
        return None
    try:
        with closing(workshop.store.open_documents()) as stored:
            return stored.document(row.document_id)
    except KnowledgeMissing:
        return None


def _discovered(
    rows: Sequence[ManifestRow], hand: dict[tuple[str, str], str], source: str | None
) -> Iterator[ManifestRow]:
    """Yield rows of documents that a run has in hand for the first time."""
    known = {(row.source, row.path) for row in rows} | {(row.source, row.file) for row in rows}
    for (name, path), state in hand.items():
        if (name, path) not in known and source in (None, name):
            yield ManifestRow(name, path, "", DocumentState(state), "")


def _matches(row: ManifestRow, hand: dict[tuple[str, str], str], state: str | None) -> bool:
    return state in (None, row.state.value, hand.get((row.source, row.path)))
