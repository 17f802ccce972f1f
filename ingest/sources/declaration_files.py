"""YAML files checked against a schema: every problem at once, each with its line, key, value and what to do."""

import types
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from ingest.errors import UsageError
from ingest.sources.declared_values import CredentialInFile
from ingest.sources.located_yaml import Located, Misplaced, read_yaml

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

MAX_BYTES = 500_000
"""A file of declarations larger than this is refused: it is something else, or made to stall its reader."""

_CREDENTIALS = frozenset({"token", "password", "passwd", "secret", "api_key", "apikey", "api_token", "access_token"})
_MAX_SHOWN = 20

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True, order=True)
class _Problem:
    line: int
    text: str


def read_declarations(file: Path, schema: type[M]) -> M:
    """Return the file as an instance of `schema`.

    Raises UsageError whose text has a line for each problem: `file:line: key: what is wrong; what to do`.
    """
    tree = _read(file)
    problems = [_Problem(one.line, one.text) for one in tree.problems]
    checked: M | None = None
    try:
        checked = schema.model_validate(tree.value)
    except ValidationError as error:
        problems += [_problem(tree, one, schema) for one in error.errors(include_url=False)]
    problems += _repeated_names(tree) + list(_rules_without_effect(tree))
    if problems or checked is None:
        raise UsageError("\n".join(f"{file}:{one.line}: {one.text}" for one in _shown(problems)))
    return checked


def _read(file: Path) -> Located:
    try:
        data = file.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UsageError(f"{str(file)!r} cannot be read: {reason}; write it, or name another file") from error
    if len(data) > MAX_BYTES:
        raise UsageError(f"{str(file)!r} has {len(data):,} bytes, more than the limit of {MAX_BYTES:,}; split it")
    try:
        tree = read_yaml(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise UsageError(f"{str(file)!r} is not UTF-8 (byte {error.start}); save it as UTF-8") from error
    except Misplaced as error:
        raise UsageError(f"{file}:{error.line}: {error.text}") from error
    if not isinstance(tree.value, dict):
        raise UsageError(f"{file}:1: holds no keys; start it with 'version: 1' and a list 'sources'")
    return tree


def _shown(problems: Sequence[_Problem]) -> list[_Problem]:
    ordered = sorted(set(problems))
    rest = ordered[_MAX_SHOWN:]
    if not rest:
        return ordered
    more = f"and {len(rest)} more problems from this line on; correct these first"
    return [*ordered[:_MAX_SHOWN], _Problem(rest[0].line, more)]


def _problem(tree: Located, error: "ErrorDetails", schema: type[BaseModel]) -> _Problem:
    path = _path_in_file(tree.value, error["loc"])
    cause = error.get("ctx", {}).get("error")
    where = _words(path)
    match error["type"]:
        case "missing":
            return _Problem(tree.line(path[:-1]), f"{where}: is missing; add it")
        case "extra_forbidden":
            allowed = _keys(_model_at(schema, error["loc"][:-1]))
            return _Problem(tree.line(path), _unknown_key(where, str(path[-1]), allowed))
        case "union_tag_invalid":
            allowed = [word.strip(" '") for word in str(error.get("ctx", {}).get("expected_tags", "")).split(",")]
            stated = error["input"].get("type") if isinstance(error["input"], dict) else None
            path = (*path, "type")
            text = f"{_words(path)}: {stated!r} is no type of source; {_instead(str(stated), allowed)}"
            return _Problem(tree.line(path), text)
        case "union_tag_not_found":
            return _Problem(tree.line(path), f"{where}.type: is missing; add what kind of source it is, such as folder")
    if isinstance(cause, CredentialInFile) or (path and str(path[-1]).endswith("_env")):
        return _Problem(tree.line(path), f"{where}: {_meaning(error, cause)}")
    return _Problem(tree.line(path), f"{where}: {_brief(error['input'])}{_meaning(error, cause)}")


def _meaning(error: "ErrorDetails", cause: object) -> str:
    if cause is not None:
        return str(cause)
    match error["type"]:
        case "string_pattern_mismatch" if str(error["loc"][-1]).endswith("_env"):
            return "is no name of an environment variable (capitals, digits, _); put the credential there, not here"
        case "string_pattern_mismatch" if error["loc"][-1] == "name":
            return "is no short name; use lower-case letters, digits, '.', '_' and '-', such as team-runbooks"
    text = error["msg"][:1].lower() + error["msg"][1:]
    return f"{text.replace('input should', 'should')}; correct it"


def _unknown_key(where: str, key: str, allowed: Sequence[str]) -> str:
    if key.lower().replace("-", "_") in _CREDENTIALS:
        return f"{where}: a credential must not stand in a file; put it into an environment variable and name that " + (
            "with 'token_env'" if "token_env" in allowed else "where it is needed"
        )
    return f"{where}: unknown key {key!r}; {_instead(key, allowed)}"


def _instead(word: str, allowed: Sequence[str]) -> str:
    close = get_close_matches(word.lower(), allowed, n=1, cutoff=0.6)
    return f"did you mean {close[0]!r}?" if close else f"use one of: {', '.join(allowed)}"


def _brief(value: object) -> str:
    """Return a value to be shown before what is wrong with it; nothing for whole lists and mappings."""
    if isinstance(value, dict | list | tuple):
        return ""
    text = repr(value)
    return f"{text if len(text) <= 80 else text[:77] + '…'} "


def _path_in_file(value: object, location: Sequence[int | str]) -> tuple[int | str, ...]:
    """Return the location without what the schema adds to it: the tag of a union, or an index of a single word."""
    path: list[int | str] = []
    for number, part in enumerate(location):
        last = number == len(location) - 1
        if isinstance(value, dict) and (part in value or last):
            value = value.get(part)
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            value = value[part]
        else:
            continue
        path.append(part)
    return tuple(path)


def _words(path: Sequence[int | str]) -> str:
    words = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return words.lstrip(".") or "the file"


def _repeated_names(tree: Located) -> list[_Problem]:
    first: dict[str, int] = {}
    found = []
    for number, source in enumerate(_list_of(tree.value, "sources")):
        name = source.get("name")
        if not isinstance(name, str):
            continue
        path = ("sources", number, "name")
        if name in first:
            text = f"{_words(path)}: {name!r} is the name of the source in line {first[name]} too; give each its own"
            found.append(_Problem(tree.line(path), text))
        first.setdefault(name, tree.line(path))
    return found


def _rules_without_effect(tree: Located) -> Iterator[_Problem]:
    places: list[tuple[tuple[int | str, ...], object]] = [((), tree.value)]
    places += [(("sources", number), source) for number, source in enumerate(_list_of(tree.value, "sources"))]
    for place, holder in places:
        for number, rule in enumerate(_list_of(holder, "rules")):
            if set(rule) == {"match"}:
                path = (*place, "rules", number)
                yield _Problem(tree.line(path), f"{_words(path)}: says nothing about what it matches; add a key to it")


def _list_of(holder: object, key: str) -> list[Mapping[str, object]]:
    items = holder.get(key) if isinstance(holder, dict) else None
    # Others are told by the schema; a stand-in keeps the numbers right.
    return [item if isinstance(item, dict) else {} for item in items] if isinstance(items, list) else []


def _model_at(schema: type[BaseModel], location: Sequence[int | str]) -> type[BaseModel]:
    """Return the model that the keys at a location of an error belong to."""
    model = schema
    choices: dict[str, type[BaseModel]] = {}
    for part in location:
        if part in choices:
            model, choices = choices[str(part)], {}
        elif isinstance(part, str) and part in model.model_fields:
            found = list(_models(model.model_fields[part].annotation))
            choices = {tag: one for one in found for tag in _tags(one)}
            model = found[0] if found and not choices else model
    return model


def _models(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    elif get_origin(annotation) in (Union, Annotated, tuple, types.UnionType):
        for part in get_args(annotation):
            yield from _models(part)


def _tags(model: type[BaseModel]) -> tuple[str, ...]:
    field: FieldInfo | None = model.model_fields.get("type")
    return get_args(field.annotation) if field is not None else ()


def _keys(model: type[BaseModel]) -> list[str]:
    return list(model.model_fields)
