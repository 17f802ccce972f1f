"""Secrets in what carries them to a server: headers, URLs, and the flags of commands."""

import re
from collections.abc import Iterator

from ingest.redaction.assignments import VALUE, stated
from ingest.redaction.marks import Found
from ingest.redaction.values import (
    decoded_base64,
    is_password,
    is_path,
    is_placeholder,
    is_random,
    is_strong,
    is_uuid,
    without_closing,
)

_HEADER = re.compile(
    r"""authorization["'`*]{0,3}[ \t]*[:=][ \t]*["'`*]{0,3}(?:\w+=)?(?P<scheme>[A-Za-z-]+)[ \t]+(?:token=)?["']?"""
    r"""(?P<value>[^\s"'`,;<>]{6,})|\b(?:bearer|genie_?key)[ \t]+["'`]?(?P<bearer>[A-Za-z0-9_.~+/=-]{8,})"""
    r"|\bbasic[ \t]+(?P<basic>[A-Za-z0-9+/]{12,}={0,2})",
    re.IGNORECASE,
)
_URL = re.compile(
    r"(?P<scheme>[a-z][a-z0-9+.-]{1,20})://(?P<user>[^\s:/@\"'`<>]{0,100}):(?P<value>[^\s\"'`<>]{1,200})@(?=[\w.$\[{%-])",
    re.I,
)
_DSN = re.compile(r"(?P<user>\b\w[\w.-]{0,60}):(?P<value>[^\s:@/\"'`<>]{4,100})@(?:tcp|unix|\()", re.I)
_QUERY = re.compile(
    r"[?&;](?:access_token|auth_token|api[_-]?key|apikey|token|key|sig|signature|secret|client_secret|password|"
    r"passwd|pwd|"
    r"auth|code|x-amz-signature|x-amz-security-token|x-goog-signature|private_token|"
    r"job_token)=(?P<value>[^\s&#\"'`<>)\]|]+)",
    re.I,
)
_FLAG = re.compile(
    r"(?<![\w-])--?(?:[a-z0-9]+-){0,4}(?:pass(?:word|wd|phrase)?|pw|pwd|secret|token|(?:api|access|secret|auth|"
    r"account)-?key)"
    rf"(?P<sep>=|[ \t](?![ \t])){VALUE}",
    re.I,
)
_USER_FLAG = re.compile(
    r"""(?:\b(?:curl|https?|wget|ab|hey|wrk|xh)\b[^|;\n`]{0,300}?[ \t]-u[ \t]*|--(?:proxy-)?user[ \t=]+|"""
    r"""--creds?[ \t=]+)["']?(?!system:)[^\s:"'<>$]{1,100}:(?P<value>[^\s"'`]{3,200})"""
)
_COMMAND = re.compile(
    # What follows "-p" and a blank is the name of a database for MySQL, and the password for the others.
    r"""\b(?:mysql\w*|mariadb\w*)\b[^|;\n`]{0,200}?[ \t]-p["']?(?P<a>[^\s"'`-][^\s"'`]{2,100})"""
    r"""|\b(?:sshpass|mongo\w*)\b[^|;\n`]{0,200}?[ \t]-p[ \t]?["']?(?P<j>[^\s"'`-][^\s"'`]{2,100})"""
    r"""|\b(?:docker|podman|helm|az|oc|skopeo|buildah|crane|nerdctl|cf|influx|"""
    r"""rabbitmqadmin)[ \t][^|;\n`]{0,120}?(?:login|add)[^|;\n`]{0,160}?"""
    r"""[ \t]-p[ \t]+["']?(?P<b>[^\s"'`-][^\s"'`]{2,200})"""
    r"""|\bredis-cli\b[^|;\n`]{0,120}?[ \t]-a[ \t]+["']?(?P<c>[^\s"'`]{3,100})|"""
    r"""\bldap\w+\b[^|;\n`]{0,160}?[ \t]-w[ \t]+["']?(?P<d>[^\s"'`]{3,100})"""
    r"""|\b(?:-pass(?:in|out)?[ \t]+pass:|requirepass[ \t]+(?!/)|masterauth[ \t]+(?!/)|"""
    r"""identified[ \t]+by[ \t]+(?=['"]))["']?(?P<e>[^\s"'`;]{3,100})"""
    r"""|\bhtpasswd[ \t]+-\w*b\w*[ \t]+\S+[ \t]+\S+[ \t]+["']?(?P<f>[^\s"'`;]{3,100})|"""
    r"""\bmachine[ \t]+\S+[ \t]+login[ \t]+\S+[ \t]+password[ \t]+(?P<g>[^\s"'`]+)"""
    r"""|\bpassword[ \t]+(?P<h>'[^'\n]{3,100}')|-passin[ \t]+pass:(?P<i>[^\s"'`]{3,100})""",
    re.I,
)
_PGPASS = re.compile(
    r"(?<![\w:.*-])(?:[A-Za-z][\w.-]{0,100}|\*):(?:\d{2,5}|\*):(?:[A-Za-z][\w-]{0,62}|\*):(?:[A-Za-z][\w.@-]{0,62}|\*):"
    r"(?P<value>[^\s:\"'`|)\]<>\\]{4,100})(?![\w:])"
)


def find_transported(line: str) -> Iterator[Found]:
    """Yield the secrets of a line that go to a server as it stands."""
    yield from _in_headers(line)
    yield from _in_urls(line)
    yield from _in_commands(line)


def _in_headers(line: str) -> Iterator[Found]:
    for match in _HEADER.finditer(line):
        group = match.lastgroup or "value"
        value = match[group]
        basic = group == "basic" or (match["scheme"] or "").casefold() == "basic"
        if is_placeholder(value) or is_path(value):
            continue
        if (group == "value" and is_strong(value)) or is_random(value, minimum=8) or (basic and _is_basic(value)):
            yield Found(*match.span(group), "basic-auth" if basic else "authorization", rank=3)


def _is_basic(value: str) -> bool:
    """Tell whether base64 holds `user:password`."""
    return b":" in decoded_base64(value)


def _in_urls(line: str) -> Iterator[Found]:
    for match in _URL.finditer(line):
        value = match["value"]
        web = match["scheme"].casefold() in {"http", "https", "ws", "wss", "git", "ssh"}
        if (web and "/" in value) or value[0] == "/" or re.match(r"\d{2,5}[/?]", value) or is_placeholder(value):
            continue
        yield Found(*match.span("value"), "connection-string", rank=2)
    for match in _DSN.finditer(line):
        if not is_placeholder(match["value"]):
            yield Found(*match.span("value"), "connection-string", rank=3)
    for match in _QUERY.finditer(line):
        if is_random(match["value"], minimum=10) or is_uuid(match["value"]):
            yield Found(*match.span("value"), "url-token", rank=3)


def _in_commands(line: str) -> Iterator[Found]:
    for match in _FLAG.finditer(line):
        start, value, quoted = stated(match)
        weak = (match["sep"] == "=" or quoted) and "pass" in line[match.start() : start].lower()
        if not value.startswith("-") and (is_password(value) if weak else is_strong(value) or is_random(value)):
            yield Found(start, start + len(value), "command-password", rank=3)
    for pattern in (_USER_FLAG, _COMMAND):
        for match in pattern.finditer(line):
            group = match.lastgroup or "value"
            value = without_closing(match[group])
            if is_password(value) and not is_path(value) and not value.isdigit():
                yield Found(match.start(group), match.start(group) + len(value), "command-password", rank=3)
    for match in _PGPASS.finditer(line):
        if is_strong(match["value"]):
            yield Found(*match.span("value"), "pgpass", rank=3)
