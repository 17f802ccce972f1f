"""The report as Markdown leads with what is wrong, and quotes hostile text as text."""

from api.schemas.comparisons import Change, Comparison, SuiteComparison
from api.schemas.evaluations import Case, Curve, CurvePoint, SuiteReport
from api.schemas.score_words import missed_bars, reaches
from evals.quality.plots import plot_names, plots_of
from evals.quality.summary import markdown
from tests.evals.quality.material import report, score

CURVE = Curve(name="Recall by rank: a/b", x_label="Rank", y_label="Found", points=[CurvePoint(x=1, y=0.5, n=4)])


def suite_of(**facts: object) -> SuiteReport:
    return SuiteReport.model_validate({"name": "mine", "title": "Mine", "n": 10, "seconds": 1.0, "scores": [], **facts})


def test_bars_that_are_missed_stand_before_the_suites() -> None:
    suite = suite_of(scores=[score(value=0.7, bar=0.9, low=0.6, high=0.8)])
    text = markdown(report("20260101T000000Z-aaaa", suite), Comparison(id="x", suites=[]))

    assert text.index("Bars not reached") < text.index("## Mine")
    assert "| places resolve |  | 10 | 70.0% | 60.0% to 80.0% | 90.0% | **not reached** |" in text
    assert missed_bars(report("x", suite)) == ["mine: places resolve is 70.0%, bar 90.0%"]


def test_a_score_without_a_value_neither_reaches_nor_misses() -> None:
    assert reaches(score(value=None, bar=0.9)) is None
    assert reaches(score(value=0.5)) is None
    assert reaches(score(value=0.04, bar=0.05, better="lower")) is True


def test_a_regression_stands_first_of_all() -> None:
    worse = Change(
        name="MRR@10", group="", before=0.9, after=0.8, difference=-0.1, low=-0.15, high=-0.05, n=50, verdict="worse"
    )
    beside = SuiteComparison(
        suite="mine",
        against="20251231T000000Z-aaaa",
        against_started_at=report().started_at,
        cases=50,
        changes=[worse],
        newly_failed=["a"],
        mended=[],
        note="2 cases are new and 0 gone",
    )
    text = markdown(report("x", suite_of()), Comparison(id="x", suites=[beside]))

    assert text.index("Worse than before") < text.index("## Mine")
    assert "- 1 newly failed: a" in text


def test_what_did_not_run_says_why() -> None:
    assert "Not run: no corpus is given" in markdown(
        report("x", suite_of(skipped="no corpus is given")), Comparison(id="x", suites=[])
    )


def test_hostile_text_of_a_question_stays_in_its_cell() -> None:
    hostile = Case(
        id="1",
        group="",
        question="a | b\n# big <script>alert(1)</script> [x](http://e)",
        expected=[],
        found=[],
        outcome="",
        reason="r" * 900,
    )
    text = markdown(report("x", suite_of(failed=[hostile], failures=40)), Comparison(id="x", suites=[]))
    (row,) = [line for line in text.splitlines() if "big" in line]

    assert row.startswith(r"| 1 | a \| b \# big \<script\>")
    assert r"\[x\]" in row
    assert len(row) < 400
    assert "15 more are in report.json" in text


def test_every_curve_is_drawn_and_linked() -> None:
    suite = suite_of(curves=[CURVE, CURVE.model_copy(update={"points": []})])
    run = report("x", suite)
    (plot,) = plot_names(suite)
    drawn = plots_of(run)

    assert plot.file == "mine-recall-by-rank-a-b-1.svg"
    assert f"](plots/{plot.file})" in markdown(run, Comparison(id="x", suites=[]))
    assert drawn[plot.file].startswith("<svg")
    assert "Recall by rank: a/b" in drawn[plot.file]
