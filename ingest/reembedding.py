"""Embed what is stored for the configured model, on a person's word and by itself."""

import time
from dataclasses import dataclass, replace

from ingest.building import Progress, Workshop, silent, texts_of
from ingest.errors import KnowledgeMissing
from ingest.knowledge.index import IndexDescription
from ingest.model_change import change_model, other_model, stored_readings
from ingest.pipeline import check_released, clean_up, latest_checks, plain_steps
from ingest.promotion import Gate
from ingest.run_reports import LoggedRun, StageClock
from ingest.runs import IngestResult


@dataclass(frozen=True, slots=True)
class Reembedding:
    """What is served afterwards, and what was done for it.

    `before` names the model that built what was served before; None where that was the configured one already,
    so that there was nothing to do. `embedded` and `reused` count passages.
    """

    served: IndexDescription
    before: str | None
    embedded: int = 0
    reused: int = 0
    seconds: float = 0.0


def reembed(workshop: Workshop, gate: Gate | None = None, progress: Progress | None = None) -> Reembedding:
    """Build a generation of the documents that are served for the configured model, and promote it.

    Raises KnowledgeMissing before the first ingest, UsageError after a rollback, and what `ingest` raises of
    building; the generation served before is then untouched.
    """
    workshop = replace(workshop, gate=gate or workshop.gate)
    with workshop.manifest.exclusive():
        clean_up(workshop)
        if workshop.store.current() is None:
            raise KnowledgeMissing("nothing was ingested yet, so there is nothing to embed: groundwatch ingest PATH")
        check_released(workshop, release=False)
        before = other_model(workshop)
        if before is None:
            return Reembedding(workshop.store.describe(), None)
        names = sorted({row.source for row in workshop.manifest.rows() if row.passages})
        run = LoggedRun(workshop, names, progress or silent)
        try:
            result = _changed(workshop, before, run.report)
        except BaseException as error:
            run.failed(error)
            raise
        run.succeeded(result, note=f"Embedded again with {workshop.embedder.model}.")
        return Reembedding(workshop.store.describe(), before, result.embedded, result.reused, result.seconds)


def prune_vectors(workshop: Workshop) -> int:
    """Drop from the embedding cache what no passage that is served is embedded as; return how many vectors."""
    with workshop.manifest.exclusive():
        clean_up(workshop)
        texts = texts_of(list(stored_readings(workshop, silent)))
        return workshop.cache.prune(workshop.embedder.model, texts)


def _changed(workshop: Workshop, built_with: str, report: Progress) -> IngestResult:
    started, clock, before = time.monotonic(), StageClock(), workshop.cache.embedded
    passages = change_model(workshop, built_with, plain_steps(), report)
    clock.ends("re-embed")
    embedded = workshop.cache.embedded - before
    return IngestResult(
        generation=workshop.store.current(),
        sources=(),
        embedded=embedded,
        reused=max(0, passages - embedded),
        seconds=time.monotonic() - started,
        stages=tuple(clock.stages),
        checks=latest_checks(workshop),
    )
