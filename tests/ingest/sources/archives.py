"""Small archives to read in tests: mail, a Slack export, records of postmortems; each a world of the contract."""

import json
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ingest.sources.mbox import MboxSource
from ingest.sources.postmortems import PostmortemsSource
from ingest.sources.slack import SlackSource
from ingest.sources.source import Source


@dataclass(frozen=True)
class Letter:
    """A mail to be written into an archive."""

    id: str
    subject: str
    text: str = "It is down."
    day: int = 1
    answers: tuple[str, ...] = ()
    sender: str = "Ada Lovelace <ada@example.com>"


def mail(letter: Letter) -> bytes:
    """Return a mail as an archive holds it, the line before it included."""
    references = "".join(f" <{one}@example.com>" for one in letter.answers)
    headers = [
        f"From: {letter.sender}",
        f"Date: Mon, {letter.day:02} Jun 2026 10:00:00 +0200",
        f"Message-ID: <{letter.id}@example.com>",
        f"Subject: {letter.subject}",
        *([f"References:{references}"] if references else []),
    ]
    start = f"From ada@example.com Mon Jun {letter.day:>2} 08:00:00 2026"
    return "\n".join([start, *headers, "", letter.text, "", ""]).encode()


def archive(file: Path, letters: Sequence[Letter]) -> Path:
    """Write an mbox file."""
    file.write_bytes(b"".join(map(mail, letters)))
    return file


@dataclass
class MboxWorld:
    """An archive of three talks."""

    file: Path
    letters: list[Letter] = field(
        default_factory=lambda: [
            Letter("a1", "Checkout is down"),
            Letter("b1", "Disk full on db-1", day=2),
            Letter("a2", "Re: Checkout is down", "Rolled back.", 3, ("a1",)),
            Letter("c1", "Failover drill", day=4),
        ]
    )
    secret: str = ""

    def source(self) -> Source:
        self._write()
        return MboxSource(name="mail", path=self.file)

    def add(self) -> None:
        self.letters.append(Letter("d1", "A new talk", day=5))

    def change(self, path: str) -> None:
        root = self._root_of(path)
        self.letters.append(Letter(f"{root.id}-more", f"Re: {root.subject}", "One more word.", 9, (root.id,)))

    def remove(self, path: str) -> None:
        root = self._root_of(path)
        self.letters = [one for one in self.letters if one is not root and root.id not in one.answers]

    def _root_of(self, path: str) -> Letter:
        roots = (one for one in self.letters if not one.answers)
        return next(one for one in roots if re.sub(r"[^a-z0-9]+", "-", one.subject.lower()) in path)

    def _write(self) -> None:
        content = b"".join(map(mail, self.letters))
        if not self.file.exists() or self.file.read_bytes() != content:
            self.file.write_bytes(content)


Post = dict[str, object]
"""A message as Slack exports it."""


def post(ts: str, text: str, **more: object) -> Post:
    """Return a message of Ada."""
    return {"type": "message", "user": "U1", "ts": ts, "text": text, **more}


USERS: list[Post] = [
    {"id": "U1", "name": "ada", "profile": {"real_name": "Ada Lovelace", "display_name": "ada"}},
    {"id": "U2", "name": "grace", "profile": {"real_name": "", "display_name": "Grace"}},
    {"id": "U3", "name": "pager", "is_bot": True, "profile": {"real_name": "Pager"}},
]

DAY_1 = "1780308000.000100"  # 2026-06-01 10:00 UTC
DAY_1_LATER = "1780311600.000200"
DAY_2 = "1780394400.000300"


@dataclass
class SlackWorld:
    """An export, as a folder or as an archive, whose files are written anew for each source."""

    path: Path
    files: dict[str, object] = field(
        default_factory=lambda: {
            "channels.json": [{"id": "C1", "name": "ops"}, {"id": "C2", "name": "inc-42-checkout"}],
            "users.json": USERS,
            "ops/2026-06-01.json": [
                post(DAY_1, "db-1 is slow", thread_ts=DAY_1, reply_count=1),
                post(DAY_1_LATER, "vacuumed it", thread_ts=DAY_1),
                post("1780312000.000400", "lunch?"),
            ],
            "inc-42-checkout/2026-06-02.json": [post(DAY_2, "checkout returns 502")],
        }
    )
    secret: str = ""

    def source(self) -> Source:
        self.write()
        return SlackSource(name="slack", path=self.path)

    def add(self) -> None:
        self.files["ops/2026-06-03.json"] = [post("1780480800.000500", "a new day")]

    def change(self, path: str) -> None:
        name, posts, number = self._found(path)
        changed = {**posts[number], "text": "something else happened"}
        self.files[name] = [*posts[:number], changed, *posts[number + 1 :]]

    def remove(self, path: str) -> None:
        name, posts, number = self._found(path)
        gone = posts[number].get("thread_ts")
        self.files[name] = [
            one for index, one in enumerate(posts) if index != number and (gone is None or one.get("thread_ts") != gone)
        ]

    def _found(self, path: str) -> tuple[str, list[Post], int]:
        channel = "inc-42-checkout" if path.startswith("incidents/") else "ops"
        for name, posts in self.files.items():
            if not name.startswith(channel + "/") or not isinstance(posts, list):
                continue
            for number, one in enumerate(posts):
                if channel != "ops" or (
                    ("threads" in path) == ("thread_ts" in one)
                    and ("threads" in path or name.removeprefix("ops/").removesuffix(".json") in path)
                ):
                    return name, posts, number
        raise AssertionError(f"no message for {path!r}")

    def write(self) -> None:
        """Write the export."""
        texts = {name: json.dumps(content) for name, content in self.files.items()}
        if self.path.suffix == ".zip":
            with zipfile.ZipFile(self.path, "w", zipfile.ZIP_DEFLATED) as packed:
                for name, text in texts.items():
                    packed.writestr(f"export/{name}", text)
            return
        for name, text in texts.items():
            file = self.path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)


RECORD = {
    "company": "Example Shop",
    "product": "Checkout",
    "date": "2026-05-04",
    "keywords": ["database", "failover"],
    "url": "https://shop.example/blog/outage",
    "summary": "The checkout was down for 40 minutes after a failover.",
}


@dataclass
class RecordsWorld:
    """A folder with a record in JSON, one in Markdown, and a list of two in YAML."""

    root: Path
    secret: str = ""

    def __post_init__(self) -> None:
        self.root.mkdir()
        (self.root / "a.json").write_text(json.dumps(RECORD))
        (self.root / "b.md").write_text("---\ncompany: Bank\ndate: 2025-01-02\n---\n\nThe ledger stalled.\n")
        self._write_list([{**RECORD, "id": "one"}, {**RECORD, "id": "two"}])

    def source(self) -> Source:
        return PostmortemsSource(name="past", path=self.root)

    def add(self) -> None:
        self._write_list([{**RECORD, "id": "one"}, {**RECORD, "id": "three"}, {**RECORD, "id": "two"}])

    def change(self, path: str) -> None:
        assert path == "a.json.md"
        (self.root / "a.json").write_text(json.dumps({**RECORD, "summary": "It was the cache after all."}))

    def remove(self, path: str) -> None:
        assert path == "list.yaml/two.md"
        self._write_list([{**RECORD, "id": "one"}])

    def _write_list(self, records: list[dict[str, object]]) -> None:
        (self.root / "list.yaml").write_text(json.dumps(records))  # JSON is YAML too
