"""Postmortems kept as records (YAML, JSON, front matter) as Markdown, in which each field can be found and cited."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

import yaml

from ingest.sources.conversation import one_line, slug

Record = Mapping[str, object]
"""One postmortem as its file has it."""

_ABOUT = frozenset({"summary", "description", "title", "body", "text", "details", "impact", "root_cause"})
_FACTS = frozenset(
    [
        *("company", "organization", "organisation", "product", "service"),
        *("date", "dates", "start_time", "end_time", "started_at", "ended_at", "detected_at", "resolved_at"),
        *("severity", "duration", "postmortem_url"),
    ]
)
_BODY = ("body", "text", "content")
_TITLES = ("title", "name", "headline")
_DATES = ("date", "start_time", "started_at", "dates", "published", "published_at", "created_at", "end_time")
_IDS = ("uuid", "id", "slug", "key")
_TAGS = ("keywords", "categories", "tags", "labels")
_LONG = 100  # characters of a value that gets a heading of its own
_MAX_DEPTH = 6
_FRONT_MATTER = re.compile(r"\A\ufeff?---[ \t]*\r?\n(.*?)^---[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)


class RecordsDamaged(Exception):
    """A file of records cannot be read; `as_list` tells whether it seems to hold several."""

    def __init__(self, reason: str, *, as_list: bool) -> None:
        super().__init__(reason)
        self.as_list = as_list


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """The record at the head of a Markdown file, and the text below it."""

    record: Record
    body: str


def read_records(text: str, *, is_json: bool) -> list[Record] | Record | None:
    """Return the record or records of a file, or None where it holds something else; raises RecordsDamaged."""
    try:
        found = json.loads(text) if is_json else _yaml(text)
    except (ValueError, RecursionError, yaml.YAMLError) as error:
        reason = f"is no {'JSON' if is_json else 'YAML'}: {one_line(str(error))[:200]}; correct it"
        raise RecordsDamaged(reason, as_list=text.lstrip()[:1] in ("[", "-")) from error
    if isinstance(found, dict):
        inner = found.get("postmortems") or found.get("incidents")
        if is_record(found) or not isinstance(inner, list):
            return found if is_record(found) else None
        found = inner
    records = [one for one in found if is_record(one)] if isinstance(found, list) else []
    return records or None


def is_record(value: object) -> bool:
    """Tell whether a value is a postmortem: a mapping that says what happened, and where or when."""
    if not isinstance(value, dict):
        return False
    keys = {str(key).lower() for key in value}
    return bool(keys & _ABOUT) and bool(keys & _FACTS) and not keys & {"openapi", "swagger", "apiversion"}


def front_matter(text: str) -> FrontMatter | None:
    """Return the record that a Markdown file starts with, or None where there is none."""
    found = _FRONT_MATTER.match(text)
    if found is None:
        return None
    try:
        record = _yaml(found.group(1))
    except (ValueError, RecursionError, yaml.YAMLError):
        return None  # the parser reports it with the document
    return FrontMatter(record, text[found.end() :]) if isinstance(record, dict) else None


def markdown_of(record: Record) -> str:
    """Return a record as a Markdown document of kind postmortem."""
    head = {"kind": "postmortem", "title": title_of(record)}
    happened = date_of(record)
    if happened is not None:
        head["date"] = f"{happened:%Y-%m-%d}"
    known = yaml.safe_dump(head, sort_keys=False, allow_unicode=True, width=10_000)
    return f"---\n{known}---\n\n# {title_of(record)}\n\n{fields_of(record)}"


def fields_of(record: Record) -> str:
    """Return the fields of a record: short ones as a list, long ones each under a heading, the body last."""
    short: list[str] = []
    long: list[str] = []
    bodies: list[str] = []
    for key, value in record.items():
        name = _label(str(key))
        text = _value(value)
        if not text.strip() or str(key).lower() in ("title", *_IDS):
            continue
        if str(key).lower() in _BODY:
            bodies.append(text)
        elif len(text) > _LONG or "\n" in text or str(key).lower() in _ABOUT:
            long.append(f"## {name}\n\n{text}")
        else:
            short.append(f"- {name}: {text}")
    facts = ["## Facts\n\n" + "\n".join(short)] if short else []
    return "\n\n".join([*facts, *long, *bodies]).rstrip() + "\n"


def title_of(record: Record) -> str:
    """Return the record's title, or company, product and date in its place."""
    stated = _first_text(record, _TITLES)
    if stated:
        return one_line(stated)[:200]
    happened = date_of(record)
    names = (_first_text(record, ("company", "organization", "organisation")), _first_text(record, ("product",)))
    parts = [*(name for name in names if name), *([f"{happened:%Y-%m-%d}"] if happened else [])]
    summary = _first_text(record, ("summary", "description"))
    return one_line(", ".join(parts) or summary.partition(". ")[0][:100] or "Postmortem")


def date_of(record: Record) -> datetime | None:
    """Return when it happened, as far as the record says so."""
    for key in _DATES:
        value = record.get(key)
        if isinstance(value, list) and value:
            value = value[0]
        if isinstance(value, str):
            try:
                value = datetime.fromisoformat(value.strip())
            except ValueError:
                continue
        if isinstance(value, datetime):
            return value if value.tzinfo else value.replace(tzinfo=UTC)
        if isinstance(value, date):
            return datetime(value.year, value.month, value.day, tzinfo=UTC)
    return None


def link_of(record: Record) -> str | None:
    """Return the address of the postmortem itself, where the record has one."""
    url = _first_text(record, ("url", "link", "source_url"))
    return url if url.startswith(("https://", "http://")) and not re.search(r"\s|@", url) else None


def tags_of(record: Record) -> tuple[str, ...]:
    """Return the record's keywords and categories."""
    found: list[str] = []
    for key in _TAGS:
        value = record.get(key)
        words = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else []
        found += [one_line(str(word)) for word in words if isinstance(word, str | int) and str(word).strip()]
    return tuple(dict.fromkeys(found))


def name_of(record: Record) -> str:
    """Return a name for the record's path: its own id, or words with a digest of what it is about."""
    own = next((record[key] for key in _IDS if isinstance(record.get(key), str | int)), None)
    if own is not None and str(own).strip():
        return slug(str(own), limit=80)
    facts = [_first_text(record, (key,)) for key in ("url", "company", "product", *_TITLES)]
    happened = date_of(record)
    mark = hashlib.sha256("\n".join([*facts, str(happened)]).encode("utf-8", "replace")).hexdigest()[:8]
    return f"{slug(title_of(record))}-{mark}"


def _yaml(text: str) -> object:
    # Postmortems need no aliases, and a few lines of them can unfold into gigabytes.
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent):
            raise ValueError(f"it has an alias (*{event.anchor}); write the value out")
    documents = [one for one in yaml.safe_load_all(text) if one is not None]
    return documents[0] if len(documents) == 1 else documents


def _first_text(record: Record, keys: tuple[str, ...]) -> str:
    found = (record.get(key) for key in keys)
    return next((value.strip() for value in found if isinstance(value, str) and value.strip()), "")


def _label(key: str) -> str:
    words = one_line(key.replace("_", " ").replace("-", " "))
    return words[:1].upper() + words[1:]


def _value(value: object, depth: int = 0) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | dict):
        simple = isinstance(value, list) and all(isinstance(one, str | int | float | date) for one in value)
        words = [_value(one, depth + 1) for one in value] if isinstance(value, list) and simple else []
        if simple and sum(map(len, words)) <= _LONG and not any("\n" in word for word in words):
            return ", ".join(words)
        return "\n".join(_items(value, depth))
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    return str(value).encode("utf-8", "replace").decode().replace("\r\n", "\n").strip()


def _items(value: list[object] | dict[object, object], depth: int) -> Iterator[str]:
    if depth > _MAX_DEPTH:
        yield "- …"
        return
    named = value.items() if isinstance(value, dict) else ((None, one) for one in value)
    for key, one in named:
        label = "" if key is None else f"{_label(str(key))}: "
        if isinstance(one, dict) and key is None and all(not isinstance(part, list | dict) for part in one.values()):
            # An entry of a timeline or list of actions: one line.
            yield "- " + "; ".join(f"{_label(str(name))}: {_value(part)}" for name, part in one.items())
            continue
        text = _value(one, depth + 1)
        lines = text.split("\n")
        if isinstance(one, list | dict) and "\n" in text:
            yield f"- {label.rstrip()}"
        else:
            yield f"- {label}{lines.pop(0)}"
        yield from ("  " + line for line in lines)
