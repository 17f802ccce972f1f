"""One listed file to documents with passages, or to the reason why not."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from ingest.classification import classify
from ingest.errors import DocumentUnavailable, DocumentUnreadable, NotADocument
from ingest.extraction.extractor import extract
from ingest.hostility import find_hostile
from ingest.knowledge.diagrams.reading import read_diagram
from ingest.knowledge.documents import Document, DocumentFacts, DocumentKind, ParsedText, Section, document_id
from ingest.knowledge.embedding import Embedder
from ingest.knowledge.extracts import Extract
from ingest.knowledge.manifest import Correction, DocumentState, ManifestRow
from ingest.knowledge.manifest_archive import now
from ingest.knowledge.passages import Passage
from ingest.knowledge.spans import LineIndex
from ingest.near_duplicates import signature
from ingest.parsing.formats import Format
from ingest.parsing.registry import parse_parts
from ingest.recipes import cut_anew, recipe, terms_digest
from ingest.redaction.redactor import Redactor, redact_message
from ingest.sources.source import Source, SourceEntry
from ingest.splitting import TokenCounter, split
from ingest.terms import TermsOfPath, no_terms
from ingest.time_limit import time_limit


def passages_of(document: Document, count_tokens: TokenCounter) -> tuple[Passage, ...]:
    """Split a document, and flag the passages that address a language model."""
    passages = split(document, count_tokens)
    marks = find_hostile(document.text)
    if not marks:
        return tuple(passages)
    flagged = []
    for passage in passages:
        span = passage.span
        kinds = dict.fromkeys(str(one.kind) for one in marks if one.start < span.end and one.end > span.start)
        flagged.append(replace(passage, flags=tuple(kinds)))
    return tuple(flagged)


def signature_of(document: Document) -> bytes:
    """Return what tells near-duplicates apart, of the document's own sections: parts of a file share its text."""
    return signature("\n".join(document.text[one.span.start : one.span.end] for one in document.sections))


_DRAWINGS = (Format.DRAWIO.value, Format.SVG.value)


@dataclass(frozen=True, slots=True)
class Reading:
    """What became of one document: `document` is None where it failed or its content is the same.

    `signature` tells near-duplicates apart; it is empty where there is no document.
    """

    row: ManifestRow
    document: Document | None = None
    passages: tuple[Passage, ...] = ()
    signature: bytes = b""


@dataclass(frozen=True, slots=True)
class Reader:
    """Read files of one source; it can be pickled, so that other processes read with it.

    `previous` and `corrections` are what the manifest knows, by file and by path. `terms` says what a person
    ruled of a path, `kind` what all documents of the source were declared to be; `seconds` is how long one
    file may take.
    """

    source: Source
    previous: Mapping[str, tuple[ManifestRow, ...]]
    corrections: Mapping[str, Correction]
    count_tokens: TokenCounter
    model: str
    max_bytes: int
    kind: DocumentKind | None = None
    terms: TermsOfPath = no_terms
    redactor: Redactor = field(default_factory=Redactor)
    seconds: float = 120.0
    rebuild: bool = False

    def narrowed(self, entries: Sequence[SourceEntry]) -> "Reader":
        """Return a reader that knows of these files only, to be sent elsewhere."""
        known = {entry.path: self.previous[entry.path] for entry in entries if entry.path in self.previous}
        return replace(self, previous=known)

    def read_all(self, entries: Sequence[SourceEntry]) -> list[Reading]:
        """Read each file; a failure is a reading too, never an exception."""
        return [reading for entry in entries for reading in self.read(entry)]

    def recipe_of(self, entry: SourceEntry, format_: str) -> str:
        """Return the recipe that an entry is read with now."""
        ruled = self.terms(entry.path)
        ruled = replace(ruled, kind=self.kind or ruled.kind)
        said = terms_digest(entry, ruled, self.source.url_prefix, self.redactor.allowed)
        return recipe(self.model, format_, said)

    def access_of(self, entry: SourceEntry) -> tuple[str, ...]:
        """Return the groups that alone may know of an entry: its source's and those of the rules."""
        return tuple(dict.fromkeys((*entry.access, *self.terms(entry.path).access)))

    def read(self, entry: SourceEntry) -> list[Reading]:
        """Fetch, clean, parse, classify and split one file into its documents.

        What cannot be read any more keeps its last indexed version: its row then says both.
        """
        before = self.previous.get(entry.path, ())
        reached = DocumentState.DISCOVERED
        try:
            self._check(entry)
            data = self.source.fetch(entry.path)
            reached = DocumentState.FETCHED
            revision = hashlib.sha256(data).hexdigest()[:12]
            if not self.rebuild and self._same(entry, before, revision):
                return [Reading(_as_before(row, entry.fingerprint)) for row in before]
            with time_limit(self.seconds):
                return self._documents(entry, data, revision)
        except NotADocument as error:
            # What was a document before has lost its text by mistake more often than on purpose: it stays.
            state = DocumentState.FAILED if any(row.passages for row in before) else DocumentState.IGNORED
            return [Reading(self._row(entry, state, str(error), reached))]
        except DocumentUnreadable as error:
            transient = isinstance(error, DocumentUnavailable)
            return [Reading(self._failed(entry, str(error), reached, transient=transient))]

    def cut(self, entry: SourceEntry, row: ManifestRow, document: Document) -> Reading:
        """Split a stored document again, without fetching or parsing it."""
        passages = passages_of(document, self.count_tokens)
        wanted = self.recipe_of(entry, row.format)
        fresh = replace(row, recipe=wanted, passages=len(passages), seen_at=now())
        return Reading(fresh, document, passages, signature_of(document))

    def _check(self, entry: SourceEntry) -> None:
        if entry.problem:
            raise DocumentUnavailable(entry.problem)
        if entry.size > self.max_bytes:
            raise DocumentUnreadable(
                f"is {entry.size / 1e6:.1f} MB, over the limit of {self.max_bytes / 1e6:.1f} MB; split it, or "
                "raise GROUNDWATCH_MAX_DOCUMENT_BYTES"
            )

    def _same(self, entry: SourceEntry, before: Sequence[ManifestRow], revision: str) -> bool:
        return bool(before) and all(
            row.passages > 0 and row.revision == revision and row.recipe == self.recipe_of(entry, row.format)
            for row in before
        )

    def _documents(self, entry: SourceEntry, data: bytes, revision: str) -> list[Reading]:
        cleaned: Counter[str] = Counter()

        def clean(text: str) -> str:
            redacted = self.redactor.redact(text)
            cleaned.update(mark.kind for mark in redacted.marks)
            return redacted.text

        parts = parse_parts(entry.path, data, max_bytes=self.max_bytes, clean=clean)
        readings: list[Reading] = []
        for number, parsed in enumerate(parts):
            secrets = cleaned if number == 0 else Counter[str]()
            readings.append(self._indexed(entry, parsed, revision, secrets))
        return readings

    def _indexed(self, entry: SourceEntry, parsed: ParsedText, revision: str, secrets: Counter[str]) -> Reading:
        path = f"{entry.path}#{parsed.part}" if parsed.part else entry.path
        facts, reason = self._facts(entry, path, parsed, revision, secrets)
        sections = tuple(_below(entry.ancestors, section) for section in parsed.sections)
        document = Document(facts, parsed.text, sections, parsed.extract)
        document = replace(document, extract=extract(document, native=_native(parsed)))
        passages = passages_of(document, self.count_tokens)
        if not passages:
            raise NotADocument("has no text to index")
        flagged = sum(bool(passage.flags) for passage in passages)
        row = ManifestRow(
            source=facts.source,
            path=path,
            document_id=facts.id,
            state=DocumentState.INDEXED,
            fingerprint=entry.fingerprint,
            recipe=self.recipe_of(entry, parsed.format),
            revision=revision,
            kind=facts.kind.value,
            kind_reason=reason,
            title=facts.title,
            passages=len(passages),
            size=entry.size,
            warnings=facts.warnings,
            seen_at=now(),
            origin=entry.path if parsed.part else "",
            format=parsed.format,
            secrets=secrets.total(),
            hostile=flagged,
            access=facts.access,
        )
        return Reading(row, document, passages, signature_of(document))

    def _facts(
        self, entry: SourceEntry, path: str, parsed: ParsedText, revision: str, secrets: Counter[str]
    ) -> tuple[DocumentFacts, str]:
        correction = self.corrections.get(path)
        kind = DocumentKind(correction.kind) if correction and correction.kind else self.kind
        terms = self.terms(entry.path)
        found = classify(path, parsed, kind=kind, modified=entry.updated_at, terms=terms)
        corrected = correction.services if correction else None
        facts = DocumentFacts(
            id=document_id(self.source.name, path),
            source=self.source.name,
            path=path,
            title=_storable(parsed.title or entry.title or "") or _words(path),
            kind=found.kind,
            status=found.status,
            revision=revision,
            services=found.services if corrected is None else corrected,
            owners=found.owners or entry.owners,
            updated_at=found.updated_at,
            url=redact_message(entry.url) if entry.url else None,
            superseded_by=found.superseded_by,
            review_by=found.review_by,
            labels=tuple(dict.fromkeys((*found.labels, *entry.labels))),
            access=self.access_of(entry),
            warnings=(*parsed.warnings, *_secrets_warning(secrets)),
        )
        return facts, found.reason

    def _failed(self, entry: SourceEntry, reason: str, reached: DocumentState, *, transient: bool) -> ManifestRow:
        row = self._row(entry, DocumentState.FAILED, reason, reached)
        return replace(row, transient=transient, attempts=row.attempts + 1)

    def _row(self, entry: SourceEntry, state: DocumentState, reason: str, reached: DocumentState) -> ManifestRow:
        """Return the row of a file that gave no document; what was indexed of it before stays counted."""
        known = self.previous.get(entry.path, ())
        before = next((row for row in known if row.path == entry.path), None)
        attempts = before.attempts if before and before.state is DocumentState.FAILED else 0
        keeps = state is DocumentState.FAILED and not self.rebuild  # a rebuild starts empty: nothing older is there
        if before is None or not before.passages or not keeps:
            before = ManifestRow(
                source=self.source.name,
                path=entry.path,
                document_id=document_id(self.source.name, entry.path),
                state=state,
                fingerprint=entry.fingerprint,
                recipe=self.recipe_of(entry, ""),
                title=_words(entry.path),
            )
        return replace(
            before,
            state=state,
            fingerprint=entry.fingerprint,
            reason=redact_message(reason),
            reached=reached.value,
            transient=False,
            size=entry.size,
            attempts=attempts,
            seen_at=now(),
            access=self.access_of(entry),
        )


def cut_stored(row: ManifestRow, document: Document, embedder: Embedder, kept_signature: bytes = b"") -> Reading:
    """Split a stored document for the embedder's model; the state and the times of its row stay.

    `kept_signature` is what tells its near-duplicates apart, where that is known.
    """
    passages = passages_of(document, embedder.count_tokens)
    flagged = sum(bool(passage.flags) for passage in passages)
    fresh = replace(row, recipe=cut_anew(row.recipe, embedder.model), passages=len(passages), hostile=flagged)
    return Reading(fresh, document, passages, kept_signature or signature_of(document))


def _native(parsed: ParsedText) -> Extract:
    """Return what the format states; a drawing that was rendered states it in its text."""
    if parsed.format not in _DRAWINGS:
        return parsed.extract
    drawn = read_diagram(parsed.format, parsed.text, lines=LineIndex.of(parsed.text))
    return parsed.extract.plus(Extract(components=drawn.components, dependencies=drawn.dependencies))


def _as_before(before: ManifestRow, fingerprint: str) -> ManifestRow:
    """Return the row of a document whose indexed version is its content, also where it failed in between."""
    return replace(
        before,
        state=DocumentState.INDEXED,
        fingerprint=fingerprint,
        reason="",
        reached="",
        transient=False,
        attempts=1,
        seen_at=now(),
    )


def _below(ancestors: tuple[str, ...], section: Section) -> Section:
    return replace(section, heading_path=(*ancestors, *section.heading_path)) if ancestors else section


def _secrets_warning(secrets: Counter[str]) -> tuple[str, ...]:
    if not secrets:
        return ()
    kinds = ", ".join(f"{kind} ({count})" if count > 1 else kind for kind, count in sorted(secrets.items()))
    total = secrets.total()
    return (f"{total} {'secrets were' if total > 1 else 'secret was'} replaced by marks: {kinds}",)


def _storable(title: str) -> str:
    """Return a title without lone surrogates, which YAML escapes can make and no store takes."""
    return title.encode("utf-8", "replace").decode()


def _words(path: str) -> str:
    stem = PurePosixPath(path).name.split(".")[0]
    return " ".join(stem.replace("_", " ").replace("-", " ").split()) or stem
