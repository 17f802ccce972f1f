"""One listed document to a document with passages, or to the reason why not."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from ingest.changes import Changes
from ingest.classification import classify
from ingest.errors import DocumentUnreadable
from ingest.knowledge.documents import Document, DocumentFacts, DocumentKind, ParsedText, document_id
from ingest.knowledge.manifest import DocumentState, ManifestRow, now
from ingest.knowledge.passages import Passage
from ingest.parsing.registry import parse
from ingest.sources.source import Source, SourceEntry
from ingest.splitting import TokenCounter, split

RECIPE = "parse-1.split-2"
"""Version of parsing and splitting; raise it when either changes what it makes of the same bytes."""


def recipe_of(model: str, kind: DocumentKind | None, url_prefix: str | None) -> str:
    """Return the version of everything that decides what comes of the same bytes, the model after a bar."""
    stated = f"{kind or ''}\n{url_prefix or ''}"
    digest = "" if stated == "\n" else f".{hashlib.sha256(stated.encode()).hexdigest()[:8]}"
    return f"{RECIPE}{digest}|{model}"


@dataclass(frozen=True, slots=True)
class Reading:
    """What became of one listed document: `document` is None where it failed or its content is the same."""

    row: ManifestRow
    document: Document | None = None
    passages: tuple[Passage, ...] = ()


@dataclass(frozen=True, slots=True)
class Reader:
    """Read documents of one source."""

    source: Source
    changes: Changes
    count_tokens: TokenCounter
    max_bytes: int
    kind: DocumentKind | None = None
    rebuild: bool = False

    def read_all(self, entries: Sequence[SourceEntry]) -> list[Reading]:
        """Read each entry; a failure is a reading too, never an exception."""
        return [self.read(entry) for entry in entries]

    def read(self, entry: SourceEntry) -> Reading:
        """Fetch, parse, classify and split one document.

        A document that cannot be read any more keeps its last indexed version: its row then says both.
        """
        before = self.changes.previous.get(entry.path)
        try:
            if entry.problem:
                raise DocumentUnreadable(entry.problem)
            if entry.size > self.max_bytes:
                raise DocumentUnreadable(
                    f"is {entry.size / 1e6:.1f} MB, over the limit of {self.max_bytes / 1e6:.1f} MB; split it, or "
                    "raise GROUNDWATCH_MAX_DOCUMENT_BYTES"
                )
            data = self.source.fetch(entry.path)
            revision = hashlib.sha256(data).hexdigest()[:12]
            if before is not None and not self.rebuild and _same(before, revision, self.changes.recipe):
                return Reading(_as_before(before, entry.fingerprint))
            parsed = parse(entry.path, data, max_bytes=self.max_bytes)
        except DocumentUnreadable as error:
            return Reading(self._failed(entry, before, str(error)))
        return self._indexed(entry, parsed, revision)

    def _indexed(self, entry: SourceEntry, parsed: ParsedText, revision: str) -> Reading:
        correction = self.changes.corrections.get(entry.path)
        kind = DocumentKind(correction.kind) if correction and correction.kind else self.kind
        found = classify(entry.path, parsed, kind=kind, modified=entry.updated_at)
        corrected = correction.services if correction else None
        facts = DocumentFacts(
            id=document_id(self.source.name, entry.path),
            source=self.source.name,
            path=entry.path,
            title=_storable(parsed.title or "") or _words(entry.path),
            kind=found.kind,
            status=found.status,
            revision=revision,
            services=found.services if corrected is None else corrected,
            owners=found.owners,
            updated_at=found.updated_at,
            url=entry.url,
            superseded_by=found.superseded_by,
            warnings=parsed.warnings,
        )
        document = Document(facts, parsed.text, parsed.sections)
        passages = tuple(split(document, self.count_tokens))
        if not passages:
            return Reading(self._failed(entry, self.changes.previous.get(entry.path), "has no text to index"))
        row = ManifestRow(
            source=facts.source,
            path=facts.path,
            document_id=facts.id,
            state=DocumentState.INDEXED,
            fingerprint=entry.fingerprint,
            recipe=self.changes.recipe,
            revision=revision,
            kind=facts.kind.value,
            kind_reason=found.reason,
            title=facts.title,
            passages=len(passages),
            size=entry.size,
            warnings=facts.warnings,
            seen_at=now(),
        )
        return Reading(row, document, passages)

    def _failed(self, entry: SourceEntry, before: ManifestRow | None, reason: str) -> ManifestRow:
        attempts = before.attempts + 1 if before and before.state is DocumentState.FAILED else 1
        if before is None or self.rebuild:  # a rebuild starts empty: there is no older version to keep
            before = ManifestRow(
                source=self.source.name,
                path=entry.path,
                document_id=document_id(self.source.name, entry.path),
                state=DocumentState.FAILED,
                fingerprint=entry.fingerprint,
                title=_words(entry.path),
            )
        return replace(
            before,
            state=DocumentState.FAILED,
            fingerprint=entry.fingerprint,
            reason=reason,
            size=entry.size,
            attempts=attempts,
            seen_at=now(),
        )


def _same(before: ManifestRow, revision: str, recipe: str) -> bool:
    return before.passages > 0 and before.revision == revision and before.recipe == recipe


def _as_before(before: ManifestRow, fingerprint: str) -> ManifestRow:
    """Return the row of a document whose indexed version is its content, also where it failed in between."""
    return replace(before, state=DocumentState.INDEXED, fingerprint=fingerprint, reason="", attempts=1, seen_at=now())


def _storable(title: str) -> str:
    """Return a title without lone surrogates, which YAML escapes can make and no store takes."""
    return title.encode("utf-8", "replace").decode()


def _words(path: str) -> str:
    stem = PurePosixPath(path).name.split(".")[0]
    return " ".join(stem.replace("_", " ").replace("-", " ").split()) or stem
