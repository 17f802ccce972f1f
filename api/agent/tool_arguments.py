"""The tools of the agent and the arguments of each, checked at the door."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.investigation.faults import FaultKind

_Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
_Text = Annotated[str, StringConstraints(max_length=120)]


class Arguments(BaseModel):
    """Base of the arguments of a tool; unknown ones are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class SearchKnowledge(Arguments):
    """Search runbooks and past incidents for where to look. Guidance only, it can't be cited."""

    query: Annotated[str, StringConstraints(min_length=1, max_length=400)] = Field(description="what to search for")


class QueryMetric(Arguments):
    """Look at the series of one component whose name holds the words, in healthy time and part by part."""

    component: _Name = Field(description="a component as it is listed")
    metric: _Name = Field(description="name of a metric, or words that stand in it")


class QueryLogs(Arguments):
    """Look at log lines of one component that hold all the words, with counts before and now."""

    component: _Name = Field(description="a component as it is listed")
    words: _Text = Field("", description="words that the lines hold; empty for all lines")


class QueryTraces(Arguments):
    """Look at the operations of one component: calls, failures and durations before and now."""

    component: _Name = Field(description="a component as it is listed")


class GetTopology(Arguments):
    """Look at who calls one component and whom it calls."""

    component: _Name = Field(description="a component as it is listed")


class RunSpecialist(Arguments):
    """Read the findings of one specialist: metrics, logs, traces, events or another that there is."""

    name: _Name = Field(description="name of a specialist")


class ProposeHypothesis(Arguments):
    """Propose a cause, with the ids of the findings and observations that bear it out."""

    component: _Name = Field(description="a component as it is listed")
    kind: _Name = Field(description=f"one of: {', '.join(FaultKind)}")
    finding_ids: list[_Name] = Field(description="ids of findings or observations that you were shown", max_length=100)
    mechanism: Annotated[str, StringConstraints(max_length=2_000)] = Field(description="one plain sentence")


TOOLS: dict[str, type[Arguments]] = {
    "search_knowledge": SearchKnowledge,
    "query_metric": QueryMetric,
    "query_logs": QueryLogs,
    "query_traces": QueryTraces,
    "get_topology": GetTopology,
    "run_specialist": RunSpecialist,
    "propose_hypothesis": ProposeHypothesis,
}
"""Every tool by its name."""
