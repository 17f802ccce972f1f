"""What becomes of a verdict when people add, reject, confirm and withdraw."""

from collections.abc import Sequence
from datetime import UTC, datetime

from api.investigation.confidence import Confidence, Costs, Logistic, Measure
from api.investigation.faults import FaultKind
from api.investigation.findings import Finding
from api.investigation.investigations import Investigation
from api.investigation.kinds import KindModel
from api.investigation.observations import SourceClass
from api.investigation.ranking import CauseRanking
from api.investigation.verdicts import Verdict, VerdictState
from api.schemas.investigation_forms import unresolved
from api.steering.acts import Act, ActKind, Deed, standing_acts
from api.steering.steered import Models, steered
from tests.api.investigation.incidents_at_hand import call, finding, incident, steady
from tests.api.investigation.test_conclusion import logs

MODEL = Logistic({}, 4.6, Measure(100, 0.1, 0.2, 0.02, 0.9))
MODELS = Models(
    CauseRanking({"metrics.any": 2.0, "logs.any": 2.0}, "of the tests", presumes=True),
    Confidence(MODEL, MODEL, "of the tests"),
    Costs(),
    KindModel(1.0, {}, {}, 0.0, "of the tests"),
    fitted_here=True,
)
DB, DB_LOGS, CART = finding("db", 20.0), logs("db", 20.0), finding("cart", 15.0)
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def case(*findings: Finding, components: tuple[str, ...] = ()) -> Investigation:
    """Return an investigation on some findings, with the verdict that they have without people."""
    every = findings or (DB, DB_LOGS, CART, steady("search"), steady("ads"))
    calls = (call("shop", "cart"), call("cart", "db"), call("shop", "search"))
    bare = Investigation(
        1, incident(None, components=components), (), (), (), every, (), calls, (), (), (),
        Verdict(VerdictState.INCONCLUSIVE, None),
    )  # fmt: skip
    return steered(bare, acts(Deed(ActKind.THEORY, component="db")), MODELS)


def acts(*deeds: Deed, who: str = "Ana") -> list[Act]:
    return [Act(number, NOON, who, deed) for number, deed in enumerate(deeds, start=1)]


def after(*deeds: Deed, of: Investigation | None = None, models: Models = MODELS) -> Investigation:
    return steered(of or case(), acts(*deeds), models)


def causes(found: Investigation) -> Sequence[str]:
    return [one.component for one in found.hypotheses]


def test_without_acts_all_stays_as_it_was() -> None:
    before = case()

    assert steered(before, [], MODELS) == before
    assert before.verdict.state is VerdictState.CONFIRMED


def test_nothing_rests_on_a_rejected_finding_and_it_stays_to_be_seen() -> None:
    found = after(Deed(ActKind.REJECT_FINDING, "the sensor is broken", finding=DB_LOGS.id))

    assert found.verdict.state is VerdictState.LIKELY
    assert [one.rule for one in found.verdict.objections] == ["two_sources"]
    assert found.rejected == (DB_LOGS.id,)
    assert DB_LOGS in found.findings
    assert DB_LOGS not in found.hypotheses[0].support


def test_a_rejected_finding_that_is_confirmed_later_counts_again_with_the_person_as_a_source() -> None:
    found = after(
        Deed(ActKind.REJECT_FINDING, "the sensor is broken", finding=DB_LOGS.id),
        Deed(ActKind.CONFIRM_FINDING, finding=DB_LOGS.id),
    )

    assert found.rejected == ()
    assert SourceClass.HUMAN in found.hypotheses[0].sources
    assert DB_LOGS in found.hypotheses[0].support


def test_a_fact_about_a_component_is_a_second_source_of_its_own_class() -> None:
    alone = case(DB, steady("search"), steady("ads"))

    found = after(Deed(ActKind.FACT, "its disk is full", component="db", fault=FaultKind.DISK), of=alone)

    assert alone.verdict.state is VerdictState.LIKELY
    assert found.verdict.state is VerdictState.CONFIRMED
    assert found.hypotheses[0].kind is FaultKind.DISK
    said = found.findings[-1]
    assert (said.source, said.claim) == (SourceClass.HUMAN, "Ana: its disk is full")
    assert found.observations[-1].rows.rows == ((1, "2026-11-24T12:00:00+00:00", "Ana", "its disk is full"),)
    assert found.verdict.component_right is None


def test_a_fact_without_a_component_is_kept_and_weighs_nothing() -> None:
    before = case()

    found = after(Deed(ActKind.FACT, "we failed over at noon"), of=before)

    assert found.hypotheses == before.hypotheses
    assert found.findings[-1].claim == "Ana: we failed over at noon"


def test_that_a_component_is_well_speaks_against_it() -> None:
    found = after(Deed(ActKind.FACT, "it answers in 2 ms", component="db", healthy=True))

    assert "human-1" in {one.id for one in found.hypotheses[0].against}


def test_a_rejected_cause_is_ruled_out_and_the_next_one_is_weighed() -> None:
    found = after(Deed(ActKind.REJECT_CAUSE, "I looked", component="db"))

    assert causes(found)[0] == "cart"
    assert (found.ruled_out[0].component, found.ruled_out[0].reason) == ("db", "rejected by Ana: I looked")
    assert found.ruled_out[0].findings == ("human-1",)


def test_where_all_that_is_in_trouble_was_rejected_nothing_can_be_told() -> None:
    found = after(
        Deed(ActKind.REJECT_CAUSE, "I looked", component="db"), Deed(ActKind.REJECT_CAUSE, "well", component="cart")
    )

    assert found.verdict.state is VerdictState.INCONCLUSIVE
    assert found.verdict.objections[0].reason == "nothing else is in trouble than what was rejected: cart, db"


def test_a_person_confirms_and_what_the_auditor_objects_is_told_beside_it() -> None:
    found = after(Deed(ActKind.CONFIRM_CAUSE, component="cart", fault=FaultKind.MEMORY))

    assert (found.verdict.state, found.verdict.decided_by) == (VerdictState.CONFIRMED, "Ana")
    assert causes(found)[0] == "cart"
    assert found.hypotheses[0].kind is FaultKind.MEMORY
    assert {one.rule for one in found.verdict.objections} >= {"sources_agree"}
    assert found.verdict.component_right is None


def test_a_cause_that_no_source_knows_can_be_confirmed() -> None:
    found = after(Deed(ActKind.CONFIRM_CAUSE, "their status page says so", component="stripe"))
    narrowed = after(
        Deed(ActKind.CONFIRM_CAUSE, "their status page says so", component="stripe"), of=case(components=("db", "cart"))
    )

    assert causes(found)[0] == causes(narrowed)[0] == "stripe"
    assert found.verdict.state is VerdictState.CONFIRMED


def test_of_two_decisions_about_one_component_the_later_one_holds() -> None:
    confirm, reject = Deed(ActKind.CONFIRM_CAUSE, component="db"), Deed(ActKind.REJECT_CAUSE, "no", component="db")

    assert causes(after(confirm, reject))[0] == "cart"
    assert causes(after(reject, confirm))[0] == "db"


def test_a_theory_becomes_a_hypothesis_whatever_its_rank() -> None:
    found = after(Deed(ActKind.THEORY, component="ads"))

    assert causes(found)[-1] == "ads"
    assert found.hypotheses[-1].support == ()
    assert causes(found)[0] == "db"


def test_what_was_withdrawn_no_longer_counts() -> None:
    deeds = (Deed(ActKind.REJECT_CAUSE, "I looked", component="db"), Deed(ActKind.WITHDRAW, act=1))

    assert causes(after(*deeds))[0] == "db"
    assert standing_acts(acts(*deeds)) == ()


def test_a_question_changes_nothing() -> None:
    before = case()

    assert after(Deed(ActKind.QUESTION, "when did it begin?"), of=before) == before


def test_everything_that_people_add_resolves() -> None:
    found = after(
        Deed(ActKind.FACT, "its disk is full", component="db"),
        Deed(ActKind.CONFIRM_FINDING, finding=CART.id),
        Deed(ActKind.REJECT_CAUSE, "no", component="ads"),
    )

    assert [one for one in unresolved(found) if "human" in one and "o-" not in one] == []
