"""Acts on the wire: each kind takes its own fields, and what is wrong is named."""

import pytest
from pydantic import ValidationError

from api.schemas.investigation_acts import _MAY, _NEEDS, ActKind, ActRequest, ActView, Came, act_of


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"kind": "fact"}, "text is missing; fact needs text"),
        ({"kind": "fact", "text": "  "}, "text is missing"),
        ({"kind": "reject_finding", "finding": "metrics-1"}, "text is missing; reject_finding needs finding and text"),
        ({"kind": "confirm_cause"}, "component is missing"),
        ({"kind": "question", "text": "why?", "component": "db"}, "component does not go with question"),
        ({"kind": "fact", "text": "x", "act": 3}, "act does not go with fact"),
        ({"kind": "query", "source": "human", "component": "db"}, "source 'human' can't be queried"),
        ({"kind": "withdraw", "act": 0}, "greater than or equal to 1"),
        ({"kind": "step", "document": "d", "line": 3}, "outcome is missing; step needs document and line and outcome"),
        ({"kind": "step", "document": "d", "line": 3, "outcome": "impossible"}, "say why the step was impossible"),
        ({"kind": "shout", "text": "x"}, "Input should be 'fact'"),
        ({"kind": "window", "window": {"start": "2026-09-22T10:00:00"}}, "timezone"),
    ],
)
def test_what_is_wrong_with_an_act_is_named(body: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        ActRequest.model_validate(body)


def test_every_kind_says_what_it_needs_and_takes() -> None:
    assert set(_NEEDS) == set(_MAY) == set(ActKind)
    fields = set(ActRequest.model_fields)
    assert all(set(_NEEDS[kind]) | set(_MAY[kind]) <= fields for kind in ActKind)


def test_an_act_goes_to_the_domain_with_its_time_in_microseconds() -> None:
    asked = ActRequest.model_validate(
        {"kind": "fact", "text": " its disk is full ", "component": "db", "at": "1970-01-01T00:00:01Z", "who": "Ana"}
    )
    view = ActView.model_validate({"number": 3, "at": "2026-11-24T12:00:00Z", "act": asked, "came": Came(text="")})

    act = act_of(view)

    assert (act.number, act.who, act.deed.text, act.deed.at) == (3, "Ana", "its disk is full", 1_000_000)
