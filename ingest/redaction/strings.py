"""Strings that are random beyond doubt though nothing introduces them."""

import re
from collections.abc import Iterator

from ingest.redaction.assignments import find_assigned
from ingest.redaction.marks import Found
from ingest.redaction.transports import find_transported
from ingest.redaction.values import decoded_base64, is_high_entropy

_STRING = re.compile(r"(?<![A-Za-z0-9+/=_.$%:@#\\-])[A-Za-z0-9+/_-]{32,}={0,2}(?![A-Za-z0-9_/.-])")
_PUBLIC = re.compile(
    r"sha\d*[-:=]|sha\d|digest|checksum|fingerprint|integrity|certificate|ssh-(?:rsa|ed25519)|ecdsa|public|"
    r"AAAA[A-Z]|MII|H4sI|dnskey|acme|LS0tLS1CRUdJTiBDRV"
    r"|etag|base64,|commit|revision|https?://|h1:|data:|uid|trace|span|\bhash",
    re.I,
)


def find_strings(line: str) -> Iterator[Found]:
    """Yield strings that are random beyond doubt and that nothing on the line says to be public."""
    for match in _STRING.finditer(line):
        before = line[max(0, match.start() - 60) : match.start()]
        value = match.group()
        if is_high_entropy(value) and not _PUBLIC.search(before + value[:20]) and not _is_harmless_text(value):
            yield Found(match.start(), match.end(), "high-entropy-string", rank=5)


def _is_harmless_text(value: str) -> bool:
    """Tell whether a string is base64 of a readable text that holds no secret itself."""
    decoded = decoded_base64(value)
    try:
        text = decoded.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return bool(text) and text.isprintable() | ("\n" in text) and not any(_secrets_in(text))


def _secrets_in(text: str) -> Iterator[Found]:
    yield from find_assigned(text)
    yield from find_transported(text)
