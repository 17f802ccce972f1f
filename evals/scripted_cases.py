"""Cases of a language model that misbehaves, obeys a document or tells the truth: data that needs no Python to read."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ingest.errors import UsageError

_Model = TypeVar("_Model", bound=BaseModel)

SUITES = Path(__file__).parent / "suites"


class Quoted(BaseModel):
    """A citation in a script; `evidence` is a document's path, or a label such as "E2" taken as it is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    evidence: str
    quote: str


class ScriptedStatement(BaseModel):
    """One statement that the scripted model writes, and whether a reader may see it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str
    expect: Literal["shown", "removed"]
    kind: str = "sentence"
    citations: tuple[Quoted, ...] = ()


class Case(BaseModel):
    """A question with what the scripted model answers: statements, or `outputs` word for word, one an attempt.

    `forbidden` must not occur in anything that is shown, `kept` must. `breaks_off` ends the stream half-way,
    `fails` lets the provider fail with these words. `fallback` and `outcome` are what must become of it, where
    given. `evidence` names passages that the model has to be shown for the case to test anything.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    question: str
    note: str = ""
    statements: tuple[ScriptedStatement, ...] = ()
    outputs: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    insufficient: bool = False
    breaks_off: bool = False
    fails: str = ""
    forbidden: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    fallback: bool | None = None
    outcome: str | None = None
    evidence: tuple[Quoted, ...] = ()


class KindFile(BaseModel):
    """One kind of case."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: str
    about: str
    cases: Annotated[tuple[Case, ...], Field(min_length=1)]


class HostileCase(BaseModel):
    """A document that wants to be obeyed, in the folder of the case beside this file, and a model that obeys it.

    `outputs` are answers in which it does; each is tried by itself. `forbidden` shows that it was obeyed.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: str
    question: str
    outputs: tuple[tuple[ScriptedStatement, ...] | str, ...]
    forbidden: Annotated[tuple[str, ...], Field(min_length=1)]


def load_kinds(folder: Path) -> list[KindFile]:
    """Return the kinds of a suite by name; raises UsageError for a file that is none."""
    return [_read(file, KindFile) for file in _files(folder, "*.yaml")]


def load_hostile(folder: Path) -> list[tuple[str, HostileCase]]:
    """Return the hostile cases with the names of their folders; raises UsageError for a file that is none."""
    return [(file.parent.name, _read(file, HostileCase)) for file in _files(folder, "*/case.yaml")]


def _files(folder: Path, pattern: str) -> Iterator[Path]:
    found = sorted(folder.glob(pattern))
    if not found:
        raise UsageError(f"no cases in {str(folder)!r}; check that the suite is installed")
    return iter(found)


def _read(file: Path, model: type[_Model]) -> _Model:
    try:
        return model.model_validate(yaml.safe_load(file.read_text("utf-8")))
    except (yaml.YAMLError, ValidationError) as error:
        raise UsageError(f"{str(file)!r} is no case: {error}; correct it") from error
