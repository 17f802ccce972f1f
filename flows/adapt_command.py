"""The command `groundwatch knowledge adapt`: fit questions to the site's own documents, say how it went, undo it."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from flows.exits import clean_exits

if TYPE_CHECKING:
    from ingest.adaptation.adapting import Adaptation
    from ingest.adaptation.evaluation import Comparison
    from ingest.adaptation.pairs import Recorded
    from ingest.building import Workshop
    from ingest.knowledge.adapter_store import AdapterDescription, AdapterStore
    from ingest.settings import KnowledgeSettings

_FOLDER = "adapters"


@click.command()
@click.option("--dry-run", is_flag=True, help="Train and try, but put nothing into use.")
@click.option("--status", is_flag=True, help="Show the adapter in use and what it is worth.")
@click.option("--undo", is_flag=True, help="Go back to what was in use before.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON on standard output.")
@click.option("--quiet", is_flag=True, help="Show no progress.")
def adapt(dry_run: bool, status: bool, undo: bool, as_json: bool, quiet: bool) -> None:
    """Fit the vectors of questions to the documents that are served; nothing is embedded again.

    A small map is trained on titles, headings, alerts and links of the documents, and used only where the whole
    search finds unseen questions better with it. A running API takes it up at once.
    """
    if dry_run + status + undo > 1:
        raise click.UsageError("--dry-run, --status and --undo exclude each other; give one of them")
    with clean_exits():
        from ingest.knowledge.adapter_store import AdapterStore
        from ingest.settings import KnowledgeSettings

        settings = KnowledgeSettings()
        store = AdapterStore(settings.knowledge_dir / _FOLDER)
        if status:
            _show_status(store, as_json=as_json)
        elif undo:
            _show_undone(store, store.undo(), as_json=as_json)
        else:
            done, promoted = _adapted(settings, store, dry_run=dry_run, quiet=quiet)
            _show_adapted(done, promoted, dry_run=dry_run, as_json=as_json)


def _adapted(
    settings: "KnowledgeSettings", store: "AdapterStore", *, dry_run: bool, quiet: bool
) -> tuple["Adaptation", int | None]:
    """Train, try and promote; return what came of it with the number of the adapter put into use, if any."""
    from evals.adapted_search import WholeSearch
    from ingest.adaptation.adapting import Materials
    from ingest.adaptation.adapting import adapt as train_and_try
    from ingest.bootstrap import open_workshop
    from ingest.knowledge.embedding_cache import EmbeddingCache

    with (
        store.training(),
        closing(open_workshop(settings)) as workshop,
        closing(EmbeddingCache(store.root / "questions.sqlite")) as questions,
        workshop.store.open_apart() as reader,
    ):
        recorded, progress = _recorded(settings), _reporting(quiet=quiet)
        materials = Materials(reader, workshop.embedder, workshop.cache, questions, recorded)
        done = train_and_try(materials, WholeSearch(reader, workshop.embedder, questions), progress)
        if dry_run or not done.verdict.promote:
            return done, None
        described = store.save(done.adapter, _description(store.next_number(), workshop, done))
        store.promote(described.number)
        return done, described.number


def _recorded(settings: "KnowledgeSettings") -> tuple["Recorded", ...]:
    from ingest.adaptation.pairs import Recorded
    from ingest.bootstrap import declarations_of, gate_of

    gate = gate_of(settings, declarations_of(settings), accept=False)
    return tuple(Recorded(one.question, one.document) for one in gate.questions)


def _description(number: int, workshop: "Workshop", done: "Adaptation") -> "AdapterDescription":
    from ingest.knowledge.adapter_store import AdapterDescription, AdapterScore

    compared = [*done.dense, *done.search, *([done.identifiers] if done.identifiers else [])]
    return AdapterDescription(
        number=number,
        base_model=workshop.embedder.model,
        dimension=done.adapter.dimension,
        rank=int(done.adapter.down.shape[1]),
        generation=done.generation,
        trained_at=datetime.now(UTC),
        seconds=round(done.seconds, 1),
        pairs={part: dict(kinds) for part, kinds in done.pairs.items()},
        scores=tuple(
            AdapterScore(measure=one.measure, n=one.n, before=one.before, after=one.after, low=one.low, high=one.high)
            for one in compared
        ),
        cosine_before=done.cosine[0],
        cosine_after=done.cosine[1],
        verdict=done.verdict.reason,
    )


def _show_adapted(done: "Adaptation", promoted: int | None, *, dry_run: bool, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(_record(done, promoted), indent=2))
        return
    train, test = (sum(done.pairs[part].values()) for part in ("train", "test"))
    click.echo(f"Trained on {train} pairs of generation {done.generation}, tried on {test} it never saw:")
    for line in _table([*done.dense, *done.search, *([done.identifiers] if done.identifiers else [])]):
        click.echo(line)
    reason = done.verdict.reason
    if promoted is not None:
        click.echo(f"Adapter {promoted} is in use: {reason}. To undo: groundwatch knowledge adapt --undo")
    elif dry_run and done.verdict.promote:
        click.echo(f"It would be put into use: {reason}. To do so, run it without --dry-run.")
    else:
        click.echo(f"Not put into use: {reason}. Questions are searched as before.")


def _table(compared: "list[Comparison]") -> Iterator[str]:
    yield f"  {'mean reciprocal rank':<22}{'n':>6}{'before':>8}{'after':>8}  95 % interval of the change"
    for one in compared:
        yield f"  {one.measure:<22}{one.n:>6}{one.before:>8.3f}{one.after:>8.3f}  {one.low:+.3f} to {one.high:+.3f}"


def _record(done: "Adaptation", promoted: int | None) -> dict[str, object]:
    """Return the result as `--json` prints it; fields are only ever added."""
    from dataclasses import asdict

    return {
        "promoted": promoted,
        "may_be_used": done.verdict.promote,
        "reason": done.verdict.reason,
        "generation": done.generation,
        "pairs": {part: dict(kinds) for part, kinds in done.pairs.items()},
        "epochs": done.trained.epochs,
        "dense": [asdict(one) for one in done.dense],
        "search": [asdict(one) for one in done.search],
        "identifiers": asdict(done.identifiers) if done.identifiers else None,
        "cosine": {"before": done.cosine[0], "after": done.cosine[1]},
        "seconds": round(done.seconds, 1),
    }


def _show_status(store: "AdapterStore", *, as_json: bool) -> None:
    number = store.current()
    described = store.describe(number) if number is not None else None
    if number is not None:
        store.load(number)  # says so where the weights are damaged
    if as_json:
        kept = store.numbers()
        click.echo(json.dumps({"adapter": described.model_dump(mode="json") if described else None, "kept": kept}))
    elif described is None:
        click.echo("No adapter is in use: questions keep the vectors that the model gives them.")
    else:
        for line in _status_lines(described):
            click.echo(line)


def _status_lines(described: "AdapterDescription") -> Iterator[str]:
    yield (
        f"Adapter {described.number} is in use since {described.trained_at:%Y-%m-%d %H:%M} UTC, for "
        f"{described.base_model}; trained on generation {described.generation} in {described.seconds:.0f} s."
    )
    yield f"It is used because {described.verdict}."
    for one in described.scores:
        yield (
            f"  {one.measure:<22} n = {one.n:<5} {one.before:.3f} to {one.after:.3f} "
            f"(change {one.low:+.3f} to {one.high:+.3f})"
        )
    before = f"adapter {described.replaced}" if described.replaced is not None else "no adapter"
    yield f"Undoing it (groundwatch knowledge adapt --undo) goes back to {before}."


def _show_undone(store: "AdapterStore", number: int | None, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"adapter": number, "kept": store.numbers()}))
    elif number is None:
        click.echo("No adapter is in use any more: questions keep the vectors that the model gives them.")
    else:
        click.echo(f"Adapter {number} is in use again.")


def _reporting(*, quiet: bool) -> Callable[[str, int, int], None]:
    """Return a callback that shows progress on standard error: a line that moves, or in a file a line a stage."""
    live = sys.stderr.isatty()

    def report(stage: str, done: int, total: int) -> None:
        if quiet or not (live or done >= total):
            return
        start, end = ("\r", "" if done < total else "\n") if live else ("", "\n")
        print(f"{start}{stage}: {done} of {total}   ", end=end, file=sys.stderr, flush=True)

    return report
