"""Mail archives (mbox files) as a source: one document a thread."""

import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ingest.errors import DocumentUnavailable, DocumentUnreadable, SourceUnreadable, UsageError
from ingest.sources.conversation import letters, slug
from ingest.sources.mail_messages import MailHead, read_head, read_mail
from ingest.sources.source import Snapshot, SourceEntry

_ENDINGS = (".mbox", ".mbx", ".mboxrd")
# The line that starts a mail ends in a date (asctime). A sentence that starts with "From" does not.
_START = re.compile(rb"^From \S.*?\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? +\w{3} +\w{1,3} +\d\d:\d\d")
_QUOTED_FROM = re.compile(rb"^>(>*From )", re.MULTILINE)
_MAX_MAIL = 25_000_000  # bytes of one mail, attachments included
_SAME_TALK = timedelta(days=30)  # between two mails that share a subject and name no mail they answer
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where one mail stands in its file, with the digest of its bytes."""

    file: Path
    start: int
    end: int
    digest: str


@dataclass(frozen=True, slots=True)
class _Mail:
    head: MailHead
    place: _Place


class MboxSource:
    """The threads of an mbox file, or of all mbox files below a folder."""

    def __init__(self, *, name: str, path: Path) -> None:
        if not path.exists():
            raise UsageError(f"no such file or folder: {str(path)!r}; check the path of source {name!r}")
        self._name = name
        self._path = path.resolve()
        self._threads: dict[str, tuple[_Place, ...]] | None = None

    @property
    def name(self) -> str:
        """Name that every document of this source carries."""
        return self._name

    @property
    def location(self) -> str:
        """The absolute path of the file or folder."""
        return str(self._path)

    @property
    def url_prefix(self) -> str | None:
        """None: an archive has no links."""
        return None

    def snapshot(self) -> Snapshot:
        """List the threads; a file that cannot be read makes the snapshot incomplete.

        Raises SourceUnreadable where no file can be read.
        """
        problems: list[str] = []
        files = self._files(problems)
        mails: dict[str, _Mail] = {}
        for file in files:
            try:
                found = [_read(place) for place in _places(file)]
                empty = not file.stat().st_size
            except OSError as error:
                problems.append(f"{str(file)!r} cannot be read: {error.strerror}")
                continue
            if not found and not empty:
                problems.append(f"{str(file)!r} holds no mail; export it as mbox")
            for mail in found:  # the same mail in two archives counts once
                mails.setdefault(mail.head.id, mail)
        if problems and not mails:
            raise SourceUnreadable(f"source {self._name!r}: {problems[0]}")
        entries = {}
        self._threads = {}
        for thread in _threads(list(mails.values())):
            entry = _entry(thread)
            entries[entry.path] = entry
            self._threads[entry.path] = tuple(mail.place for mail in thread)
        return Snapshot(self._name, tuple(entries[path] for path in sorted(entries)), not problems, tuple(problems))

    def fetch(self, path: str) -> bytes:
        """Return a thread as Markdown, a heading for each mail, oldest first."""
        if self._threads is None:
            self.snapshot()
        places = (self._threads or {}).get(path)
        if places is None:
            raise DocumentUnreadable(f"{path!r} is no thread of {self.location!r}; use a path that its listing names")
        try:
            mails = [_bytes(place) for place in places]
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise DocumentUnavailable(f"cannot be read now: {reason}; the next run tries again") from error
        if any(_digest(data) != place.digest for data, place in zip(mails, places, strict=True)):
            raise DocumentUnavailable("changed after it was listed; the next run reads it as it is then")
        return letters(read_head(mails[0]).subject, [read_mail(_unquoted(data)) for data in mails]).encode()

    def _files(self, problems: list[str]) -> list[Path]:
        if self._path.is_file():
            return [self._path]

        def note(error: OSError) -> None:
            problems.append(f"folder {error.filename!r} cannot be listed: {error.strerror}")

        walk = os.walk(self._path, onerror=note)
        files = [Path(folder, name) for folder, _, names in walk for name in names]
        found = sorted(file for file in files if file.suffix.lower() in _ENDINGS and file.is_file())
        if not found and not problems:
            problems.append(f"{str(self._path)!r} holds no mbox file ({', '.join(_ENDINGS)}); check the path")
        return found


def _places(file: Path) -> Iterator[_Place]:
    """Yield where each mail of a file stands; the file is read once, a line at a time."""
    start: int | None = None
    position = 0
    blank = True
    digest = hashlib.sha256()
    with file.open("rb") as lines:
        # A limit, so that a file without line ends is not one line of gigabytes.
        while line := lines.readline(1 << 20):
            if blank and _START.match(line[:500]):
                if start is not None:
                    yield _Place(file, start, position, digest.hexdigest())
                start, digest = position + len(line), hashlib.sha256()
            elif start is not None and position - start < _MAX_MAIL:
                digest.update(line[: _MAX_MAIL - (position - start)])
            blank = not line.strip()
            position += len(line)
    if start is not None:
        yield _Place(file, start, position, digest.hexdigest())


def _read(place: _Place) -> _Mail:
    return _Mail(read_head(_bytes(place)), place)


def _bytes(place: _Place) -> bytes:
    with place.file.open("rb") as file:
        file.seek(place.start)
        return file.read(min(place.end - place.start, _MAX_MAIL))


def _unquoted(data: bytes) -> bytes:
    """Return a mail without the mark that keeps its lines from looking like the start of the next."""
    return _QUOTED_FROM.sub(rb"\1", data)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _threads(mails: list[_Mail]) -> list[list[_Mail]]:
    """Group mails by the ids that they answer; a reply that names none joins the last talk of its subject."""
    leaders: dict[str, str] = {}
    ordered = sorted(mails, key=lambda mail: (mail.head.at or _LONG_AGO, mail.head.id))
    for mail in ordered:
        for other in mail.head.references:
            leaders[_leader(leaders, mail.head.id)] = _leader(leaders, other)
    last: dict[str, _Mail] = {}
    for mail in ordered:
        before = last.get(mail.head.bare_subject)
        if before is not None and mail.head.is_reply and not mail.head.references and _soon_after(before, mail):
            leaders[_leader(leaders, mail.head.id)] = _leader(leaders, before.head.id)
        last[mail.head.bare_subject] = mail
    threads: dict[str, list[_Mail]] = {}
    for mail in ordered:
        threads.setdefault(_leader(leaders, mail.head.id), []).append(mail)
    return [_root_first(thread) for thread in threads.values()]


def _leader(leaders: dict[str, str], one: str) -> str:
    while (above := leaders.get(one, one)) != one:
        leaders[one] = leaders.get(above, above)  # shorten the way for the next question
        one = above
    return one


def _soon_after(before: _Mail, mail: _Mail) -> bool:
    return (mail.head.at or _LONG_AGO) - (before.head.at or _LONG_AGO) <= _SAME_TALK


def _root_first(thread: list[_Mail]) -> list[_Mail]:
    """Put the mail that answers none first: a wrong clock must not change which mail names the thread."""
    root = next((mail for mail in thread if not mail.head.references and not mail.head.is_reply), thread[0])
    return [root, *(mail for mail in thread if mail is not root)]


def _entry(thread: list[_Mail]) -> SourceEntry:
    root = thread[0].head
    first = root.references[0] if root.references else root.id
    day = f"{root.at:%Y-%m-%d}" if root.at else "undated"
    path = f"threads/{day}-{slug(root.bare_subject)}-{hashlib.sha256(first.encode()).hexdigest()[:8]}.md"
    return SourceEntry(
        path,
        _digest("\n".join(mail.place.digest for mail in thread).encode())[:32],
        sum(min(mail.place.end - mail.place.start, _MAX_MAIL) for mail in thread),
        updated_at=max((mail.head.at for mail in thread if mail.head.at is not None), default=None),
        title=root.subject,
    )
