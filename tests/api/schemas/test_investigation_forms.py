"""Investigations on the wire and back: nothing lost, the same bytes each time, and what doesn't resolve is named."""

import json
import math
from dataclasses import fields, replace

import pytest
from pydantic import TypeAdapter

from api.investigation import (
    findings,
    hypotheses,
    incidents,
    investigations,
    observations,
    reports,
    telemetry,
    verdicts,
)
from api.investigation.observations import Rows, SourceClass, observe
from api.schemas import investigations as wire
from api.schemas.investigation_forms import distinct, to_detail, to_investigation, to_result, unresolved
from api.schemas.investigations import InvestigationResult, ObservationDetail, rounded
from api.schemas.places import Wire
from ingest.errors import StorageFailed
from tests.api.investigated import CAUSE, CPU, RISE, finding, investigation


def test_an_investigation_comes_back_from_its_json_with_numbers_of_six_digits() -> None:
    given = investigation()
    text = to_result(given).model_dump_json()
    details = [to_detail(one).model_dump_json() for one in given.observations]

    back = to_investigation(
        InvestigationResult.model_validate_json(text), [ObservationDetail.model_validate_json(one) for one in details]
    )

    assert back.observations == given.observations
    assert back.verdict.component_right == 0.825
    assert back.hypotheses[0].share == 0.612346
    assert back.findings[0] == replace(RISE, score=12.3457)
    assert back.hypotheses[0].support == (back.findings[0], back.findings[2])
    assert (back.incident, back.coverage, back.calls) == (given.incident, given.coverage, given.calls)
    assert (back.gaps, back.runs, back.ruled_out) == (given.gaps, given.runs, given.ruled_out)


def test_the_same_investigation_gives_the_same_bytes_after_a_round_trip_too() -> None:
    given = investigation()
    once = to_result(given)

    again = to_result(to_investigation(once, [to_detail(one) for one in given.observations]))

    assert once.model_dump_json() == to_result(investigation()).model_dump_json() == again.model_dump_json()


def test_the_body_holds_counts_and_a_link_and_no_rows() -> None:
    body = json.loads(to_result(investigation()).model_dump_json())

    seen = body["observations"][0]
    assert (seen["kept"], seen["total"], seen["cut"]) == (2, 3, "the newest kept")
    assert seen["link"] == f"observations/{CPU.id}"
    assert "rows" not in seen


def test_the_rows_are_exact_so_that_an_id_can_be_computed_again() -> None:
    detail = ObservationDetail.model_validate_json(to_detail(CPU).model_dump_json())

    rows = Rows(tuple(detail.columns), tuple(tuple(row) for row in detail.rows), detail.total, detail.cut)
    assert observe(CPU.query, detail.component, detail.summary, rows).id == detail.id


def test_what_is_no_number_and_half_a_character_survive_as_marks() -> None:
    rows = Rows(("value", "text"), ((math.nan, "x"), (math.inf, "é")), 2)
    odd = replace(observe(CPU.query, "cart", "s", rows), summary="half \ud800 a character")

    text = to_detail(odd).model_dump_json()

    detail = ObservationDetail.model_validate_json(text)
    assert [row[0] for row in detail.rows] == [None, None]
    assert detail.summary == "half ? a character"


@pytest.mark.parametrize("score", [math.inf, math.nan])
def test_a_score_without_bounds_is_still_json(score: float) -> None:
    given = investigation(findings=(finding("metrics-9", CPU, score=score),))

    back = InvestigationResult.model_validate_json(to_result(given).model_dump_json())

    assert math.isfinite(back.findings[-1].score)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0.12345678, 0.123457), (1790000000.5, 1790000000.0), (123456.789, 123457.0), (-0.0, 0.0), (1e-12, 1e-12)],
)
def test_numbers_keep_six_digits_and_all_of_their_whole_part(value: float, expected: float) -> None:
    assert rounded(value) == expected


def test_an_observation_that_two_specialists_made_is_there_once() -> None:
    given = replace(investigation(), observations=(CPU, CPU))

    assert len(to_result(given).observations) == len(distinct(given.observations)) == 1


def test_a_finding_that_only_a_hypothesis_holds_is_not_lost() -> None:
    hidden = finding("logs-1", CPU)
    given = replace(investigation(), hypotheses=(replace(CAUSE, support=(hidden,)),))

    result = to_result(given)

    assert result.findings[-1].id == "logs-1"
    assert result.unresolved == []


def test_what_does_not_resolve_is_named() -> None:
    given = replace(investigation(), observations=(CPU,), hypotheses=(replace(CAUSE, unexplained=("logs-7",)),))

    missing = unresolved(given)

    assert "cart leaves logs-7 unexplained" in missing
    assert any(one.startswith("traces-1 rests on o") for one in missing)
    assert any(one.startswith("a hop to front rests on o") for one in missing)


def test_a_result_whose_parts_do_not_fit_is_told_and_not_guessed() -> None:
    whole = to_result(investigation())
    cut = whole.model_copy(update={"findings": whole.findings[:1]})

    with pytest.raises(StorageFailed, match="is not whole"):
        to_investigation(cut, [])


@pytest.mark.parametrize(
    ("form", "kind", "apart"),
    [
        (wire.InvestigationResult, investigations.Investigation, {"unresolved"}),
        (wire.Incident, incidents.Incident, set()),
        (wire.Symptom, incidents.Symptom, set()),
        (wire.Coverage, telemetry.Coverage, set()),
        (wire.SpecialistRun, investigations.SpecialistRun, set()),
        (wire.StepView, investigations.Step, set()),
        (wire.Query, observations.Query, set()),
        (wire.FindingView, findings.Finding, set()),
        (wire.Gap, findings.Gap, set()),
        (wire.Call, reports.Call, set()),
        (wire.Hop, hypotheses.Hop, set()),
        (wire.Hypothesis, hypotheses.Hypothesis, set()),
        (wire.RuledOut, hypotheses.RuledOut, set()),
        (wire.Objection, verdicts.Objection, set()),
        (wire.DecidingQuery, verdicts.DecidingQuery, set()),
        (wire.Verdict, verdicts.Verdict, {"calibration"}),
    ],
)
def test_the_form_has_each_field_of_what_it_stands_for(form: type[Wire], kind: type, apart: set[str]) -> None:
    assert set(form.model_fields) - apart == {one.name for one in fields(kind)}


def test_the_json_schema_names_its_version_and_every_kind_of_source() -> None:
    schema = TypeAdapter(InvestigationResult).json_schema()

    assert schema["properties"]["version"]["const"] == 1
    assert schema["$defs"]["SourceClass"]["enum"] == [one.value for one in SourceClass]
