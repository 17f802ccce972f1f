"""The errors of the ingest package, named for what the receiver should do.

GroundwatchError
├── UsageError                 the caller gave a wrong value: correct it (exit code 2)
└── KnowledgeError             the knowledge base cannot serve or take this: see the message (exit code 1)
    ├── KnowledgeMissing       nothing was ingested yet
    ├── KnowledgeLocked        another process has the embedded index open
    ├── ModelMismatch          the index was built with another embedding model
    ├── ModelUnavailable       the embedding model cannot be loaded or is not the one it says it is
    ├── StorageFailed          disk full, read-only or unreachable: nothing was promoted
    ├── SourceUnreadable       a source as a whole cannot be listed
    ├── PromotionRefused       a new generation failed its checks: the old one serves on
    ├── SyncCancelled          a person stopped the run: the old generation serves on
    └── DocumentUnreadable     one document cannot be read; the run goes on without it
        ├── DocumentUnavailable    it could not be fetched this time: the next run tries again
        └── NotADocument           the file is none (configuration, an empty index page): it is left out
"""

ANOTHER_MODEL = (
    "set GROUNDWATCH_EMBEDDING_MODEL back, or embed what is stored with the configured one: "
    "groundwatch knowledge reembed"
)
"""The next step where an index was built with another embedding model than the configured one."""


class GroundwatchError(Exception):
    """Base of every error that Groundwatch raises on purpose; its text is fit for a person."""


class UsageError(GroundwatchError):
    """A value given by the caller is wrong."""


class KnowledgeError(GroundwatchError):
    """The knowledge base cannot do what was asked."""


class KnowledgeMissing(KnowledgeError):
    """There is no generation to serve yet."""


class KnowledgeLocked(KnowledgeError):
    """Another process holds the embedded index."""


class ModelMismatch(KnowledgeError):
    """The index was built with another embedding model than the configured one."""


class ModelUnavailable(KnowledgeError):
    """The embedding model cannot be loaded, or its digest is wrong."""


class StorageFailed(KnowledgeError):
    """Reading or writing the knowledge store failed; what was promoted before still stands."""


class SourceUnreadable(KnowledgeError):
    """A source cannot be listed at all."""


class DocumentUnreadable(KnowledgeError):
    """One document cannot be read; `str(error)` is the reason shown beside its path."""


class DocumentUnavailable(DocumentUnreadable):
    """One document could not be fetched this time, and may be next time."""


class NotADocument(DocumentUnreadable):
    """A file that a source lists is no document; `str(error)` says what it is."""


class PromotionRefused(KnowledgeError):
    """A new generation failed one of its checks and was not promoted; `checks` are the results of all."""

    def __init__(self, message: str, checks: tuple[object, ...] = ()) -> None:
        super().__init__(message)
        self.checks = checks


class SyncCancelled(KnowledgeError):
    """A run was stopped on request before its generation was promoted."""
