"""The gate for proposals: whatever a model says, no cause is held for more certain than the code holds it."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.agent.case import Case
from api.agent.notes import AcceptedProposal, ProposedCause, RejectedProposal
from api.agent.proposals import weigh
from api.investigation.faults import FaultKind
from api.investigation.ranking import default_ranking
from api.investigation.reports import Brief, Budget
from api.investigation.verdicts import Verdict, VerdictState
from tests.api.agent.shop import CALM, CPU, EDGE, FRONT, INCIDENT, SPANS, Shop, investigated

IDS = ("metrics-1", "metrics-2", "traces-1", "traces-2", CPU.id, CALM.id, SPANS.id, FRONT.id, EDGE.id, "metrics-9", "")
ORDER = (VerdictState.CONFIRMED, VerdictState.LIKELY, VerdictState.INCONCLUSIVE)
SHOWN = frozenset(IDS)


def case(verdict: Verdict | None = None) -> Case:
    """Return the case of the shop, with another verdict where one is given."""
    found = investigated()
    found = replace(found, verdict=verdict) if verdict else found
    return Case(found, Brief(INCIDENT, Shop(), Budget(10, 1_000)), default_ranking())


def proposed(
    component: str = "cart",
    kind: FaultKind = FaultKind.CPU,
    cited: tuple[str, ...] = ("metrics-1", "traces-1"),
    mechanism: str = "CPU of cart rose from 12 % to 97 %.",
) -> ProposedCause:
    return ProposedCause(component, kind, cited, mechanism)


@pytest.mark.parametrize("state", ORDER)
@given(
    component=st.sampled_from(["cart", "front", "mail", "ghost", ""]),
    kind=st.sampled_from(FaultKind),
    cited=st.lists(st.sampled_from(IDS), max_size=6, unique=True),
    mechanism=st.text(max_size=80),
)
@settings(max_examples=30, deadline=None)
def test_no_proposal_is_held_for_more_certain_than_the_inquiry_holds_it(
    state: VerdictState, component: str, kind: FaultKind, cited: list[str], mechanism: str
) -> None:
    one = case(replace(investigated().verdict, state=state))

    outcome = weigh(one, ProposedCause(component, kind, tuple(cited), mechanism), SHOWN)

    if isinstance(outcome, RejectedProposal):
        assert outcome.reason
    else:
        own = component == "cart"
        assert ORDER.index(outcome.state) >= ORDER.index(state if own else VerdictState.INCONCLUSIVE)
        assert all(name in one.findings or name in one.observations for name in outcome.cited)
        assert any(
            finding.component == component or finding.peer == component for finding in outcome.hypothesis.support
        )


def test_the_inquirys_own_cause_on_all_its_evidence_is_as_certain_as_the_inquiry() -> None:
    outcome = weigh(case(), proposed(), SHOWN)

    assert isinstance(outcome, AcceptedProposal)
    assert outcome.state is VerdictState.CONFIRMED
    assert outcome.hypothesis.share == investigated().hypotheses[0].share


def test_an_observation_supports_by_the_findings_that_rest_on_it() -> None:
    outcome = weigh(case(), proposed(cited=(CPU.id, SPANS.id)), SHOWN)

    assert isinstance(outcome, AcceptedProposal)
    assert [one.id for one in outcome.hypothesis.support] == ["metrics-1", "traces-1"]


def test_calls_to_a_component_may_be_cited() -> None:
    outcome = weigh(case(), proposed(cited=("metrics-1", EDGE.id)), SHOWN)

    assert isinstance(outcome, AcceptedProposal)


def test_what_was_never_shown_is_not_cited() -> None:
    outcome = weigh(case(), proposed(), frozenset({"metrics-1"}))

    assert isinstance(outcome, RejectedProposal)
    assert outcome.reason == "'traces-1' was not looked at"


def test_where_the_inquiry_names_no_cause_the_agent_names_none_for_certain() -> None:
    outcome = weigh(case(Verdict(VerdictState.INCONCLUSIVE, None)), proposed(), SHOWN)

    assert isinstance(outcome, AcceptedProposal)
    assert outcome.state is VerdictState.INCONCLUSIVE


def test_the_words_of_a_refusal_can_be_shown() -> None:
    outcome = weigh(case(), proposed(component="[x](http://evil.example)\u202e" + "y" * 5_000), SHOWN)

    assert isinstance(outcome, RejectedProposal)
    assert "http://" not in outcome.component + outcome.reason
    assert len(outcome.component) <= 120
