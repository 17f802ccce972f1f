"""The evidence board, the hypotheses side by side, and the work of specialists, on the page of an investigation."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from api.errors import NotFound
from api.schemas.investigation_runs import RunState
from api.schemas.investigations import ObservationDetail
from tests.ui.canned_investigations import FakeInvestigations, result, summary, verdict
from tests.ui.reading import markup_of, text_of

Opener = Callable[..., AppTest]


def script() -> None:
    """Run the Investigations page by itself."""
    from ui.screens import investigations

    investigations.show()


class Forgetful(FakeInvestigations):
    """Has lost the rows of every observation."""

    def observation(self, investigation_id: str, observation_id: str) -> ObservationDetail:
        raise NotFound(f"the rows of {observation_id!r} were deleted")


def opened(fake: FakeInvestigations, **address: str) -> AppTest:
    page = AppTest.from_function(script, default_timeout=20)
    page.session_state["assistant"] = fake
    for name, value in address.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception, page.exception
    return page


@pytest.fixture(scope="module")
def page() -> AppTest:
    """Return the page of a finished investigation; tests only read it."""
    fake = FakeInvestigations()
    fake.add(summary(), result())
    return opened(fake, id="run-1")


def test_the_board_names_its_time_its_queries_and_its_colours(page: AppTest) -> None:
    text, markup = text_of(page), markup_of(page)

    for words in ("Timeline", "Evidence board", "Who calls whom", "Query: p90", "cart p90"):
        assert words in text
    assert markup.count("gw-dot") >= 2
    assert "<img" not in markup
    assert len(page.get("graphviz_chart")) == 1


def test_each_hypothesis_says_what_speaks_for_it_and_why_it_is_not_the_first(page: AppTest) -> None:
    text = text_of(page)

    for words in (
        "1. cart",
        "share over 99% Of the verdict",
        "Speaks for it (2)",
        "Speaks against it (1)",
        "Leaves unexplained (1)",
        "Why it is not the first It explains 0 of 2 findings that speak for the first.",
    ):
        assert words in text


def test_a_hypothesis_that_was_ruled_out_tells_by_what() -> None:
    fake = FakeInvestigations()
    said = [{"component": "mail", "kind": "crash", "reason": "it never restarted", "findings": ["metrics-4"]}]
    fake.add(summary(), result(ruled_out=said))

    assert "What ruled it out it never restarted." in text_of(opened(fake, id="run-1"))


def test_rows_that_are_lost_are_named_where_they_would_stand_and_the_rest_is_there() -> None:
    fake = Forgetful()
    fake.add(summary(), result())

    text = text_of(opened(fake, id="run-1"))

    assert "These rows cannot be shown: The rows of 'o-points' were deleted." in text
    assert "The likely cause is cart" in text
    assert "Hypotheses" in text


def test_nothing_over_time_is_said() -> None:
    fake = FakeInvestigations()
    bare = verdict(state="inconclusive", cause=None, objections=[], deciding=None, component_right=None)
    fake.add(summary(), result(verdict=bare, findings=[], observations=[], calls=[], hypotheses=[]))

    text = text_of(opened(fake, id="run-1"))

    assert "No series and no onset was kept" in text
    assert "Nothing that was seen suggests a cause." in text


def test_while_it_runs_each_specialist_has_a_card_with_where_it_looks_and_what_it_told() -> None:
    fake = FakeInvestigations()
    fake.add(summary(RunState.RUNNING))

    text = text_of(opened(fake, id="run-1"))

    assert "metrics Looks at 30 minutes Reported: 1 finding p90 of cart rose from 12 ms to 48 ms" in text
    assert "logs Asks nothing of its own Reported: 1 observation" in text
