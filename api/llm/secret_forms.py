"""Where a text holds secrets: tokens of known form, keys, passwords beside their name, and random strings."""

import math
import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from api.llm.found import Category, Sensitive

_TOKENS = re.compile(
    r"""(?<![A-Za-z0-9_])(?:
      (?:AKIA|ASIA|AROA|AIDA|ABIA|ACCA)[A-Z0-9]{16}
    | gh[pousr]_[A-Za-z0-9]{20,255} | github_pat_[A-Za-z0-9_]{20,255}
    | gl(?:pat|ptt|rt|dt|ft|cbt|soat|agent)-[A-Za-z0-9_-]{16,255}
    | xox[abeoprs]-[A-Za-z0-9-]{10,255} | xapp-[A-Za-z0-9-]{10,255}
    | (?:sk|rk|pk|whsec)_(?:live|test)?_?[A-Za-z0-9]{16,255}
    | sk-[A-Za-z0-9_-]{16,255} | AIza[A-Za-z0-9_-]{30,60} | ya29\.[A-Za-z0-9_-]{20,500}
    | npm_[A-Za-z0-9]{30,60} | pypi-[A-Za-z0-9_-]{30,255} | dop_v1_[a-f0-9]{40,80} | hf_[A-Za-z0-9]{20,60}
    | SG\.[A-Za-z0-9_-]{16,40}\.[A-Za-z0-9_-]{16,80} | (?:SK|AC)[a-f0-9]{32} | dapi[a-f0-9]{32}
    | hv[sbr]\.[A-Za-z0-9_-]{20,255} | glsa_[A-Za-z0-9_]{20,80} | glc_[A-Za-z0-9+/=]{20,255}
    | NRAK-[A-Z0-9]{20,40} | AGE-SECRET-KEY-1[A-Z0-9]{50,70} | tskey-[a-z]+-[A-Za-z0-9-]{10,80}
    | eyJ[A-Za-z0-9_-]{8,4000}\.[A-Za-z0-9_-]{4,8000}(?:\.[A-Za-z0-9_-]{0,4000})?
    )""",
    re.VERBOSE,
)
_PRIVATE_KEY = re.compile(
    r"-----BEGIN (?P<what>[A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?)-----.{0,20000}?(?:-----END (?P=what)-----|\Z)",
    re.DOTALL,
)
_USER_INFO = re.compile(r"://(?P<secret>[^\s/@:]{0,200}:[^\s/@]{1,200}|[^\s/@:]{12,200})@")
_AUTHORIZATION = re.compile(
    r"\b(?:authorization[\"']?\s{0,3}[:=]\s{0,3}[\"']?(?:bearer|basic|token|apikey)|bearer)\s{1,3}"
    r"(?P<secret>[A-Za-z0-9+/=._~-]{8,8000})",
    re.IGNORECASE,
)
_NAMES = (
    r"pass(?:w(?:or)?d|phrase)?|pwd|secret|token|credentials?|"
    r"(?:api|app|access|secret|private|client|account|auth|encryption|signing|master|shared|license|storage|deploy|"
    r"session|service|ssh|hmac)[ _-]?key"
)
_ASSIGNED = re.compile(
    rf"(?P<name>{_NAMES})(?P<suffix>[\w-]{{0,30}})[\"'`\]*]{{0,3}}[ \t]{{0,8}}(?P<sep>=>|:=|=|:)[ \t]{{0,8}}"
    r"""(?:"(?P<double>[^"\n]{4,500})"|'(?P<single>[^'\n]{4,500})'|`(?P<tick>[^`\n]{4,500})`|(?P<bare>[^\s"'`,;&|<>)\]}]{4,500}))""",
    re.IGNORECASE,
)
_SPOKEN = re.compile(
    rf"\b(?:{_NAMES})\b[ \t]{{1,4}}(?:is|was|to)[ \t:]{{1,3}}[\"'`]?(?P<secret>[^\s\"'`,;<>]{{6,200}})", re.IGNORECASE
)
_OPTION = re.compile(r"(?<!\S)(?:-p|--password|--token|--secret)[ =]?(?P<secret>[^\s\"'`<$-][^\s\"'`]{4,200})")
# What a name goes on with where it stands beside a fact about a secret.
_ABOUT = re.compile(
    r"name|file|path|ref|policy|length|type|ur[il]|id\b|version|expir|ttl|count|age|reset|rotat|field|header|format|"
    r"limit|s?_?total|seconds|request|manager|provider|store|mount",
    re.IGNORECASE,
)
_STAND_IN = re.compile(
    r"^(?:<.*|\$.*|%.*|\{\{.*|\*+|x{3,}|\.{3,}|⟦.*|null|none|nil|true|false|yes|no|required|optional|empty|changeme|"
    r"redacted|your[-_ ].*|example|secret|password|token|string)$",
    re.IGNORECASE,
)
_RUN = re.compile(r"(?<![A-Za-z0-9+/_=.:-])[A-Za-z0-9+/_-]{24,512}={0,2}(?![A-Za-z0-9+/_=])")
_HEX = re.compile(r"(?<![A-Za-z0-9:_-])[0-9A-Fa-f]{32,256}(?![A-Za-z0-9_-])")
_ENOUGH_BITS = 3.9
"""Bits a character (Shannon's entropy of the string): words and paths have fewer, base64 of random bytes more."""


def find_secrets(text: str) -> Iterator[Sensitive]:
    """Yield the secrets of a text; spans may overlap."""
    for pattern in (_TOKENS, _PRIVATE_KEY, _HEX):
        for match in pattern.finditer(text):
            yield Sensitive(*match.span(), Category.SECRET)
    for pattern in (_USER_INFO, _AUTHORIZATION):
        for match in pattern.finditer(text):
            if not _STAND_IN.match(match["secret"]):
                yield Sensitive(*match.span("secret"), Category.SECRET)
    yield from _assigned(text)
    for match in _RUN.finditer(text):
        if _is_random(match.group()):
            yield Sensitive(*match.span(), Category.SECRET)


def _assigned(text: str) -> Iterator[Sensitive]:
    for match in _ASSIGNED.finditer(text):
        group = next(name for name in ("double", "single", "tick", "bare") if match[name] is not None)
        if not _ABOUT.search(match["suffix"]) and _is_value(match[group]):
            exact = group != "bare" or match["sep"] == "=" or _ends_line(text, match.end(group))
            if not _is_plain(match[group]) or (exact and match["name"][:1] in "pP"):
                yield Sensitive(*match.span(group), Category.SECRET)
    for pattern in (_SPOKEN, _OPTION):
        for match in pattern.finditer(text):
            value = match["secret"].rstrip(".!?:")
            if _is_value(value) and not value.isalpha():
                yield Sensitive(match.start("secret"), match.start("secret") + len(value), Category.SECRET)


def _is_value(value: str) -> bool:
    """Tell whether a value can be a secret: no stand-in for one, and no place where one is kept."""
    return not _STAND_IN.match(value) and not value.startswith(("/", "./", "http://", "https://", "vault:", "arn:"))


def _is_plain(value: str) -> bool:
    """Tell whether a value reads like a word of a sentence."""
    return value.isalpha() and value[1:].islower() and len(value) < 16


def _ends_line(text: str, position: int) -> bool:
    return re.compile(r"[ \t]*(?:[,;#&|)}\]]|$)", re.MULTILINE).match(text, position) is not None


def _is_random(run: str) -> bool:
    kinds = (any(map(str.isupper, run)), any(map(str.islower, run)), any(map(str.isdigit, run)))
    if not all(kinds) or run.count("/") > len(run) // 8 or run.count("-") + run.count("_") > len(run) // 6:
        return False
    counts = Counter(run)
    bits = -sum(count / len(run) * math.log2(count / len(run)) for count in counts.values())
    digits = sum(map(str.isdigit, run))
    return bits >= _ENOUGH_BITS and digits >= 3 and _changes(run) >= len(run) // 4


def _changes(run: str) -> int:
    """Return how often the kind of character changes: in CamelCase words seldom, in random strings often."""
    kinds = ["d" if letter.isdigit() else "u" if letter.isupper() else "l" for letter in run]
    return sum(first != second for first, second in pairwise(kinds))
