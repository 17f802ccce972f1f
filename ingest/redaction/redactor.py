"""Take the secrets out of a text, or out of a line that goes to a log."""

import re
from collections.abc import Iterator, Sequence
from functools import cache

from ingest.errors import UsageError
from ingest.redaction.assignments import find_assigned
from ingest.redaction.blocks import find_blocks
from ingest.redaction.candidates import candidate_lines, has_run
from ingest.redaction.marks import MARK, Found, Redacted, apply
from ingest.redaction.strings import find_strings
from ingest.redaction.transports import find_transported
from ingest.redaction.values import is_strong
from ingest.redaction.vendors import find_vendor_tokens

_ENOUGH_TO_REPEAT = 10
"""A value of fewer characters is not searched for elsewhere in its text: it may be a word."""

_MOST_TO_SEARCH = 2_000_000_000
"""Characters that repetitions are searched in, over all values: a dump of keys must not take hours."""

_PUBLIC_BLOCK = re.compile(
    r"-----BEGIN (?:CERTIFICATE(?: REQUEST)?|(?:PGP |RSA |EC )?PUBLIC KEY(?: BLOCK)?|PGP SIGNATURE|X509 CRL|"
    r"TRUSTED CERTIFICATE|DH PARAMETERS)-----"
)
_LONGEST_BLOCK = 20_000
_TEMPLATE = re.compile(r"\{\{.{0,300}?\}\}|<%.{0,300}?%>")

_MESSAGE_URL = re.compile(r"://[^\s/@:⟦]{1,200}@|://[^\s/@]{0,200}:[^\s@⟦]{1,200}@")
_MESSAGE_QUERY = re.compile(
    r"(?P<name>[?&;][\w.-]{0,40}(?:token|key|sig|signature|secret|password|passwd|pwd|auth|code|credential|"
    r"session)[\w.-]{0,10}=)"
    r"(?P<value>[^\s&#\"'<>)\]⟦]+)",
    re.IGNORECASE,
)


class Redactor:
    """Put typed marks in place of secrets.

    A value in which any of the regular expressions `allow` is found stays. Raises UsageError for an expression
    that is none. An instance can be pickled.
    """

    def __init__(self, allow: Sequence[str] = ()) -> None:
        self.allowed = tuple(allow)
        self._allow = tuple(_compiled(expression) for expression in allow)

    def redact(self, text: str) -> Redacted:
        """Return `text` with a mark in place of each secret; the number of lines stays.

        A long random value that is secret in one place is one everywhere in the text.
        """
        found = [each for each in _found(text) if not self._allowed(text[each.start : each.end])]
        if not found:
            return Redacted(text, ())
        return apply(text, [*found, *_repeated(text, found)])

    def _allowed(self, value: str) -> bool:
        return any(expression.search(value) for expression in self._allow) or MARK.search(value) is not None


def redact_message(text: str) -> str:
    """Return a log line, a reason or a URL without secrets; all user information of a URL counts as one."""
    bare = _MESSAGE_URL.sub("://⟦secret credentials⟧@", text)
    bare = _MESSAGE_QUERY.sub(lambda match: f"{match['name']}⟦secret url-token⟧", bare)
    return _plain().redact(bare).text


@cache
def _plain() -> Redactor:
    return Redactor()


def _compiled(expression: str) -> re.Pattern[str]:
    try:
        return re.compile(expression)
    except re.error as error:
        raise UsageError(
            f"{expression!r} is no regular expression ({error}); correct it in the list of allowed secrets"
        ) from error


def _found(text: str) -> Iterator[Found]:
    public = [(match.start(), _end_of(text, match.end())) for match in _PUBLIC_BLOCK.finditer(text)]
    for start, end in candidate_lines(text):
        for each in find_in_line(text[start:end]):
            found = each.moved(start)
            if not any(first <= found.start < last for first, last in public):
                yield found
    yield from find_blocks(text)


def _end_of(text: str, start: int) -> int:
    """Return where the block ends whose first line ends at `start`; there, where nothing ends it."""
    end = text.find("-----END", start, start + _LONGEST_BLOCK)
    return end if end != -1 else start


def find_in_line(line: str) -> Iterator[Found]:
    """Yield the secrets of one line, in no order; what stands inside a template's braces only names one."""
    templates = [match.span() for match in _TEMPLATE.finditer(line)] if "{{" in line or "<%" in line else []
    by_form = (*find_vendor_tokens(line), *find_strings(line)) if has_run(line) else ()
    for each in (*by_form, *find_assigned(line), *find_transported(line)):
        if not any(start <= each.start < end for start, end in templates):
            yield each


def _repeated(text: str, found: Sequence[Found]) -> Iterator[Found]:
    """Yield every other place of a value that was found, where it is too long and mixed to be a word."""
    seen: set[str] = set()
    for each in found:
        value = text[each.start : each.end]
        if len(seen) * len(text) > _MOST_TO_SEARCH:
            return
        if value in seen or len(value) < _ENOUGH_TO_REPEAT or "\n" in value or not is_strong(value):
            continue
        seen.add(value)
        position = text.find(value)
        while position != -1:
            yield Found(position, position + len(value), each.kind, each.rank + 5)
            position = text.find(value, position + len(value))
