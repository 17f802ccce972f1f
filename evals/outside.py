"""The figures of a run of the suite `outside` a second time, with the documents that were judged right after all.

Its questions name one right document each. A language model, not an engineer, judged the document that each failed
answer of one run put first (suites/outside/read_labels.jsonl: 2 it answers, 1 it is related, 0 it does not): by title
and opening, and by a search in the text where these left it open. Answers that did not fail were not looked at.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
from pydantic import BaseModel, ConfigDict

from evals.bootstrap import Interval, mean_interval, metric_interval
from evals.console import plain_errors, table
from evals.quality.metrics import CONFIDENCE, CONFIRMED
from evals.questions import read_rows
from evals.reliability import auroc, expected_calibration_error
from ingest.errors import UsageError

LABELS = Path(__file__).parent / "suites" / "outside" / "read_labels.jsonl"

_RIGHT = 2
_CITED = "right document cited"
_LEFT_OUT = "withheld where left out"
_SHARES = (_CITED, "answered where found", _LEFT_OUT, "withheld where unknown")
_POOLED: tuple[tuple[str, Callable[..., float]], ...] = (
    ("AUROC of confidence", auroc),
    ("expected calibration error", expected_calibration_error),
)


class ReadLabel(BaseModel):
    """What a reader found of the document that the answer to one case puts first."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    doc_path: str
    label: int
    why: str


class KeptValues(BaseModel):
    """The part of a kept case that counts here."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    suite: str
    id: str
    values: dict[str, float]


@dataclass(frozen=True, slots=True)
class Figure:
    """One score by the questions' own labels, and by those that were read as well; None where nothing counts."""

    name: str
    n: int
    named: Interval | None
    read: Interval | None


def figures(cases: Sequence[KeptValues], right: frozenset[str]) -> list[Figure]:
    """Return every score of both labellings; `right` are the cases whose first document answers after all."""
    relabelled = [relabel(case.values) if case.id in right else case.values for case in cases]
    named = [case.values for case in cases]
    return [_figure(name, named, relabelled, _share(name)) for name in _SHARES] + [
        _figure(name, named, relabelled, _pooled(metric)) for name, metric in _POOLED
    ]


def relabel(values: Mapping[str, float]) -> dict[str, float]:
    """Return the values of a case whose first document answers: nothing has to be withheld then."""
    kept = {name: value for name, value in values.items() if name != _LEFT_OUT}
    return kept | {name: 1.0 for name in (_CITED, CONFIRMED) if name in kept}


def right_cases(labels: Sequence[ReadLabel], first: Mapping[str, str]) -> frozenset[str]:
    """Return the cases whose first document, by case in `first`, is the one that was read and found right."""
    return frozenset(one.id for one in labels if one.label == _RIGHT and first.get(one.id) == one.doc_path)


@click.command(help=__doc__)
@click.argument("run", type=click.Path(path_type=Path, file_okay=False))
def main(run: Path) -> None:
    """Show the figures of the run kept in folder RUN."""
    with plain_errors():
        cases = [one for one in read_rows(run / "cases.jsonl", KeptValues) if one.suite == "outside"]
        if not cases:
            raise UsageError(f"{str(run)!r} has no case of the suite 'outside'; run: groundwatch evals run outside")
        labels = read_rows(LABELS, ReadLabel)
        right = right_cases(labels, _first_documents(run / "report.json"))
        click.echo(f"{len(labels)} read, {sum(one.label == _RIGHT for one in labels)} right; {len(right)} of this run")
        rows = [(one.name, f"{one.n}", _shown(one.named), _shown(one.read)) for one in figures(cases, right)]
        click.echo(table(("score", "n", "by the questions' documents", "by those and the read ones"), rows))


def _first_documents(report: Path) -> dict[str, str]:
    try:
        suites = json.loads(report.read_text(encoding="utf-8"))["suites"]
        failed = [case for suite in suites if suite["name"] == "outside" for case in suite["failed"]]
        return {case["id"]: case["found"][0] for case in failed if case["found"]}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(f"cannot read {str(report)!r}: {error}; give the folder of a kept run") from error


def _figure(
    name: str,
    named: Sequence[Mapping[str, float]],
    read: Sequence[Mapping[str, float]],
    score: Callable[[Sequence[Mapping[str, float]]], Interval | None],
) -> Figure:
    wanted = name if name in _SHARES else CONFIRMED
    return Figure(name, sum(wanted in values for values in named), score(named), score(read))


def _share(name: str) -> Callable[[Sequence[Mapping[str, float]]], Interval | None]:
    def score(cases: Sequence[Mapping[str, float]]) -> Interval | None:
        values = [one[name] for one in cases if name in one]
        return mean_interval(values) if values else None

    return score


def _pooled(metric: Callable[..., float]) -> Callable[[Sequence[Mapping[str, float]]], Interval | None]:
    def score(cases: Sequence[Mapping[str, float]]) -> Interval | None:
        shown = [one for one in cases if CONFIDENCE in one and CONFIRMED in one]
        outcomes = [one[CONFIRMED] for one in shown]
        if len(set(outcomes)) < 2:
            return None
        return metric_interval(metric, [one[CONFIDENCE] for one in shown], outcomes)

    return score


def _shown(found: Interval | None) -> str:
    return "–" if found is None else f"{found.value:.3f} [{found.low:.3f}, {found.high:.3f}]"


if __name__ == "__main__":
    main()
