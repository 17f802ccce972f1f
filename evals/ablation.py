"""What one number of retrieval is worth: every question ranked with the packaged tuning and with another, in pairs.

The difference is told with a 95 % interval of the bootstrap over questions (see evals/bootstrap.py); a set where the
interval holds 0 shows no difference.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

import click

from api.retrieval.tuning import DEFAULT_TUNING, RetrievalTuning
from evals.bootstrap import Interval, difference_interval
from evals.console import plain_errors, progress_line, table, write_json
from evals.corpus import CorpusSource, configured_embedder, open_bench
from evals.questions import Question, QuestionSet, load_questions, sample
from evals.ranking import reciprocal
from evals.retrieval import Contest
from ingest.errors import UsageError


@dataclass(frozen=True, slots=True)
class Difference:
    """MRR@10 of one question set by both tunings, and the gain of the packaged one over the other."""

    set: QuestionSet
    n: int
    moved: int
    packaged: float
    other: float
    gain: Interval


@dataclass(frozen=True, slots=True)
class AblationReport:
    """What was changed, and what that does to each set."""

    changed: tuple[str, ...]
    passages: int
    sets: tuple[Difference, ...]


@click.command()
@click.option("--corpus", type=click.Path(exists=True, path_type=Path), required=True, help="Folder of documents.")
@click.option("--questions", type=click.Path(exists=True, path_type=Path), required=True, help="Folder of questions.")
@click.option("--data-dir", type=click.Path(path_type=Path), default=Path("data/evals"), show_default=True)
@click.option(
    "--set", "changes", multiple=True, required=True, metavar="NAME=VALUE", help="A number of the other tuning."
)
@click.option("--sample", "per_set", type=click.IntRange(min=1), help="At most this many questions of each set.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Write the report here too.")
def main(
    corpus: Path,
    questions: Path,
    data_dir: Path,
    changes: tuple[str, ...],
    per_set: int | None,
    json_file: Path | None,
) -> None:
    """Compare the packaged tuning with one that differs by --set NAME=VALUE; 0 switches a signal off."""
    with plain_errors():
        other = changed_tuning(changes)
        asked = sample(load_questions(questions), per_set)
        bench = open_bench(data_dir, CorpusSource(corpus), configured_embedder(), progress_line)
        try:
            pairs = Contest(bench, asked).compare(other, progress_line)
            report = AblationReport(changes, bench.reader.describe().passages, tuple(differences(pairs)))
        finally:
            bench.close()
        click.echo(render(report))
        if json_file:
            write_json(json_file, report)


def changed_tuning(changes: Sequence[str]) -> RetrievalTuning:
    """Return the packaged tuning with some numbers changed; raises UsageError for a name or value that is none."""
    known = {field.name: type(getattr(DEFAULT_TUNING, field.name)) for field in fields(RetrievalTuning)}
    values: dict[str, float] = {}
    for change in changes:
        name, _, value = change.partition("=")
        if name not in known:
            raise UsageError(f"--set {change!r} names no number of retrieval; there are: {', '.join(sorted(known))}")
        try:
            values[name] = known[name](value)
        except ValueError as error:
            raise UsageError(f"--set {change!r} gives no number; write for example {name}=0") from error
    return replace(DEFAULT_TUNING, **values)  # type: ignore[arg-type]  # each value has its field's own type


def differences(pairs: Sequence[tuple[Question, int, int]]) -> list[Difference]:
    """Return the difference of each set that has questions; `pairs` hold the ranks by the packaged and the other."""
    found: list[Difference] = []
    for name in QuestionSet:
        ranks = [(packaged, other) for question, packaged, other in pairs if question.set is name]
        if not ranks:
            continue
        gained = [reciprocal(packaged) for packaged, _ in ranks]
        lost = [reciprocal(other) for _, other in ranks]
        found.append(
            Difference(
                set=name,
                n=len(ranks),
                moved=sum(packaged != other for packaged, other in ranks),
                packaged=sum(gained) / len(ranks),
                other=sum(lost) / len(ranks),
                gain=difference_interval(lost, gained),
            )
        )
    return found


def render(report: AblationReport) -> str:
    """Return the report as text for a terminal."""
    rows = [
        (
            one.set.value,
            str(one.n),
            str(one.moved),
            f"{one.packaged:.3f}",
            f"{one.other:.3f}",
            f"{one.gain.value:+.4f} ({one.gain.low:+.4f} to {one.gain.high:+.4f})",
        )
        for one in report.sets
    ]
    head = ("set", "n", "moved", "packaged", "other", "gain of the packaged (95 %)")
    return f"MRR@10 over {report.passages:,} passages, other: {', '.join(report.changed)}\n\n{table(head, rows)}"


if __name__ == "__main__":
    main()
