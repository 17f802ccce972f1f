"""Settings in a YAML file: `${NAME}` is taken from the environment, and what is wrong is named by line and field."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from api.errors import UsageError

_MOST_BYTES = 1_000_000
# PyYAML takes seconds to find out that so many brackets are never closed.
_BRACKETS = re.compile(r"(?:[\[{][ \t]*){40}")
_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_VARIABLE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

_Place = tuple[int | str, ...]
_Model = TypeVar("_Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a file is for: its name in messages, the setting that names it, where it is described.

    `union` is its list whose entries are of several kinds.
    """

    noun: str
    setting: str
    guide: str
    union: str


def read_settings(file: Path, environment: Mapping[str, str], schema: type[_Model], purpose: Purpose) -> _Model:
    """Return what a file says. Raises UsageError that names the line and the field, never a secret."""
    import yaml

    try:
        if file.stat().st_size > _MOST_BYTES:
            raise UsageError(f"{file} is larger than {_MOST_BYTES:,} bytes; is it the {purpose.noun}?")
        text = file.read_bytes().decode("utf-8-sig")
        if _BRACKETS.search(text):
            raise UsageError(f"{file} is nested too deeply to be read; check its brackets")
        _refuse_aliases(file, text)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        lines = dict(_lines(node, ())) if node is not None else {}
        told = yaml.safe_load(text)
    except OSError as error:
        raise UsageError(
            f"cannot read the {purpose.noun} {str(file)!r} ({error.strerror}); correct {purpose.setting}"
        ) from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{file} is no text in UTF-8; write it as {purpose.guide} says") from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise UsageError(f"{file}, line {line}: {error.problem}; check the indentation and quotes here") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise UsageError(f"{file} is no YAML that can be read ({type(error).__name__}); check its brackets") from error
    filled = _filled(told, (), file, lines, environment)
    try:
        return schema.model_validate(filled)
    except ValidationError as error:
        told_of = sorted({_complaint(file, one, lines, purpose) for one in error.errors()})
        raise UsageError("; ".join(told_of)) from error


def _refuse_aliases(file: Path, text: str) -> None:
    """Refuse aliases, with which a small file unfolds into a huge one."""
    import yaml

    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent):
            raise UsageError(f"{file}, line {_mark(event) + 1}: aliases (*name) are not read; write it out")


def _mark(event: Any) -> int:
    return int(event.start_mark.line)


def _lines(node: Any, place: _Place) -> Iterator[tuple[_Place, int]]:
    import yaml

    yield place, node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            name = str(key.value)
            yield from ((inner, line) for inner, line in _lines(value, (*place, name)) if inner != (*place, name))
            yield (*place, name), key.start_mark.line + 1
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            yield from _lines(value, (*place, number))


def _filled(value: Any, place: _Place, file: Path, lines: Mapping[_Place, int], environment: Mapping[str, str]) -> Any:
    """Return a value with each `${NAME}` in its texts replaced."""
    if isinstance(value, dict):
        return {key: _filled(one, (*place, str(key)), file, lines, environment) for key, one in value.items()}
    if isinstance(value, list):
        return [_filled(one, (*place, number), file, lines, environment) for number, one in enumerate(value)]
    if not isinstance(value, str):
        return value

    def found(match: re.Match[str]) -> str:
        name = match[1]
        if not _VARIABLE_NAME.fullmatch(name) or name not in environment:
            raise UsageError(
                f"{file}, line {_line(place, lines)}: the environment has no variable {name!r}; set it, or write the "
                f"value of {_path(place)}"
            )
        return environment[name]

    return _VARIABLE.sub(found, value)


def _complaint(file: Path, error: Any, lines: Mapping[_Place, int], purpose: Purpose) -> str:
    # Of a union, pydantic puts the kind into the place, which the file has not.
    at = error["loc"]
    kind_too = len(at) > 2 and at[0] == purpose.union
    place: _Place = tuple(part for number, part in enumerate(at) if not (number == 2 and kind_too))
    told = {"extra_forbidden": "is not known", "missing": "is missing"}.get(error["type"], str(error["msg"]))
    return f"{file}, line {_line(place, lines)}: {_path(place)} {told[:1].lower()}{told[1:]}; see {purpose.guide}"


def _line(place: _Place, lines: Mapping[_Place, int]) -> int:
    while place and place not in lines:
        place = place[:-1]
    return lines.get(place, 1)


def _path(place: _Place) -> str:
    return repr(".".join(str(part) for part in place)) if place else "the file"
