"""Connected sources of telemetry, and changes that are told of, on the wire."""

from pydantic import AwareDatetime, Field

from api.investigation.observations import SourceClass
from api.schemas.investigations import Words
from api.schemas.places import Wire


class SourceView(Wire):
    """One connected source and how it is; `problem` is empty where it can be used."""

    name: str
    kind: str
    url: str
    gives: list[SourceClass]
    version: str = ""
    problem: str = ""
    seconds: float = Field(description="How long it took to answer.")


class SourceList(Wire):
    """The connected sources, in the order of the file."""

    sources: list[SourceView]


class ToldChange(Wire):
    """A change of configuration, a feature flag, a deployment, or what else somebody did to a system."""

    title: Words = Field(min_length=1, max_length=500, description="What was done, in a line.")
    kind: Words = Field("change", min_length=1, max_length=100, examples=["feature-flag", "config", "deploy"])
    component: Words | None = Field(None, max_length=300, description="What it was done to.")
    time: AwareDatetime | None = Field(None, description="When it took effect; unset, now.")
    ref: Words = Field("", max_length=300, description="Its id where it comes from: told again, it is kept once.")
    detail: Words = Field("", max_length=20_000, description="What changed, such as a diff or both values of a flag.")
    author: Words = Field("", max_length=300)


class ToldChanges(Wire):
    """Changes, told together."""

    changes: list[ToldChange] = Field(min_length=1, max_length=1000)


class Kept(Wire):
    """How many changes were new; the others were known."""

    kept: int
    known: int
