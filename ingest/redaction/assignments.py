"""Secrets that a name introduces: a key with its value, a sentence, an XML element."""

import re
from collections.abc import Iterator

from ingest.redaction.marks import Found
from ingest.redaction.values import (
    is_password,
    is_path,
    is_placeholder,
    is_random,
    is_strong,
    is_uuid,
    without_closing,
)

_PASSWORD = r"pass(?:w(?:or)?d|wort|phrase)s?|pwd|contraseña|contrasena|mot[ _-]de[ _-]passe|kennwort"
_TOKEN = (
    r"secret|token|credentials?|passcode|genie[_-]?key|webhook|sessid|"
    r"(?:api|app|access|secret|private|client|account|auth|encryption|encrypt|signing|master|service|shared|license|"
    r"routing|integration|storage|storageaccount|deploy|root|admin|write|ingest|ssh|hmac|cookie|session|primary|"
    r"secondary)"
    r"[ _-]?key|key[_-]?(?:base|data)|client[_-]?secret|access[_-]?code|otp|pin[_-]?code"
)
KEYWORDS = rf"{_PASSWORD}|(?<![A-Za-z])pass(?![A-Za-z])|(?<=[_-])pw(?![A-Za-z])|{_TOKEN}"
"""What the names of secrets contain; matched without case."""

_KEYWORD = re.compile(KEYWORDS, re.IGNORECASE)
_KEY = rf"(?P<key>{KEYWORDS})(?P<suffix>[\w-]{{0,40}})"
VALUE = (
    r"""(?:(?P<open>["'`])(?P<inner>(?:\\.|(?!(?P=open))[^\\\n])*)|\\["'](?P<escaped>[^"'\\\n]*)|(?P<bare>[^\s"'`]+))"""
)
"""A value: in quotes, in quotes that are escaped because they stand inside others, or without; see `stated`."""

_ASSIGNMENT = re.compile(
    rf"""{_KEY}(?P<close>["'`\])*\\]{{0,5}})[ \t]{{0,8}}(?P<sep>:=|=>|->|→|={{1,3}}(?!~)|"""
    rf""":(?!:))[ \t*_]{{0,8}}\(?{VALUE}""",
    re.IGNORECASE,
)
_SENTENCE = re.compile(
    rf"""{_KEY}["'`)*]{{0,4}}[ \t]{{1,8}}(?:(?:\w{{1,20}}[ \t]{{1,4}}){{0,3}}?(?:is|are|was|as|ist|lautet|est|"""
    rf"""es|set to|changed to)"""
    rf"""[ \t:]{{1,3}})?["'`*(]{{0,3}}(?P<value>[^\s"'`|()<>\[\]]{{6,300}})""",
    re.IGNORECASE,
)
# Names that end as those of secrets do: where a list goes on, what guards a form.
_NO_SECRET = re.compile(
    r"(?:continuation|continue|next|page|pagination|cancellation|sync|resume|"
    r"cluster)[ _-]?$",
    re.IGNORECASE,
)
_NAME = re.compile(rf"({KEYWORDS})([\w-]{{0,40}})\W*$", re.IGNORECASE)
_XML = re.compile(
    r"<(?P<key>[\w:.-]{0,40}(?:password|passwd|secret|token|apikey|api-key|passphrase))>(?P<value>[^<\n]{4,300})</",
    re.I,
)
# What follows the keyword in names of things that are about a secret and hold none.
_ABOUT = re.compile(
    r"name|file|path|ref|policy|length|type|url|uri|id$|ids$|version|expir|ttl|prefix|header|format|field|rotat|"
    r"manager|"
    r"provider|store|mount|namespace|class|label|selector|reset|age|count|size|_in|request|require|review|"
    r"endpoint|kind|"
    r"auth|generat|valid|min|max|total|seconds|duration|error|rate|limit|bucket|project|scope|audience|issuer|"
    r"less|source|"
    r"based|protect|scan|encryption|algorithm|hash_?func|config|template|engine|lookup|server|controller|webhook|"
    r"s-store",
    re.I,
)


def find_assigned(line: str) -> Iterator[Found]:
    """Yield the secrets of a line that stand beside a name for them."""
    if not _KEYWORD.search(line):
        return
    yield from _assigned(line)
    for match in _SENTENCE.finditer(line):
        value = match["value"].rstrip(".,;:*_\\!?")
        if _said(match["key"], match["suffix"], value):
            yield Found(match.start("value"), match.start("value") + len(value), _kind(match["key"]), rank=4)
    for match in _XML.finditer(line):
        if is_password(match["value"]) and (_is_password_key(match["key"]) or is_random(match["value"])):
            yield Found(*match.span("value"), _kind(match["key"]), rank=3)


def is_secret_under(key: str, value: str, *, exact: bool = True) -> bool:
    """Tell whether `value` is a secret, stored under `key` (a variable, a field, a table's column).

    Where the place is not `exact`, a value that reads like a name is none, even under "password".
    """
    named = _NAME.search(key)
    return named is not None and _holds(named[1], named[2], value, exact=exact)


def stated(match: re.Match[str]) -> tuple[int, str, bool]:
    """Return where the value of a match of `VALUE` starts, the value, and whether it stands in quotes."""
    if match["bare"] is not None:
        return match.start("bare"), without_closing(match["bare"]), False
    group = "escaped" if match["inner"] is None else "inner"
    return match.start(group), match[group], True


def _assigned(line: str) -> Iterator[Found]:
    for match in _ASSIGNMENT.finditer(line):
        start, value, quoted = stated(match)
        end = start + len(value)
        rest = line[end + quoted :].strip(" \t*_|;,)}]\\")
        close_by = match["sep"] == "=" and line[match.end("sep") : match.end("sep") + 1].strip() != ""
        exact = quoted or not rest or rest[0] in "#/&?" or close_by
        if _NO_SECRET.search(line, max(0, match.start() - 14), match.start()):
            continue
        if value and _holds(match["key"], match["suffix"], value, exact=exact):
            number = not quoted and match["close"][:1] == '"' and value.isdigit()
            yield Found(start, end, _kind(match["key"]), rank=3, quoted=number)
        elif quoted and len(value) < len(line) and re.search("[:=]", value):
            yield from (each.moved(start) for each in _assigned(value))


def _holds(key: str, suffix: str, value: str, *, exact: bool) -> bool:
    """Tell whether a value is secret: any for a password, only a random one for a token or where prose follows."""
    if suffix and _ABOUT.search(suffix):
        return False
    if not is_password(value):
        return False
    if _is_password_key(key) and exact and (not suffix or suffix.strip("_-").isalnum()):
        return key.casefold() not in {"pass", "pw"} or is_strong(value)
    if _is_password_key(key):
        return is_strong(value)
    return is_random(value, minimum=8) or is_uuid(value)


def _said(key: str, suffix: str, value: str) -> bool:
    if key.casefold() == "pass" or (suffix and _ABOUT.search(suffix)):
        return False
    if is_path(value) or "://" in value or is_placeholder(value):
        return False
    if _is_password_key(key):
        return is_strong(value)
    return is_random(value, minimum=16)


def _is_password_key(key: str) -> bool:
    return re.search(rf"{_PASSWORD}|^pass$|^pw$", key, re.IGNORECASE) is not None


def _kind(key: str) -> str:
    folded = key.casefold()
    if _is_password_key(folded):
        return "password"
    return next((word for word in ("token", "secret", "webhook", "session") if word in folded), "key")
