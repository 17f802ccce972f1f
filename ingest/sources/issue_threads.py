"""An issue of a code host with its comments as one Markdown document, the same whatever host it comes from."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

_HEADING = re.compile(r"^( {0,3})(#{1,6})(?=[ \t]|$)")
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})")
_UNDERLINE = re.compile(r"^ {0,3}(=+|-+)[ \t]*$")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_NO_WORDS = ("#", ">", "-", "*", "+", "|", "`", "~")


@dataclass(frozen=True, slots=True)
class Comment:
    """What one person wrote under an issue."""

    author: str
    at: datetime | None
    text: str


@dataclass(frozen=True, slots=True)
class IssueThread:
    """An issue with its comments, oldest first."""

    number: int
    title: str
    closed: bool
    author: str
    opened_at: datetime | None
    closed_at: datetime | None
    labels: tuple[str, ...]
    text: str
    comments: tuple[Comment, ...] = ()


def render_thread(thread: IssueThread) -> bytes:
    """Return the issue as Markdown in UTF-8: front matter, title, text, then a section a comment.

    The headings of text and comments move below the heading that they stand under. It says `kind: postmortem`,
    since issues are read for that.
    """
    parts = [_front_matter(thread), f"# {_line(thread.title) or f'Issue {thread.number}'}"]
    text = lowered(thread.text, 1)
    if text:
        parts.append(text)
    for comment in thread.comments:
        if comment.text.strip():
            parts.append(f"## {_signature(comment)}\n\n{lowered(comment.text, 2)}")
    return ("\n\n".join(parts) + "\n").encode("utf-8", "replace")


def lowered(text: str, levels: int) -> str:
    """Return Markdown with its headings `levels` deeper (six at most) and HTML comments taken out.

    Lines inside fenced code stay as they are, so that a shell comment does not become a heading.
    """
    clean = _COMMENT.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", ""))
    return "\n".join(_lowered_lines(clean.split("\n"), levels)).strip()


def _lowered_lines(lines: list[str], levels: int) -> Iterator[str]:
    fence, underlined = "", False
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        mark, found = _FENCE.match(line), _HEADING.match(line)
        if underlined:  # its words were written as a heading already
            underlined = False
        elif fence:
            closes = mark is not None and mark.group(1).startswith(fence) and not line.strip().strip(fence[0])
            fence = "" if closes else fence
            yield line
        elif mark is not None:
            fence = mark.group(1)
            yield line
        elif found is not None:
            yield "#" * min(6, len(found.group(2)) + levels) + line[found.end() :]
        elif _is_words(line) and (under := _UNDERLINE.match(following)) is not None:
            underlined = True
            yield "#" * min(6, (1 if under.group(1)[0] == "=" else 2) + levels) + f" {line.strip()}"
        else:
            yield line


def _is_words(line: str) -> bool:
    return bool(line.strip()) and not line.startswith("    ") and not line.lstrip().startswith(_NO_WORDS)


def _front_matter(thread: IssueThread) -> str:
    import yaml

    facts: dict[str, object] = {
        "title": _line(thread.title) or f"Issue {thread.number}",
        "kind": "postmortem",
        "issue": thread.number,
        "status": "closed" if thread.closed else "open",
    }
    for key, moment in (("date", thread.opened_at), ("closed", thread.closed_at)):
        if moment is not None:
            facts[key] = _moment(moment)
    if thread.author:
        facts["author"] = _line(thread.author)
    if thread.labels:
        facts["labels"] = [_line(label) for label in thread.labels]
    text = yaml.safe_dump(facts, allow_unicode=True, sort_keys=False, width=10_000)
    return f"---\n{text}---"


def _signature(comment: Comment) -> str:
    words: Iterable[str] = ("Comment", f"by {_line(comment.author)}" if comment.author else "")
    at = f"at {_moment(comment.at)}" if comment.at is not None else ""
    return " ".join(word for word in (*words, at) if word)


def _moment(moment: datetime) -> str:
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _line(text: str) -> str:
    return " ".join(text.replace("\0", "").split())
