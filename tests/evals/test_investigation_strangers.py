"""What is told of systems that no model saw: counted by verdict, healthy windows apart."""

from dataclasses import replace

from api.investigation.reports import Report
from evals.investigation_cases import Case, Truth
from evals.investigation_models import Models
from evals.investigation_strangers import strangers_text, told_to_strangers
from tests.api.investigation.incidents_at_hand import call, finding, incident, steady
from tests.api.investigation.test_conclusion import KINDS, RANKING, logs, sure

FINDINGS = (finding("db", 20.0), logs("db", 20.0), steady("search"), steady("ads"))
REPORT = Report("metrics", FINDINGS, (), (), (call("shop", "db"), call("shop", "search")))
MODELS = Models((RANKING, sure(0.99), KINDS), {})


def case(component: str | None) -> Case:
    truth = Truth(component, "cpu", "shop/db", component is None, None, (), None)
    return Case("shop", f"shop-{component}", incident(), truth, (REPORT,), (), 0.0, (), None)


def test_verdicts_are_counted_with_how_many_were_right_and_healthy_windows_apart() -> None:
    told = told_to_strangers([case("db"), case("ads"), case(None)], MODELS)

    assert [one.faulty for one in told] == [{"likely": (2, 1)}]
    assert [one.healthy for one in told] == [{"likely": 1}]
    assert "shop              likely 1 of 2; healthy: likely 1" in strangers_text(told)


def test_nothing_is_confirmed_and_one_class_of_source_settles_nothing() -> None:
    alone = replace(REPORT, findings=(finding("db", 20.0), steady("search"), steady("ads")))

    told = told_to_strangers([replace(case("db"), reports=(alone,))], MODELS)

    assert told[0].faulty == {"inconclusive": (1, 1)}
