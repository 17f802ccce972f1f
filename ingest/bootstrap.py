"""The composition root of ingest: settings to a workshop, and what a person asks for to sources."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ingest.errors import UsageError
from ingest.knowledge.documents import DocumentKind
from ingest.knowledge.embedding_cache import EmbeddingCache
from ingest.knowledge.index import IndexStore
from ingest.knowledge.manifest import Manifest, SourceTerms
from ingest.knowledge.sentence_embedder import SentenceEmbedder
from ingest.pipeline import Options, Workshop
from ingest.settings import KnowledgeSettings
from ingest.sources.folder import FolderSource


@dataclass(frozen=True, slots=True)
class SourceRequest:
    """One folder source as a person asks for it; plain values only, so that a flow can carry it.

    `kind` is a DocumentKind's value, "auto" to detect it, or None to keep what was said last time; so are
    `excludes` and `url_prefix` kept where they are None.
    """

    paths: tuple[str, ...]
    name: str | None = None
    kind: str | None = None
    url_prefix: str | None = None
    excludes: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Undertaking:
    """What a run is going to do, with what is odd about it."""

    sources: tuple[FolderSource, ...]
    options: Options
    warnings: tuple[str, ...] = ()


def open_workshop(settings: KnowledgeSettings) -> Workshop:
    """Open the store, manifest, cache and embedder that the settings name; no model is loaded yet."""
    embedder = SentenceEmbedder(settings.embedding_model)
    folder = settings.knowledge_dir
    manifest = Manifest(settings.manifest_file)
    cache = EmbeddingCache(folder / "embeddings.sqlite")
    return Workshop(_store(settings, embedder.dimension), manifest, cache, embedder)


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


def undertake(
    workshop: Workshop,
    requests: Sequence[SourceRequest],
    settings: KnowledgeSettings,
    *,
    rebuild: bool = False,
    confirm_deletions: bool = False,
) -> Undertaking:
    """Turn requests into sources and options; no requests means all sources that were ever ingested.

    Raises UsageError where a path does not exist, two requests share a name, or nothing is known yet. A
    known source whose folder is gone is a warning, unless there is no other.
    """
    planner = _Planner(workshop)
    for request in requests or _known_requests(workshop):
        planner.take(request, may_be_gone=not requests and not rebuild)
    if not planner.sources:
        raise UsageError(f"{'; '.join(planner.warnings)}. Put it back, or run: groundwatch ingest PATH")
    options = Options(
        terms=planner.terms,
        rebuild=rebuild,
        confirm_deletions=confirm_deletions,
        max_document_bytes=settings.max_document_bytes,
        max_deleted_share=settings.max_deleted_share,
    )
    return Undertaking(tuple(planner.sources), options, tuple(planner.warnings))


class _Planner:
    """Collect the sources of a run with what is known of them from earlier ones."""

    def __init__(self, workshop: Workshop) -> None:
        self.sources: list[FolderSource] = []
        self.terms: dict[str, SourceTerms] = {}
        self.warnings: list[str] = []
        self._known = {sync.source: sync for sync in workshop.manifest.syncs()}
        self._known_terms = workshop.manifest.terms()

    def take(self, request: SourceRequest, *, may_be_gone: bool) -> None:
        """Add the source of a request; one that `may_be_gone` is only warned of where it is."""
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
        before = self._known.get(name)
        if before and before.location != bare.location:
            self.warnings.append(_moved(name, before.location, bare.location))
        self.terms[name] = _terms(request, self._known_terms.get(name, SourceTerms()))
        prefix = request.url_prefix if request.url_prefix is not None else before and before.url_prefix
        excludes = self.terms[name].excludes
        self.sources.append(FolderSource(paths, name=name, url_prefix=prefix or None, excludes=excludes))


def _store(settings: KnowledgeSettings, dimension: int) -> IndexStore:
    if settings.qdrant_url is None:
        from ingest.knowledge.edge_store import EdgeStore

        return EdgeStore(settings.knowledge_dir, dimension)
    from ingest.knowledge.server_store import QdrantServerStore

    key = settings.qdrant_api_key.get_secret_value() if settings.qdrant_api_key else None
    return QdrantServerStore.connect(settings.qdrant_url, key, prefix=settings.qdrant_prefix, dimension=dimension)


def _known_requests(workshop: Workshop) -> list[SourceRequest]:
    syncs = workshop.manifest.syncs()
    if not syncs:
        raise UsageError("nothing was ingested yet, so there is nothing to read again; run: groundwatch ingest PATH")
    return [SourceRequest(tuple(sync.location.split("\n")), sync.source) for sync in syncs]


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
