"""One mail as bytes to its author, time, words and place in a thread, whatever its sender made of the standards."""

import email
import email.header
import email.utils
import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message as Mail
from html.parser import HTMLParser

from ingest.sources.conversation import Message, one_line

_REPLY_MARK = re.compile(r"^\s*(?:(?:re|aw|antw|sv|vs|fwd?|wg|tr)(?:\[\d+\])?\s*:\s*|\[external\]\s*)+", re.IGNORECASE)
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,300}>")
_ATTRIBUTION = re.compile(r"^\s*(?:On|Am|Le|El)\b.{0,300}(?:wrote|schrieb|a écrit|escribió)\s*:\s*$", re.DOTALL)
_ORIGINAL = re.compile(r"^\s*-{2,}\s*(?:Original Message|Ursprüngliche Nachricht|Forwarded message)\s*-{2,}\s*$", re.I)
_QUOTE = re.compile(r"^\s{0,3}>")
_MAX_PARTS = 200
_MAX_TEXT = 1_000_000  # characters of one mail; more is a dump, whose start tells what it is
_BREAKS = frozenset({"p", "br", "div", "tr", "li", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "table", "blockquote"})
_UNSEEN = frozenset({"script", "style", "head", "title"})


@dataclass(frozen=True, slots=True)
class MailHead:
    """What the headers of a mail say; `references` are the ids it answers, oldest first."""

    id: str
    references: tuple[str, ...]
    subject: str
    bare_subject: str
    is_reply: bool
    at: datetime | None


def read_head(data: bytes) -> MailHead:
    """Return what the headers say; a mail without an id gets one made from its bytes."""
    headers = email.message_from_bytes(_headers(data))
    own = _MESSAGE_ID.findall(_raw(headers, "Message-ID"))
    subject = one_line(_header(headers, "Subject"))
    bare = _REPLY_MARK.sub("", subject)
    answered = _MESSAGE_ID.findall(_raw(headers, "References")) + _MESSAGE_ID.findall(_raw(headers, "In-Reply-To"))[:1]
    return MailHead(
        id=own[0] if own else f"<{hashlib.sha256(data).hexdigest()[:32]}@no-id>",
        references=tuple(dict.fromkeys(answered)),
        subject=subject,
        bare_subject=bare.lower(),
        is_reply=bare != subject,
        at=_time(headers),
    )


def read_mail(data: bytes) -> Message:
    """Return a mail as a message: the text part, or the words of the HTML one, without quotes and signature."""
    try:
        mail = email.message_from_bytes(data)
        text, attachments = _contents(mail)
    except RecursionError:  # parts within parts within parts, which only hostile mail has
        mail = email.message_from_bytes(_headers(data))
        text, attachments = "(The parts of this mail are nested too deeply to be read.)", ()
    return Message(_author(mail), _time(mail), without_quotes(text), attachments)


def without_quotes(text: str) -> str:
    """Return the words that are the author's own: no quoted lines, no copy of the mail answered, no signature."""
    lines = text.replace("\r\n", "\n").split("\n")
    kept: list[str] = []
    for number, line in enumerate(lines):
        if line in ("-- ", "--") or _ORIGINAL.match(line):
            break
        if _QUOTE.match(line):
            continue
        # Mail programs break the line that announces a quote.
        if _ATTRIBUTION.match(line) or _ATTRIBUTION.match("\n".join(lines[number : number + 2])):
            continue
        if number and _ATTRIBUTION.match("\n".join(lines[number - 1 : number + 1])):
            continue
        kept.append(line.rstrip())
    own = re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip("\n")
    return own if own.strip() else "(Only quoted text.)"


def _contents(mail: Mail) -> tuple[str, tuple[str, ...]]:
    plain: list[str] = []
    rich: list[str] = []
    attachments: list[str] = []
    for number, part in enumerate(mail.walk()):
        if number >= _MAX_PARTS:
            attachments.append("(more parts were not read)")
            break
        if part.is_multipart():
            continue
        name = _file_name(part)
        kind = part.get_content_type()
        if name or part.get_content_disposition() == "attachment" or kind not in ("text/plain", "text/html"):
            attachments.append(name or f"unnamed ({kind})")
        else:
            (plain if kind == "text/plain" else rich).append(_text(part))
    words = "\n\n".join(text for text in plain if text.strip()) or "\n\n".join(map(_words_of_html, rich))
    return words[:_MAX_TEXT], tuple(attachments)


def _text(part: Mail) -> str:
    data = part.get_payload(decode=True)
    if not isinstance(data, bytes):
        return ""
    try:
        return data.decode(part.get_content_charset("utf-8"), "replace")
    except (LookupError, ValueError):  # a character set that nobody knows
        return data.decode("utf-8", "replace")


def _file_name(part: Mail) -> str:
    try:
        return _decoded(part.get_filename() or "")
    except (LookupError, ValueError):
        return "unreadable name"


def _author(mail: Mail) -> str:
    name, address = email.utils.parseaddr(_header(mail, "From"))
    return name or address.partition("@")[0] or "unknown"


def _time(mail: Mail) -> datetime | None:
    try:
        found = email.utils.parsedate_to_datetime(_raw(mail, "Date"))
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _header(mail: Mail, name: str) -> str:
    return _decoded(_raw(mail, name))


def _raw(mail: Mail, name: str) -> str:
    return " ".join(str(mail.get(name, "")).split())


def _decoded(text: str) -> str:
    """Return the text of an encoded header (RFC 2047), or the header as it is where the encoding is broken."""
    try:
        return str(email.header.make_header(email.header.decode_header(text)))
    except (LookupError, ValueError, email.errors.HeaderParseError):
        return text.encode("utf-8", "replace").decode()


def _headers(data: bytes) -> bytes:
    end = re.search(rb"\r?\n\r?\n", data)
    return data[: end.end()] if end else data


def _words_of_html(html: str) -> str:
    reader = _Words()
    reader.feed(html[:_MAX_TEXT])
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.pieces).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


class _Words(HTMLParser):
    """Collect the words of an HTML mail; its looks are gone."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the parser's
        if tag in _UNSEEN:
            self._unseen += 1
        elif tag in _BREAKS:
            self.pieces.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            self._unseen = max(0, self._unseen - 1)
        elif tag in _BREAKS:
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.pieces.append(data.replace("\n", " "))
