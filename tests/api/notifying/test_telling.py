"""What events say: no cause where none is settled, no number, and the words of others on one line."""

from dataclasses import replace
from datetime import timedelta

import pytest

from api.incidents.alerts import Severity
from api.incidents.incidents import Incident, IncidentState
from api.investigation.verdicts import VerdictState
from api.notifying.telling import About, ended, opened, resolved
from api.schemas.investigation_forms import to_result
from api.schemas.investigation_runs import RunState
from api.storage.happenings import ChangedIncident, EndedInvestigation
from tests.api.alerting import MOMENT
from tests.api.investigated import investigation

FOUND = EndedInvestigation("i1", "Checkout\n# is <!here> slow\u202e", RunState.DONE, MOMENT, "")
INCIDENT = Incident("inc-1", "Slow", "checkout", Severity.ERROR, MOMENT, MOMENT, MOMENT, names=("Slow",), alerts=1)


@pytest.mark.parametrize("state", VerdictState)
def test_a_component_is_named_as_the_cause_only_where_that_is_settled(state: VerdictState) -> None:
    result = to_result(investigation())
    settled = result.model_copy(update={"verdict": result.verdict.model_copy(update={"state": state})})

    event = ended(FOUND, settled, About())

    assert bool(event.component) is (state in (VerdictState.CONFIRMED, VerdictState.LIKELY))
    titles = {part.title for part in event.parts}
    assert ("Cause" in titles) is (state is VerdictState.CONFIRMED)


def test_a_cause_that_a_person_confirmed_says_so() -> None:
    result = to_result(investigation())
    verdict = result.verdict.model_copy(update={"state": VerdictState.CONFIRMED, "decided_by": "Ada"})

    event = ended(FOUND, result.model_copy(update={"verdict": verdict}), About())

    assert event.headline == "Investigation: cause confirmed by a person"


def test_an_investigation_without_a_result_says_why() -> None:
    event = ended(replace(FOUND, state=RunState.INTERRUPTED, error="its process ended"), None, About())

    assert (event.headline, event.parts[0].lines) == (
        "Investigation interrupted: there is no verdict",
        ("its process ended",),
    )


def test_words_of_others_are_on_one_line_without_signs_that_are_not_seen() -> None:
    event = ended(FOUND, to_result(investigation()), About())

    assert event.title == "Checkout # is <!here> slow"


def test_a_link_is_there_only_where_the_address_of_the_app_is_set() -> None:
    changed = ChangedIncident(INCIDENT, 1, MOMENT, "")

    assert opened(changed, About(INCIDENT)).link == ""
    assert opened(changed, About(INCIDENT, public_url="https://x/")).link == "https://x/incidents?id=inc-1"


def test_an_end_tells_who_and_after_how_long_and_there_is_none_while_it_goes_on() -> None:
    done = replace(
        INCIDENT, state=IncidentState.RESOLVED, resolved_at=MOMENT + timedelta(minutes=90), resolved_by="Ada"
    )

    event = resolved(ChangedIncident(done, 1, MOMENT, ""), About(done))

    assert event is not None
    assert event.parts[0].lines == ("by Ada", "90 min after it opened")
    assert resolved(ChangedIncident(INCIDENT, 1, MOMENT, ""), About(INCIDENT)) is None
