"""The composition root of ingest: settings to a workshop, and what a person asks for to sources."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ingest.building import Workshop
from ingest.declared_terms import DeclaredTerms
from ingest.errors import UsageError
from ingest.knowledge.documents import DocumentKind
from ingest.knowledge.embedding_cache import EmbeddingCache
from ingest.knowledge.index import KEPT_GENERATIONS, IndexStore
from ingest.knowledge.manifest import Manifest, SourceTerms
from ingest.knowledge.sentence_embedder import SentenceEmbedder
from ingest.promotion import Gate, read_questions
from ingest.redaction.redactor import Redactor
from ingest.runs import Options, SourceNotes
from ingest.settings import KnowledgeSettings
from ingest.sources.declarations import Declarations, load_declarations
from ingest.sources.folder import FolderSource
from ingest.sources.opening import open_source
from ingest.sources.source import Source


@dataclass(frozen=True, slots=True)
class SourceRequest:
    """One source as a person asks for it; plain values only, so that a flow can carry it.

    A request without `paths` is for the source `name` of the declarations. `kind` is a DocumentKind's value,
    "auto" to detect it, or None to keep what was said last time; so are `excludes` and `url_prefix` kept
    where they are None.
    """

    paths: tuple[str, ...]
    name: str | None = None
    kind: str | None = None
    url_prefix: str | None = None
    excludes: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Wishes:
    """How a person wants a run to go, beside which sources it reads; plain values, so that a flow can carry it."""

    rebuild: bool = False
    confirm_deletions: bool = False
    retry_failed: bool = False
    accept_checks: bool = False
    release: bool = False


@dataclass(frozen=True, slots=True)
class Undertaking:
    """What a run is going to do, with what is odd about it."""

    sources: tuple[Source, ...]
    options: Options
    warnings: tuple[str, ...] = ()


def open_workshop(settings: KnowledgeSettings) -> Workshop:
    """Open the store, manifest, cache and embedder that the settings name; no model is loaded yet."""
    embedder = SentenceEmbedder(settings.embedding_model)
    declared = declarations_of(settings)
    keep = declared.keep_generations if declared else KEPT_GENERATIONS
    manifest = Manifest(settings.manifest_file)
    cache = EmbeddingCache(settings.knowledge_dir / "embeddings.sqlite")
    return Workshop(_store(settings, embedder.dimension, keep), manifest, cache, embedder)


def declarations_of(settings: KnowledgeSettings) -> Declarations | None:
    """Return what `groundwatch.yaml` declares, or None where there is no such file."""
    return load_declarations(settings.sources_file) if settings.sources_file.exists() else None


def gate_of(settings: KnowledgeSettings, declared: Declarations | None, *, accept: bool) -> Gate:
    """Return what a new generation has to hold up to; with `accept` it is promoted whatever its checks say."""
    if declared is None:
        return Gate(accept=accept)
    said = declared.promotion
    questions = said.questions and settings.sources_file.absolute().parent / said.questions
    return Gate(
        max_lost_share=said.max_lost_share,
        questions=read_questions(questions) if questions else (),
        accept=accept or not said.enabled,
    )


def requests_of(
    paths: Sequence[Path],
    source: str | None,
    *,
    kind: str | None = None,
    url_prefix: str | None = None,
    excludes: Sequence[str] = (),
) -> list[SourceRequest]:
    """Return one request for all `paths` where `source` names them, else one for each path."""
    absolute = [str(path.absolute()) for path in paths]
    groups = [tuple(absolute)] if source and absolute else [(path,) for path in absolute]
    return [SourceRequest(group, source, kind, url_prefix, tuple(excludes) or None) for group in groups]


def named_requests(workshop: Workshop, settings: KnowledgeSettings, names: Sequence[str]) -> list[SourceRequest]:
    """Return a request for each source of these names, declared or once ingested; for all where none is named.

    Raises UsageError for a name that is neither.
    """
    known = {request.name: request for request in _all_requests(workshop, settings, declarations_of(settings))}
    for name in names:
        if name not in known:
            there = ", ".join(repr(one) for one in known) or "none yet"
            raise UsageError(f"no source is called {name!r}; there are: {there}. Declare it in groundwatch.yaml")
    return [known[name] for name in names] if names else list(known.values())


def undertake(
    workshop: Workshop,
    requests: Sequence[SourceRequest],
    settings: KnowledgeSettings,
    wishes: Wishes | None = None,
) -> Undertaking:
    """Turn requests into sources and options; no requests means all sources, declared or once ingested.

    Raises UsageError where a path does not exist, two requests share a name, or nothing is known yet. A
    known source whose folder is gone is a warning, unless there is no other.
    """
    wanted = wishes or Wishes()
    declared = declarations_of(settings)
    planner = _Planner(workshop, settings, declared)
    for request in requests or _all_requests(workshop, settings, declared):
        planner.take(request, may_be_gone=not requests and not wanted.rebuild)
    if not planner.sources:
        raise UsageError(f"{'; '.join(planner.warnings)}. Put it back, or run: groundwatch ingest PATH")
    planner.warn_of_undeclared()
    options = Options(
        terms=planner.terms,
        notes=planner.notes,
        rebuild=wanted.rebuild,
        confirm_deletions=wanted.confirm_deletions,
        retry_failed=wanted.retry_failed,
        release=wanted.release,
        max_document_bytes=settings.max_document_bytes,
        max_deleted_share=settings.max_deleted_share,
        read_seconds=settings.read_seconds,
        tombstone_days=declared.tombstone_days if declared else 30,
        redactor=Redactor(declared.redaction.allow if declared else ()),
        gate=gate_of(settings, declared, accept=wanted.accept_checks),
    )
    return Undertaking(tuple(planner.sources), options, tuple(planner.warnings))


@dataclass
class _Planner:
    """Collect the sources of a run with what is known of them from earlier ones."""

    workshop: Workshop
    settings: KnowledgeSettings
    declared: Declarations | None
    sources: list[Source] = field(default_factory=list)
    terms: dict[str, SourceTerms] = field(default_factory=dict)
    notes: dict[str, SourceNotes] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._known = {sync.source: sync for sync in self.workshop.manifest.syncs()}
        self._known_terms = self.workshop.manifest.terms()

    def take(self, request: SourceRequest, *, may_be_gone: bool) -> None:
        """Add the source of a request; a folder that `may_be_gone` is only warned of where it is."""
        if not request.paths:
            self._take_declared(request.name or "")
            return
        paths = [Path(path) for path in request.paths]
        try:
            bare = FolderSource(paths, name=request.name)
        except UsageError as error:
            if not may_be_gone:
                raise
            self.warnings.append(f"source {request.name!r} was left out: {error}")
            return
        name = bare.name
        if name in self.terms:
            raise UsageError(f"two paths would both be source {name!r}; ingest them apart, with --source NAME")
        if self.declared and name in {one.name for one in self.declared.sources}:
            raise UsageError(
                f"source {name!r} is declared in {str(self.settings.sources_file)!r}; read it with: groundwatch sync "
                f"{name}, or give the path another name with --source NAME"
            )
        before = self._known.get(name)
        if before and before.location != bare.location:
            self.warnings.append(_moved(name, before.location, bare.location))
        self.terms[name] = _terms(request, self._known_terms.get(name, SourceTerms()))
        prefix = request.url_prefix if request.url_prefix is not None else before and before.url_prefix
        excludes = self.terms[name].excludes
        self.sources.append(FolderSource(paths, name=name, url_prefix=prefix or None, excludes=excludes))

    def warn_of_undeclared(self) -> None:
        """Warn of sources that were declared once and are not any more, whose documents still serve."""
        if self.declared is None:
            return
        names = {one.name for one in self.declared.sources}
        for sync in self._known.values():
            if sync.declared and sync.source not in names:
                self.warnings.append(
                    f"source {sync.source!r} is not declared any more and its documents still serve; take them out "
                    f"with: groundwatch sources remove {sync.source}"
                )

    def _take_declared(self, name: str) -> None:
        if self.declared is None:
            file = str(self.settings.sources_file)
            raise UsageError(f"source {name!r} is not known: there is no {file!r} that declares it")
        declaration = self.declared.source(name)
        if name in self.notes:
            return
        source = open_source(
            declaration,
            base=self.settings.sources_file.absolute().parent,
            cache_dir=self.settings.sources_dir,
            environment=os.environ,
        )
        self.sources.append(source)
        self.terms[name] = SourceTerms(declaration.kind.value if declaration.kind else None)
        self.notes[name] = SourceNotes(
            type=declaration.type,
            declared=True,
            terms=DeclaredTerms(declaration, self.declared),
            max_deleted_share=declaration.max_deleted_share,
        )


def _store(settings: KnowledgeSettings, dimension: int, keep: int) -> IndexStore:
    if settings.qdrant_url is None:
        from ingest.knowledge.edge_store import EdgeStore

        return EdgeStore(settings.knowledge_dir, dimension, keep=keep)
    from ingest.knowledge.server_index import ClusterShape
    from ingest.knowledge.server_store import QdrantServerStore

    key = settings.qdrant_api_key.get_secret_value() if settings.qdrant_api_key else None
    return QdrantServerStore.connect(
        settings.qdrant_url,
        key,
        prefix=settings.qdrant_prefix,
        dimension=dimension,
        keep=keep,
        shape=ClusterShape(settings.qdrant_shards, settings.qdrant_replicas, settings.qdrant_quantized),
    )


def _all_requests(
    workshop: Workshop, settings: KnowledgeSettings, declared: Declarations | None
) -> list[SourceRequest]:
    named = [SourceRequest((), one.name) for one in declared.sources if one.enabled] if declared else []
    names = {one.name for one in declared.sources} if declared else set()
    syncs = [sync for sync in workshop.manifest.syncs() if not sync.declared and sync.source not in names]
    found = named + [SourceRequest(tuple(sync.location.split("\n")), sync.source) for sync in syncs]
    if not found:
        raise UsageError(
            "nothing was ingested yet and no source is declared, so there is nothing to read; run: groundwatch "
            f"ingest PATH, or declare sources in {str(settings.sources_file)!r}"
        )
    return found


def _terms(request: SourceRequest, before: SourceTerms) -> SourceTerms:
    kind = before.kind if request.kind is None else request.kind
    if kind is not None and kind != "auto" and kind not in set(DocumentKind):
        raise UsageError(f"unknown kind {kind!r}; use one of: {', '.join(DocumentKind)}, auto")
    excludes = before.excludes if request.excludes is None else request.excludes
    return SourceTerms(None if kind == "auto" else kind, excludes)


def _moved(name: str, before: str, now: str) -> str:
    return (
        f"source {name!r} was ingested from {before!r} before and now comes from {now!r}: documents that are only "
        "there will be removed. For a source of its own, use --source NAME"
    )
