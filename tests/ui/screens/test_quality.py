"""The Quality page: a run's verdict, its scores over time, its failed cases, and one of them."""

from datetime import UTC, datetime, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from api.errors import NotFound, ServiceUnreachable
from api.evaluations import summary_of
from api.schemas.comparisons import Change, Comparison, SuiteComparison
from api.schemas.evaluations import Case, Curve, CurvePoint, EvaluationPage, EvaluationReport, Score, SuiteReport
from tests.ui.reading import markup_of, text_of

HOSTILE = "<script>alert(1)</script> why did checkout | fail?"


def case(number: int, group: str = "alerts", question: str = "") -> Case:
    return Case(
        id=f"q{number}",
        group=group,
        question=question or f"What do I do in case {number}?",
        expected=["runbooks/cart.md"],
        found=["runbooks/queue.md", "docs/runbooks/cart.md"],
        outcome="answered_with_caveat",
        reason="cites no right document",
    )


def report(night: int, value: float = 0.8, **facts: object) -> EvaluationReport:
    score = Score(
        name="withheld where left out",
        value=value,
        n=40,
        low=value - 0.1,
        high=min(1.0, value + 0.1),
        bar=0.85,
        unit="share",
        reason="a wrong runbook costs more than none",
    )
    plain = Score(name="recall@5", value=0.7, n=20, group="alerts", unit="share")
    diagonal = [CurvePoint(x=0, y=0), CurvePoint(x=1, y=1)]
    curve = Curve(name="Reliability", x_label="Shown", y_label="Right", points=diagonal, ideal=diagonal)
    failed = [case(n, "alerts" if n % 2 else "owners") for n in range(30)] + [case(99, question=HOSTILE)]
    suite = SuiteReport(
        name="answers",
        title="Answers",
        n=40,
        seconds=61.0,
        scores=[score, plain],
        curves=[curve],
        failed=failed,
        failures=len(failed),
    )
    skipped = SuiteReport(name="ragas", title="By ragas", n=0, seconds=0, scores=[], skipped="ragas is not installed")
    return EvaluationReport(
        id=f"2026010{night}T020000Z-abcd",
        started_at=datetime(2026, 1, 1, 2, tzinfo=UTC) + timedelta(days=night - 1),
        seconds=95.0,
        trigger="schedule",
        revision="abc1234",
        embedding_model="words@1",
        generation=7,
        documents=120,
        passages=3400,
        suites=[suite, skipped],
    ).model_copy(update=facts)


class FakeEvaluations:
    """Runs that are kept in memory; `broken` are those that cannot be read."""

    def __init__(self, *reports: EvaluationReport, broken: tuple[str, ...] = (), down: bool = False) -> None:
        self.reports, self.broken, self.down = reports, broken, down
        self.comparisons: dict[str, Comparison] = {}

    def evaluations(self, *, offset: int, limit: int) -> EvaluationPage:
        if self.down:
            raise ServiceUnreachable("no API answers at 'http://127.0.0.1:8080'; start it with groundwatch serve")
        runs = [summary_of(one) for one in reversed(self.reports)][offset : offset + limit]
        return EvaluationPage(runs=runs, total=len(self.reports), unreadable=list(self.broken))

    def evaluation(self, run_id: str) -> EvaluationReport:
        found = next((one for one in self.reports if one.id == run_id), None)
        if found is None:
            raise NotFound(f"no evaluation is called {run_id!r}; list them with GET /v1/evaluations")
        return found

    def evaluation_comparison(self, run_id: str) -> Comparison:
        return self.comparisons.get(run_id, Comparison(id=run_id, suites=[]))


def quality_script() -> None:
    """Run the Quality page by itself."""
    from ui.screens import quality

    quality.show()


def opened(fake: FakeEvaluations, **address: str) -> AppTest:
    page = AppTest.from_function(quality_script, default_timeout=30)
    page.session_state["assistant"] = fake
    for name, value in address.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception, page.exception
    return page


def two_nights(verdict: str = "worse") -> FakeEvaluations:
    fake = FakeEvaluations(report(1, 0.9), report(2, 0.8))
    change = Change.model_validate(
        {
            "name": "withheld where left out",
            "group": "",
            "before": 0.9,
            "after": 0.8,
            "difference": -0.1,
            "low": -0.15,
            "high": -0.05,
            "n": 40,
            "verdict": verdict,
        }
    )
    beside = SuiteComparison(
        suite="answers",
        against=report(1).id,
        against_started_at=report(1).started_at,
        cases=40,
        changes=[change],
        newly_failed=["q1"],
        mended=["q77"],
        note="2 cases are new and 0 gone",
    )
    fake.comparisons[report(2).id] = Comparison(id=report(2).id, suites=[beside])
    return fake


def test_before_the_first_run_the_command_is_shown() -> None:
    page = opened(FakeEvaluations())

    assert "No evaluation yet" in text_of(page)
    assert [block.value for block in page.code] == ["groundwatch evals run"]


def test_the_api_being_down_says_what_to_start() -> None:
    page = opened(FakeEvaluations(down=True))

    assert "The API does not answer" in text_of(page)
    assert [block.value for block in page.code] == ["groundwatch serve"]


def test_a_run_leads_with_its_bars_and_what_it_measured() -> None:
    text = text_of(opened(FakeEvaluations(report(1))))

    assert "0 of 1 bars reached" in text
    assert "120 documents, 3,400 passages" in text
    assert "started on schedule" in text
    assert "By ragas : Ragas is not installed" in text


def test_a_first_run_says_that_it_is_alone() -> None:
    page = opened(FakeEvaluations(report(1)))

    assert "One run so far; the second is compared with it." in text_of(page)
    assert not [box for box in page.selectbox if box.label == "Run"]


def test_a_score_shows_value_interval_bar_and_reason() -> None:
    text = text_of(opened(FakeEvaluations(report(1))))

    assert "80.0% 70.0% to 90.0% at least 85.0% Not reached" in text
    assert "A wrong runbook costs more than none" in text
    assert "Scores of each group" in text


def test_what_got_worse_stands_in_the_verdict_and_in_its_row() -> None:
    text = text_of(opened(two_nights()))

    assert "1 scores worse" in text
    assert "Answers, withheld where left out: 0.900 to 0.800, over 40 cases" in text
    assert "Worse: -10.0 points" in text
    assert "1 cases newly failed, 1 mended" in text
    assert "2 cases are new and 0 gone" in text


def test_what_moved_within_noise_is_no_change_for_the_worse() -> None:
    text = text_of(opened(two_nights("equal")))

    assert "within noise (-10.0 points)" in text
    assert "scores worse" not in text


def test_an_earlier_run_is_shown_by_its_address_and_can_be_chosen() -> None:
    fake = two_nights()
    page = opened(fake, run=report(1).id)
    (box,) = (box for box in page.selectbox if box.label == "Run")

    assert box.value == report(1).id
    box.select(report(2).id).run()
    assert "run" not in page.query_params  # the newest one needs no name
    assert "1 scores worse" in text_of(page)


def test_a_run_that_is_gone_says_so() -> None:
    assert "No evaluation is called '20200101T000000Z-abcd'" in text_of(
        opened(two_nights(), run="20200101T000000Z-abcd")
    )


def test_runs_that_cannot_be_read_are_named_beside_the_others() -> None:
    text = text_of(opened(FakeEvaluations(report(1), broken=("evaluation 'x': report.json is no report",))))

    assert "Some runs cannot be read" in text
    assert "0 of 1 bars reached" in text


def test_only_unreadable_runs_are_told_before_the_command() -> None:
    text = text_of(opened(FakeEvaluations(broken=tuple(f"evaluation {n}" for n in range(9)))))

    assert "and 4 more" in text
    assert "No evaluation yet" in text


def test_failed_cases_are_paged_and_new_ones_marked() -> None:
    page = opened(two_nights())
    text = text_of(page)

    assert "Failed cases 31" in text
    assert "1 to 25 of 31" in text
    assert text.count("New") == 1
    assert "26 to 31 of 31" in text_of(opened(two_nights(), page="2"))


def test_filters_of_failed_cases_live_in_the_address() -> None:
    page = opened(two_nights(), group="owners", text="case 4")

    assert "1 to 1 of 1" in text_of(page)
    (box,) = (box for box in page.selectbox if box.label == "Group")
    box.set_value("alerts").run()
    assert page.query_params["group"] == "alerts"
    assert "No failed case matches" in text_of(page)
    page.text_input[0].input("").run()
    assert "text" not in page.query_params
    assert "1 to 16 of 16" in text_of(page)


def test_a_failed_case_opens_with_what_was_expected_and_found() -> None:
    page = opened(two_nights(), suite="answers", case="q3")
    text, markup = text_of(page), markup_of(page)

    assert "What do I do in case 3?" in text
    assert "Answered with caveat" in text
    assert "Cites no right document." in text
    assert "runbooks/queue.md docs/runbooks/cart.md" in " ".join(text.replace("Expected", "").split())
    assert 'href="ask?q=What+do+I+do+in+case+3%3F"' in markup
    assert 'href="quality?suite=answers"' in markup


def test_the_right_document_is_marked_among_those_found_by_any_of_its_names() -> None:
    markup = markup_of(opened(two_nights(), case="q3"))

    assert 'docs/runbooks/cart.md</code> <span class="gw-pill gw-pill-good">' in markup
    assert "runbooks/queue.md</code></li>" in markup


def test_a_case_that_did_not_fail_in_this_run_says_so() -> None:
    assert "has no failed case 'q1000' in this run" in text_of(opened(two_nights(), case="q1000"))


@pytest.mark.parametrize("address", [{"text": "checkout"}, {"case": "q99"}])
def test_text_of_a_question_is_never_markup(address: dict[str, str]) -> None:
    markup = markup_of(opened(two_nights(), **address))

    assert "<script>alert" not in markup
    assert "&lt;script&gt;alert(1)" in markup


def test_plots_offer_their_rows() -> None:
    page = opened(two_nights())

    assert {button.proto.label for button in page.get("download_button")} == {"Rows as CSV", "Points as CSV"}
    assert len(page.get("vega_lite_chart")) == 2


def test_a_suite_that_was_skipped_shows_its_reason_and_no_table() -> None:
    text = text_of(opened(two_nights(), suite="ragas"))

    assert "Ragas is not installed" in text
    assert "Failed cases" not in text
