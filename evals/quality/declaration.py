"""What a suite is: a folder with suite.yaml, which says what is asked, of which knowledge, and what must be reached."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from evals.quality.metrics import METRICS
from ingest.errors import UsageError

BUILT_IN = Path(__file__).parent.parent / "suites"
SUITE_FILE = "suite.yaml"

Kind = Literal["retrieval", "answers", "ragas", "scripted"]
Knowledge = Literal["handbook", "corpus", "served"]
Format = Literal["questions", "handbook", "foreign", "folder"]


class Bar(BaseModel):
    """A value that a score has to reach, and why that value; one of `at_least` and `at_most` is given."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    score: str
    group: str = ""
    at_least: float | None = None
    at_most: float | None = None
    reason: str = Field(min_length=1)

    @model_validator(mode="after")
    def _has_one_side(self) -> "Bar":
        if (self.at_least is None) == (self.at_most is None):
            raise ValueError("give one of at_least and at_most")
        return self

    @property
    def value(self) -> float:
        """The value to reach, whichever side it bounds."""
        return self.at_least if self.at_least is not None else self.at_most or 0.0


class Declaration(BaseModel):
    """The content of suite.yaml.

    `questions` is a file beside it, or the folder of question files that a run is given (format `folder`).
    `left_out` asks each question a second time without its right documents; `baselines` searches with plain BM25,
    plain vectors and both fused, too; `writer` lets a configured language model write the answers.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str = Field(min_length=1)
    about: str = ""
    kind: Kind
    knowledge: Knowledge = "served"
    questions: str | None = None
    format: Format = "questions"
    script: str | None = None
    left_out: bool = False
    baselines: bool = False
    writer: bool = False
    at_most: int | None = Field(None, ge=1, description="At most this many questions of each group.")
    bars: tuple[Bar, ...] = ()

    @model_validator(mode="after")
    def _fits_its_kind(self) -> "Declaration":
        if self.kind == "scripted":
            if self.script is None or self.questions is not None:
                raise ValueError("a scripted suite names its `script`, and no `questions`")
        elif self.script is not None:
            raise ValueError("`script` belongs to scripted suites")
        elif (self.questions is None) != (self.format == "folder"):
            raise ValueError("name the file of `questions`, or the format `folder`")
        elif unknown := [bar.score for bar in self.bars if bar.score not in METRICS]:
            raise ValueError(f"no score is called {unknown[0]!r}; there are: {', '.join(METRICS)}")
        return self


@dataclass(frozen=True, slots=True)
class Suite:
    """A suite by the name of its folder; `built_in` ones come with Groundwatch."""

    name: str
    folder: Path
    declared: Declaration
    built_in: bool

    @property
    def questions_file(self) -> Path | None:
        """The file of questions, where the suite has its own."""
        return self.folder / self.declared.questions if self.declared.questions is not None else None


def find_suites(own: Path | None = None) -> list[Suite]:
    """Return the built-in suites and those below `own`, by name; raises UsageError where one is not in order."""
    suites = [_load(folder, built_in=True) for folder in _folders(BUILT_IN)]
    if own is not None:
        if not own.is_dir():
            raise UsageError(f"no such folder of suites: {str(own)!r}; check --suites or GROUNDWATCH_EVALS_SUITES")
        mine = [_load(folder, built_in=False) for folder in _folders(own)]
        taken = {suite.name for suite in suites} & {suite.name for suite in mine}
        if taken:
            raise UsageError(f"a suite that comes with Groundwatch is called {min(taken)!r} too; rename the folder")
        suites += mine
    return sorted(suites, key=lambda suite: suite.name)


def chosen_suites(suites: Sequence[Suite], names: Iterable[str]) -> list[Suite]:
    """Return the suites of these names, all without any; raises UsageError for an unknown one."""
    wanted = list(dict.fromkeys(names))
    by_name = {suite.name: suite for suite in suites}
    unknown = [name for name in wanted if name not in by_name]
    if unknown:
        raise UsageError(f"no suite is called {unknown[0]!r}; there are: {', '.join(by_name)}")
    return [by_name[name] for name in wanted] or list(suites)


def _folders(parent: Path) -> list[Path]:
    return sorted(file.parent for file in parent.glob(f"*/{SUITE_FILE}"))


def _load(folder: Path, *, built_in: bool) -> Suite:
    import yaml

    file = folder / SUITE_FILE
    try:
        text = file.read_text(encoding="utf-8")
        tree = yaml.compose(text, Loader=yaml.SafeLoader)
        declared = Declaration.model_validate(yaml.safe_load(text))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read {str(file)!r}: {error}; write it as UTF-8 text") from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark is not None else 1
        raise UsageError(f"{str(file)!r}, line {line}: {error.problem or 'no YAML'}; mend the line") from error
    except yaml.YAMLError as error:
        raise UsageError(f"{str(file)!r} is no YAML: {error}; write it as UTF-8 text") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the suite"
        words = first["msg"].removeprefix("Value error, ")
        raise UsageError(f"{str(file)!r}, line {_line_of(tree, first['loc'])}: {place}: {words}") from error
    return Suite(folder.name, folder, declared, built_in)


def _line_of(tree: Any, place: Sequence[int | str]) -> int:
    """Return the line of the node that a validation error names, or of the nearest one around it."""
    import yaml

    line = 1
    for step in place:
        if isinstance(tree, yaml.MappingNode):
            pair = next((pair for pair in tree.value if pair[0].value == str(step)), None)
            if pair is None:
                return line
            line, tree = pair[0].start_mark.line + 1, pair[1]
        elif isinstance(tree, yaml.SequenceNode) and isinstance(step, int) and step < len(tree.value):
            tree = tree.value[step]
            line = tree.start_mark.line + 1
    return int(line)
