"""The measures of investigations as text for a terminal, and as a folder with Markdown, JSON and drawings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from api.schemas.evaluations import Curve, CurvePoint
from evals.bootstrap import Interval
from evals.console import table, write_json
from evals.investigation_ablations import Ablated
from evals.investigation_grades import RISK, Answer, Cost, Group, Report, columns
from evals.quality.plots import svg_of
from evals.reliability import RiskAtCoverage, reliability_table, risk_coverage
from ingest.errors import UsageError

_MOST_POINTS = 100
_GROUPS = (
    "n", "AC@1 (95 %)", "AC@3", "AC@5", "Avg@5", "MRR", "+kind", "Brier", "ECE", "AUROC", f"cov@{RISK:.0%}",
    "confirmed", "wrong", "none",
)  # fmt: skip
_COSTS = ("set", "n", "s median", "s p95", "MB median", "MB most")
_ABLATIONS = (
    "hidden",
    "n",
    "gap named",
    "AC@1",
    "without",
    "confirmed",
    "without",
    "change (95 %)",
    "wrong",
    "without",
)


@dataclass(frozen=True, slots=True)
class Measures:
    """What one run of the command measured; no ablations where none were asked for."""

    report: Report
    ablations: tuple[Ablated, ...] = ()


def text(measures: Measures) -> str:
    """Return the tables for a terminal."""
    pieces: list[str] = []
    for header, rows in _tables(measures).values():
        pieces += [table(header, rows), ""]
    return "\n".join([*pieces, *_sentences(measures.report)])


def markdown(measures: Measures, drawings: Sequence[str] = ()) -> str:
    """Return the same as Markdown; `drawings` are names of files beside it."""
    lines = ["# Investigations of recorded incidents", "", *(f"- {one}" for one in _sentences(measures.report)), ""]
    for title, (header, rows) in _tables(measures).items():
        lines += [f"## {title}", "", *_rows(header, rows), ""]
    named = [one for one in measures.ablations if one.wrong_names or one.not_named]
    for one in named:
        lines += [f"{one.name}: confirmed and wrong in {', '.join(one.wrong_names) or 'none'}; no gap named in "
                  f"{', '.join(one.not_named) or 'none'}.", ""]  # fmt: skip
    lines += [f"![{name}]({name})" for name in drawings]
    lines += [
        "",
        "Each case is answered by models that never saw its (service, kind) pair; intervals are 95 % by bootstrap over "
        "cases. AC@k: the right component is among the first k. +kind: the first is right and so is its kind. wrong: "
        "confirmed, and another component than the one at fault. none: nothing wrong, or inconclusive. MB: growth of "
        "the process while specialists look.",
    ]
    return "\n".join(lines) + "\n"


def write(measures: Measures, folder: Path) -> None:
    """Write report.md, report.json and the drawings into a folder. Raises UsageError where it can't be written."""
    drawn: Mapping[str, str | None] = {
        f"{curve.name.lower().replace(' ', '-')}.svg": svg_of(curve) for curve in curves(measures.report.answers)
    }
    pictures = {name: svg for name, svg in drawn.items() if svg is not None}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, svg in pictures.items():
            (folder / name).write_text(svg, encoding="utf-8")
        (folder / "report.md").write_text(markdown(measures, tuple(pictures)), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot write to {str(folder)!r}: {error.strerror}; give another folder") from error
    write_json(folder / "report.json", measures)


def curves(found: Sequence[Answer]) -> list[Curve]:
    """Return the reliability diagram and the risk over coverage of the graded answers; none without any."""
    graded = [one for one in found if one.graded]
    if not graded:
        return []
    p, y = columns(graded)
    best = sorted(y, reverse=True)
    return [
        Curve(
            name="Reliability",
            x_label="Told probability that the component is right",
            y_label="Share that was right",
            points=[CurvePoint(x=one.predicted, y=one.observed.value, n=one.n) for one in reliability_table(p, y)],
            ideal=[CurvePoint(x=0, y=0), CurvePoint(x=1, y=1)],
        ),
        Curve(
            name="Risk and coverage",
            x_label="Share of incidents answered, surest first",
            y_label="Share of wrong components",
            points=_points(risk_coverage(p, y), len(y)),
            ideal=_points(risk_coverage(range(len(y), 0, -1), best), len(y)),
        ),
    ]


def _tables(measures: Measures) -> dict[str, tuple[Sequence[str], list[Sequence[str]]]]:
    report = measures.report
    found: dict[str, tuple[Sequence[str], list[Sequence[str]]]] = {
        "By set": (("set", *_GROUPS), [_group(one) for one in (*report.sets, report.pooled)]),
        "By sources that a case has": (("sources", *_GROUPS), [_group(one) for one in report.mixes]),
        "Cost": (_COSTS, [_cost(one) for one in report.costs]),
    }
    if measures.ablations:
        found["With a part hidden"] = (_ABLATIONS, [_ablated(one) for one in measures.ablations])
    return found


def _sentences(report: Report) -> list[str]:
    pooled = report.pooled
    return [
        f"pooled over {pooled.n}: Brier {_with(pooled.brier)} (constant {report.constant_brier:.3f}), "
        f"ECE {_with(pooled.ece)}, AUROC {_with(pooled.auroc)}, coverage at {RISK:.0%} risk {_with(pooled.coverage)}",
        f"confirmed but wrong: {report.confirmed_wrong_count}, {_with(report.confirmed_wrong)} of all",
        f"healthy: {report.healthy_withheld} of {report.healthy} withheld, {report.healthy_confirmed} confirmed; "
        f"without baseline: {report.no_baseline_withheld} of {report.no_baseline} withheld or p <= .5",
        f"a gap is named in {report.gaps_named} of {len(report.answers)} cases",
    ]


def _group(one: Group) -> Sequence[str]:
    told = (
        one.ac3, one.ac5, one.avg5, one.mrr, one.kind_too, one.brier, one.ece, one.auroc, one.coverage, one.confirmed,
        one.confirmed_wrong, one.withheld,
    )  # fmt: skip
    first = f"{one.ac1.value:.2f} ({one.ac1.low:.2f}-{one.ac1.high:.2f})"
    return (one.name, str(one.n), first, *("-" if value is None else f"{value.value:.3g}" for value in told))


def _cost(one: Cost) -> Sequence[str]:
    memory = (one.megabytes_median, one.megabytes_most)
    told = ("-" if value is None else f"{value:.0f}" for value in memory)
    return (one.set, str(one.n), f"{one.seconds_median:.2f}", f"{one.seconds_p95:.2f}", *told)


def _ablated(one: Ablated) -> Sequence[str]:
    rights = ("-" if value is None else f"{value.value:.2f}" for value in (one.ac1_before, one.ac1))
    change = f"{one.fell.value:+.3f} ({one.fell.low:+.3f} to {one.fell.high:+.3f})"
    return (
        one.name, str(one.n), f"{one.gaps_named} of {one.n}", *rights, str(one.confirmed_before), str(one.confirmed),
        change, str(one.wrong_before), str(one.wrong),
    )  # fmt: skip


def _with(value: Interval | None) -> str:
    return "not told" if value is None else f"{value.value:.3f} ({value.low:.3f}-{value.high:.3f})"


def _rows(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    lines = [header, ["---"] * len(header), *rows]
    return [f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines]


def _points(curve: Sequence[RiskAtCoverage], n: int) -> list[CurvePoint]:
    step = max(1, -(-len(curve) // _MOST_POINTS))
    kept = [*curve[:-1:step], curve[-1]]
    return [CurvePoint(x=one.coverage, y=one.risk, n=round(one.coverage * n)) for one in kept]
