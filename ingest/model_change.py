"""Another embedding model: what is stored is cut and embedded again for it, and nothing is fetched or parsed."""

import json
from collections.abc import Iterator
from contextlib import closing

from ingest.building import Progress, Publication, Workshop, publish, texts_of
from ingest.errors import KnowledgeError, ModelMismatch
from ingest.knowledge.manifest import ManifestRow
from ingest.reading import Reading, cut_stored
from ingest.runs import Steps

FORMER_MODELS_NOTE = "former models"
"""Name of the note that lists the models that others took the place of."""

_STEP = 64  # documents between two reports
_SHOWN = 5


def other_model(workshop: Workshop) -> str | None:
    """Return the model that what is served was built with, where another one is configured, else None."""
    if workshop.store.current() is None:
        return None
    built_with = workshop.store.describe().model
    return None if built_with == workshop.embedder.model else built_with


def check_not_former(workshop: Workshop, built_with: str) -> None:
    """Raise ModelMismatch where the configured model is one that another took the place of.

    Most likely this process was started before that: a run of it would take the whole index back, and the next
    one of another process forth again.
    """
    configured = workshop.embedder.model
    if configured in _former_models(workshop):
        raise ModelMismatch(
            f"the index was moved from {configured!r} to {built_with!r}, and {configured!r} is still configured here; "
            "set GROUNDWATCH_EMBEDDING_MODEL as it is where the index was moved, and start this process again. To go "
            "back on purpose, run: groundwatch knowledge reembed"
        )


def change_model(workshop: Workshop, built_with: str, steps: Steps, report: Progress) -> int:
    """Build and promote a generation of the same documents for the configured model; return its passages.

    Documents keep their text, sections, facts, extracts and leaders, rows their state. Vectors are kept as they
    are made, so that a run that was stopped goes on where it was. Raises KnowledgeError where what is served is
    not what the manifest says, and whatever `publish` raises; what was served before then still is.
    """
    readings = list(stored_readings(workshop, report))
    texts = texts_of(readings)
    steps.embed_all(workshop, texts, report)
    _note_former(workshop, built_with)
    publish(workshop, Publication(readings, same_documents=True), rebuild=True, progress=report)
    return len(texts)


def stored_readings(workshop: Workshop, report: Progress) -> Iterator[Reading]:
    """Yield every document that is served, cut for the configured model, with its row."""
    rows = {row.document_id: row for row in workshop.manifest.rows() if row.passages}
    signatures = workshop.manifest.archive.signatures()
    with closing(workshop.store.open_documents()) as stored:
        served = {facts.id: f"{facts.source}/{facts.path}" for facts in stored.documents()}
        _check_known(rows, served)
        for number, (document_id, row) in enumerate(rows.items(), start=1):
            document = stored.document(document_id)
            if document is None:
                raise KnowledgeError(_unlike([served[document_id]]))
            yield cut_stored(row, document, workshop.embedder, signatures.get(document_id, b""))
            if number % _STEP == 0 or number == len(rows):
                report("read", number, len(rows))


def _check_known(rows: dict[str, ManifestRow], served: dict[str, str]) -> None:
    lost = [f"{rows[one].source}/{rows[one].path}" for one in rows.keys() - served.keys()]
    unknown = [served[one] for one in served.keys() - rows.keys()]
    if lost or unknown:
        raise KnowledgeError(_unlike(sorted(lost + unknown)))


def _unlike(names: list[str]) -> str:
    shown = ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
    return (
        f"what is served is not what the manifest says ({shown}), so it cannot be embedded as it is; look with: "
        "groundwatch knowledge verify, and read everything again with: groundwatch sync --rebuild"
    )


def _former_models(workshop: Workshop) -> list[str]:
    noted = workshop.manifest.archive.noted(FORMER_MODELS_NOTE)
    return [str(one) for one in json.loads(noted)] if noted else []


def _note_former(workshop: Workshop, built_with: str) -> None:
    """Remember a model as former; before the promotion, since after a kill nobody would note it."""
    former = dict.fromkeys([*_former_models(workshop), built_with])
    former.pop(workshop.embedder.model, None)
    workshop.manifest.archive.note(FORMER_MODELS_NOTE, json.dumps(list(former)))
