"""A folder of postmortems kept as records: Markdown with front matter, or YAML and JSON files of one or many."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from ingest.errors import DocumentUnavailable, DocumentUnreadable
from ingest.sources.folder import FolderSource
from ingest.sources.incident_records import (
    FrontMatter,
    Record,
    RecordsDamaged,
    date_of,
    fields_of,
    front_matter,
    link_of,
    markdown_of,
    name_of,
    read_records,
    tags_of,
    title_of,
)
from ingest.sources.source import Snapshot, SourceEntry

_JSON = frozenset({".json"})
_YAML = frozenset({".yaml", ".yml"})
_MARKDOWN = frozenset({".md", ".markdown", ".mdx"})
_MAX_JSON = 50_000_000
_MAX_YAML = 3_000_000  # bytes; YAML takes a second for each
_HEADING = re.compile(r"^#[ \t]+\S", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class _Listed:
    """An entry with the file it comes from."""

    entry: SourceEntry
    file: str


class PostmortemsSource:
    """Postmortems below a folder, or in one file.

    A file with one record is listed under its own name with `.md` after it, a record of many under the
    name of its file and its own. Files that hold no record are listed as they are.
    """

    def __init__(self, *, name: str, path: Path, url_prefix: str | None = None) -> None:
        self._folder = FolderSource([path], name=name, url_prefix=url_prefix)
        self._files: dict[str, str] | None = None
        self._texts: tuple[str, dict[str, bytes]] = ("", {})

    def __getstate__(self) -> dict[str, object]:
        """Leave out the records of the file read last, which may be many."""
        return {**self.__dict__, "_texts": ("", {})}

    @property
    def name(self) -> str:
        """Name that every document of this source carries."""
        return self._folder.name

    @property
    def location(self) -> str:
        """The absolute path of the folder or file."""
        return self._folder.location

    @property
    def url_prefix(self) -> str | None:
        """What stands before a file's path in its link; without it, a record's own address is its link."""
        return self._folder.url_prefix

    def snapshot(self) -> Snapshot:
        """List all records; a file of many that cannot be read makes the snapshot incomplete."""
        whole = self._folder.snapshot()
        problems = list(whole.problems)
        listed: dict[str, _Listed] = {}
        for file in whole.entries:
            for one in self._listed(file, problems):
                listed[one.entry.path] = one
        self._files = {path: one.file for path, one in listed.items()}
        entries = tuple(listed[path].entry for path in sorted(listed))
        return Snapshot(self.name, entries, whole.complete and not problems, tuple(problems))

    def fetch(self, path: str) -> bytes:
        """Return a record as Markdown, or the bytes of a file that holds none."""
        if self._files is None:
            self.snapshot()
        file = (self._files or {}).get(path)
        if file is None:
            raise DocumentUnreadable(f"{path!r} is no record of {self.location!r}; use a path that its listing names")
        if _suffix(file) in _MARKDOWN:
            return _with_facts(self._folder.fetch(file))
        if path == file:
            return self._folder.fetch(file)
        if self._texts[0] != file:
            self._texts = (file, self._records_of(file))
        if path not in self._texts[1]:
            raise DocumentUnavailable("left its file after it was listed; the next run sees what is there then")
        return self._texts[1][path]

    def _records_of(self, file: str) -> dict[str, bytes]:
        try:
            return {path: markdown_of(record).encode() for path, record in _records(file, self._folder.fetch(file))}
        except RecordsDamaged as error:
            raise DocumentUnreadable(str(error)) from error

    def _listed(self, file: SourceEntry, problems: list[str]) -> Iterator[_Listed]:
        suffix = _suffix(file.path)
        if file.problem or suffix not in _JSON | _YAML | _MARKDOWN or file.size > _limit(suffix):
            yield _Listed(file, file.path)
            return
        try:
            data = self._folder.fetch(file.path)
            if suffix in _MARKDOWN:
                yield _Listed(_described(file, data), file.path)
                return
            found = list(_records(file.path, data))
        except RecordsDamaged as error:
            if error.as_list:
                # What it held is not known, so nothing that came from it may be removed.
                problems.append(f"{file.path!r} {error}")
            yield _Listed(replace(file, path=file.path + ".md", problem=str(error)), file.path)
            return
        except DocumentUnreadable as error:
            yield _Listed(replace(file, path=file.path + ".md", problem=str(error)), file.path)
            return
        for path, record in found:
            yield _Listed(_entry_of(path, record, file, linked=self.url_prefix is None), file.path)
        if not found:
            yield _Listed(file, file.path)


def _records(file: str, data: bytes) -> Iterator[tuple[str, Record]]:
    """Yield the path and the record of each postmortem in a file."""
    found = read_records(data.decode("utf-8-sig", "replace"), is_json=_suffix(file) in _JSON)
    if found is None:
        return
    if not isinstance(found, list):
        yield file + ".md", found
        return
    taken: dict[str, int] = {}
    for record in found:
        name = name_of(record)
        taken[name] = taken.get(name, 0) + 1
        yield f"{file}/{name}{f'-{taken[name]}' if taken[name] > 1 else ''}.md", record


def _entry_of(path: str, record: Record, file: SourceEntry, *, linked: bool) -> SourceEntry:
    text = markdown_of(record).encode()
    return SourceEntry(
        path,
        hashlib.sha256(text).hexdigest()[:32],
        len(text),
        url=(link_of(record) if linked else None) or file.url,
        updated_at=date_of(record) or file.updated_at,
        title=title_of(record),
        labels=tags_of(record),
    )


def _described(file: SourceEntry, data: bytes) -> SourceEntry:
    """Return the entry of a Markdown file with what its front matter says."""
    head = front_matter(data.decode("utf-8-sig", "replace"))
    if head is None:
        return file
    return replace(
        file,
        url=file.url or link_of(head.record),
        updated_at=date_of(head.record) or file.updated_at,
        title=None if _HEADING.search(head.body) else title_of(head.record),
        labels=tags_of(head.record),
    )


def _with_facts(data: bytes) -> bytes:
    """Return a Markdown file with its front matter repeated as text below it, so that it can be found and cited.

    Below, because the lines of the file itself then keep their numbers.
    """
    head = front_matter(data.decode("utf-8-sig", "replace"))
    facts = _facts_not_said(head) if head is not None else ""
    return data if not facts else data.rstrip() + f"\n\n{facts}".encode()


def _facts_not_said(head: FrontMatter) -> str:
    said = head.body.lower()
    stated = {key: value if isinstance(value, list) else [value] for key, value in head.record.items()}
    missing = [key for key, words in stated.items() if any(str(word).strip().lower() not in said for word in words)]
    known = {"kind", "type", "layout", "draft", "weight", *("status", "owner", "owners", "team", "superseded_by")}
    fields = {key: head.record[key] for key in missing if str(key).lower() not in known}
    return fields_of(fields) if fields else ""


def _suffix(path: str) -> str:
    return PurePosixPath(path).suffix.lower()


def _limit(suffix: str) -> int:
    return _MAX_YAML if suffix in _YAML else _MAX_JSON
