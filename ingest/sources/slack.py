"""A Slack export as a source: a document for each thread, each day of a channel, and each incident channel."""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ingest.errors import DocumentUnavailable, DocumentUnreadable, SourceUnreadable, UsageError
from ingest.sources.conversation import Message, chat, latest, one_line
from ingest.sources.slack_export import Channel, ExportDamaged, SlackExport
from ingest.sources.slack_text import markdown_of
from ingest.sources.source import Snapshot, SourceEntry

_INCIDENT = re.compile(r"^(?:inc[-_]|incident)|[-_]incident(?:[-_]|$)", re.IGNORECASE)
_UNFIT = re.compile(r"[^\w-]")
# What Slack itself says; nobody wrote it.
_NOISE = frozenset(
    [
        *("channel_join", "channel_leave", "channel_archive", "channel_unarchive", "channel_name"),
        *("group_join", "group_leave", "group_archive", "group_unarchive", "group_name"),
        *("bot_add", "bot_remove", "pinned_item", "unpinned_item", "reminder_add", "tombstone", "joiner_notification"),
    ]
)


@dataclass(frozen=True, slots=True)
class _Talk:
    """A document in the making."""

    path: str
    title: str
    messages: tuple[Message, ...]

    def text(self) -> bytes:
        return chat(self.title, self.messages).encode()


@dataclass(frozen=True, slots=True)
class _Post:
    """One message as the export has it."""

    ts: str
    thread: str
    message: Message


class SlackSource:
    """The public and private channels of an export; direct messages are left out.

    A document of a private channel is open to the group `slack:#channel` only.
    """

    def __init__(self, *, name: str, path: Path) -> None:
        if not path.exists():
            raise UsageError(f"no such file or folder: {str(path)!r}; check the path of source {name!r}")
        self._name = name
        self._path = path.resolve()
        self._channels: dict[str, str] | None = None
        self._texts: dict[str, bytes] = {}

    def __getstate__(self) -> dict[str, object]:
        """Leave out the texts of the channel read last, which may be many."""
        return {**self.__dict__, "_texts": {}}

    @property
    def name(self) -> str:
        """Name that every document of this source carries."""
        return self._name

    @property
    def location(self) -> str:
        """The absolute path of the folder or archive."""
        return str(self._path)

    @property
    def url_prefix(self) -> str | None:
        """None: an export has no links."""
        return None

    def snapshot(self) -> Snapshot:
        """List all talks; a file that cannot be read makes the snapshot incomplete.

        Raises SourceUnreadable where the path holds no export.
        """
        problems: list[str] = []
        entries: dict[str, SourceEntry] = {}
        self._channels = {}
        with self._opened() as export:
            people = export.people()
            for channel in export.channels():
                for talk in _talks(export, channel, people, problems):
                    entries[talk.path] = _entry(talk, channel)
                    self._channels[talk.path] = channel.name
        return Snapshot(self._name, tuple(entries[path] for path in sorted(entries)), not problems, tuple(problems))

    def fetch(self, path: str) -> bytes:
        """Return a talk as Markdown, oldest message first."""
        if path not in self._texts:
            if self._channels is None:
                self.snapshot()
            channel = (self._channels or {}).get(path)
            if channel is None:
                raise DocumentUnreadable(f"{path!r} is no talk of {self.location!r}; use a path that its listing names")
            self._texts = self._read_again(channel)
        if path not in self._texts:
            raise DocumentUnavailable("left the export after it was listed; the next run sees what is there then")
        return self._texts[path]

    def _read_again(self, name: str) -> dict[str, bytes]:
        problems: list[str] = []
        try:
            with self._opened() as export:
                channels = [channel for channel in export.channels() if channel.name == name]
                people = export.people()
                texts = {t.path: t.text() for one in channels for t in _talks(export, one, people, problems)}
        except SourceUnreadable as error:
            raise DocumentUnavailable(str(error)) from error
        if problems:
            raise DocumentUnavailable(f"{problems[0]}; the next run tries again")
        return texts

    def _opened(self) -> SlackExport:
        try:
            return SlackExport(self._path)
        except SourceUnreadable as error:
            raise SourceUnreadable(f"source {self._name!r}: {error}") from error


def _talks(export: SlackExport, channel: Channel, people: Mapping[str, str], problems: list[str]) -> Iterator[_Talk]:
    posts: list[_Post] = []
    for day in export.days(channel.name):
        try:
            posts += [post for one in export.messages(day) if (post := _post(one, people)) is not None]
        except ExportDamaged as error:
            problems.append(str(error))
    threads: dict[str, list[_Post]] = {}
    for post in sorted(posts, key=lambda post: (_seconds(post.ts), post.ts)):
        threads.setdefault(post.thread, []).append(post)
    folder = _UNFIT.sub("-", channel.name)
    if _INCIDENT.search(channel.name):
        if posts:
            title = f"Incident channel #{channel.name}"
            yield _Talk(f"incidents/{folder}.md", title, tuple(_with_replies(one) for one in threads.values()))
        return
    loose = [thread[0] for thread in threads.values() if len(thread) == 1 and thread[0].ts == thread[0].thread]
    yield from _days(channel, folder, loose)
    for thread in threads.values():
        if len(thread) > 1 or thread[0].ts != thread[0].thread:
            yield _thread(channel, folder, thread)


def _days(channel: Channel, folder: str, posts: Sequence[_Post]) -> Iterator[_Talk]:
    days: dict[str, list[Message]] = {}
    for post in posts:
        days.setdefault(_day(post), []).append(post.message)
    for day, messages in days.items():
        yield _Talk(f"channels/{folder}/{day}.md", f"#{channel.name}, {day}", tuple(messages))


def _thread(channel: Channel, folder: str, thread: Sequence[_Post]) -> _Talk:
    first = thread[0]
    words = one_line(first.message.text)[:80]
    mark = re.sub(r"[^0-9]+", "-", first.thread)
    return _Talk(
        f"channels/{folder}/threads/{_day_of(first.thread)}-{mark}.md",
        f"#{channel.name}: {words}",
        tuple(post.message for post in thread),
    )


def _with_replies(thread: Sequence[_Post]) -> Message:
    first = thread[0].message
    replies = tuple(post.message for post in thread[1:])
    return Message(first.author, first.at, first.text, first.attachments, replies)


def _post(record: Mapping[str, object], people: Mapping[str, str]) -> _Post | None:
    """Return a message, or None for what nobody wrote and for what holds no words."""
    ts = record.get("ts")
    if not isinstance(ts, str) or record.get("subtype") in _NOISE or record.get("hidden") is True:
        return None
    text = "\n\n".join(part for part in (_text(record, people), *_quoted(record, people)) if part)
    names = tuple(_file_names(record))
    if not text and not names:
        return None
    thread = record.get("thread_ts")
    message = Message(_author(record, people), _time(ts), text, names)
    return _Post(ts, thread if isinstance(thread, str) else ts, message)


def _text(record: Mapping[str, object], people: Mapping[str, str]) -> str:
    text = record.get("text")
    return markdown_of(text, people) if isinstance(text, str) else ""


def _quoted(record: Mapping[str, object], people: Mapping[str, str]) -> Iterator[str]:
    """Yield what alerting bots write: the words of attachments, which a plain text does not repeat."""
    for one in _records(record.get("attachments")):
        stated = [one.get(key) for key in ("pretext", "title", "text")]
        words = [word for word in stated if isinstance(word, str) and word.strip()]
        words = words or [word for word in (one.get("fallback"),) if isinstance(word, str)]
        fields = [f"{field.get('title')}: {field.get('value')}" for field in _records(one.get("fields"))]
        yield "\n".join(markdown_of(word, people) for word in (*words, *fields))


def _file_names(record: Mapping[str, object]) -> Iterator[str]:
    for one in _records(record.get("files")):
        name = one.get("name") or one.get("title")
        yield name if isinstance(name, str) else "unnamed file"


def _author(record: Mapping[str, object], people: Mapping[str, str]) -> str:
    user = record.get("user")
    known = people.get(user) if isinstance(user, str) else None
    profile = record.get("user_profile") or record.get("bot_profile")
    stated = profile if isinstance(profile, dict) else {}
    names = (known, stated.get("real_name"), stated.get("name"), record.get("username"), user, record.get("bot_id"))
    name = next((one for one in names if isinstance(one, str) and one), "unknown")
    is_bot = record.get("subtype") == "bot_message" or "bot_id" in record
    return f"{name} (bot)" if is_bot and not name.endswith("(bot)") else name


def _records(value: object) -> list[Mapping[str, object]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _entry(talk: _Talk, channel: Channel) -> SourceEntry:
    text = talk.text()
    return SourceEntry(
        talk.path,
        hashlib.sha256(text).hexdigest()[:32],
        len(text),
        updated_at=latest(talk.messages),
        title=one_line(talk.title),
        labels=("slack", f"#{channel.name}"),
        access=(f"slack:#{channel.name}",) if channel.private else (),
    )


def _seconds(ts: str) -> float:
    at = _time(ts)
    return at.timestamp() if at else 0.0


def _time(ts: str) -> datetime | None:
    try:
        return datetime.fromtimestamp(float(ts), tz=UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _day(post: _Post) -> str:
    return _day_of(post.ts)


def _day_of(ts: str) -> str:
    at = _time(ts)
    return f"{at:%Y-%m-%d}" if at else "undated"
