"""Which removed documents must not be shown: the groups that may read them stand in the content kept of them."""

import zlib

from ingest.knowledge.manifest import DocumentState, Manifest
from ingest.knowledge.payloads import stored_document


class RemovedDocuments:
    """Tell which tombstones are hidden from holders of `labels`; what is kept of each is read once."""

    def __init__(self, labels: frozenset[str]) -> None:
        self._labels = labels
        self._access: dict[tuple[str, str], tuple[str, ...]] = {}

    def hidden(self, manifest: Manifest) -> frozenset[str]:
        """Return the ids of removed documents that only other groups may read."""
        gone = [row for row in manifest.rows(tombstones=True) if row.state is DocumentState.TOMBSTONED]
        before = self._access
        # A document may be removed twice, by other rules of access each time.
        self._access = {
            key: before[key] if key in before else _access(manifest, row.document_id)
            for row in gone
            for key in ((row.document_id, row.seen_at),)
        }
        return frozenset(
            document_id
            for (document_id, _), access in self._access.items()
            if access and not self._labels & set(access)
        )


def _access(manifest: Manifest, document_id: str) -> tuple[str, ...]:
    body = manifest.archive.body(document_id)
    return stored_document(zlib.decompress(body).decode()).facts.access if body is not None else ()
