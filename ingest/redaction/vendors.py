"""Tokens that can be told by their own form: detect-secrets' patterns, and those that it lacks."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from ingest.redaction.marks import Found
from ingest.redaction.values import is_placeholder, is_random

_FORMS: tuple[tuple[str, str], ...] = (
    ("github-token", r"gh[pousr]_[A-Za-z0-9]{30,255}|github_pat_[A-Za-z0-9_]{40,255}"),
    ("gitlab-token", r"gl(?:pat|dt|ft|soat|rt|rtr|cbt|ptt|agent|imt|oas|ffct)-[\w.-]{20,300}|GR1348941[\w-]{20,}"),
    ("npm-token", r"npm_[A-Za-z0-9]{36,}"),
    ("pypi-token", r"pypi-[A-Za-z0-9_-]{50,}"),
    ("aws-access-key", r"(?:AKIA|ASIA|ABIA|ACCA|A3T[A-Z0-9])[A-Z0-9]{16}(?![A-Za-z0-9])"),
    ("google-api-key", r"AIza[\w-]{35}"),
    ("google-oauth-token", r"ya29\.[\w-]{20,}|GOCSPX-[\w-]{20,}|1//0[\w-]{30,}"),
    ("azure-client-secret", r"[\w~.-]{3}8Q~[\w~.-]{31,34}"),
    ("azure-sas", r"sig=[A-Za-z0-9%+/]{40,}(?:=|%3D)*"),
    ("new-relic-key", r"NR(?:AK|II|JS|RA|SP|AA)-[A-Za-z0-9_-]{19,}|[0-9a-f]{36}NRAL"),
    ("grafana-token", r"gls?a?c?_[A-Za-z0-9+/]{32,}={0,2}(?:_[0-9a-fA-F]{8})?"),
    ("vault-token", r"hv[sbr]\.[\w-]{20,}|s\.[A-Za-z0-9]{24}(?![A-Za-z0-9])"),
    ("terraform-token", r"[A-Za-z0-9]{14}\.atlasv1\.[\w=-]{40,}"),
    ("digitalocean-token", r"do[opr]_v1_[0-9a-f]{64}"),
    ("heroku-key", r"HRKU-[\w-]{36,}"),
    ("mailgun-key", r"key-[0-9a-f]{32}(?![0-9a-f])|[0-9a-f]{32}-[0-9a-f]{8}-[0-9a-f]{8}(?![0-9a-f-])"),
    ("discord-token", r"[MNO][\w-]{23,25}\.[\w-]{6}\.[\w-]{27,38}"),
    ("telegram-token", r"\d{8,10}:[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])"),
    ("anthropic-key", r"sk-ant-[\w-]{24,}"),
    ("openai-key", r"sk-(?:proj-|svcacct-|admin-|or-v1-)?[A-Za-z0-9_-]{32,}"),
    ("shopify-token", r"shp(?:at|ca|pa|ss|ua)_[0-9a-fA-F]{32}"),
    ("slack-token", r"xox[abeoprs]-[\w.-]{10,}|xapp-\d-[\w-]{20,}"),
    ("stripe-key", r"[sr]k_(?:live|test|prod)_[A-Za-z0-9]{16,}|whsec_[A-Za-z0-9+/]{24,}={0,2}"),
    ("sendgrid-key", r"SG\.[\w-]{16,32}\.[\w-]{32,64}"),
    ("twilio-key", r"SK[0-9a-f]{32}(?![0-9a-f])"),
    ("hugging-face-token", r"hf_[A-Za-z0-9]{30,}"),
    ("databricks-token", r"dapi[0-9a-f]{32}"),
    ("linear-key", r"lin_(?:api|oauth)_[A-Za-z0-9]{32,}"),
    ("notion-token", r"(?:secret|ntn)_[A-Za-z0-9]{40,}"),
    ("atlassian-token", r"ATATT3[\w=-]{40,}|ATCTT3[\w=-]{40,}|ATBB[A-Za-z0-9]{28,}"),
    ("docker-token", r"dckr_(?:pat|oat)_[\w-]{27,}"),
    ("age-key", r"AGE-SECRET-KEY-1[0-9A-Z]{50,}"),
    ("sentry-token", r"sntry[su]_[\w+/=-]{32,}"),
    ("dynatrace-token", r"dt0[a-z]\d\d\.[A-Z0-9]{8,24}\.[A-Z0-9]{60,}"),
    ("doppler-token", r"dp\.(?:pt|st|ct|sa|scim|audit)\.[\w.-]{40,}"),
    ("planetscale-token", r"pscale_(?:tkn|pw|oauth)_[\w.-]{32,}"),
    ("pulumi-token", r"pul-[0-9a-f]{40}"),
    ("rubygems-token", r"rubygems_[0-9a-f]{48}"),
    ("tailscale-key", r"tskey-[\w-]{20,}"),
    ("supabase-token", r"sb[ps]_[0-9a-f]{40}"),
    ("artifactory-token", r"cmVmdGtu[A-Za-z0-9]{50,}|AKCp[A-Za-z0-9]{60,}"),
    # A run is tried once, at its start: trying it at every dash would take time with the square of its length.
    ("jwt", r"(?<![\w-])ey[A-Z][\w-]{8,}={0,2}\.ey[A-Z][\w-]{8,}={0,2}(?:\.[\w.+/=-]*)?"),
    ("password-hash", r"\$(?:apr1|1|2[abxy]|5|6|7|y|argon2(?:id?|d)|pbkdf2[\w-]*|scram[\w-]*)\$[\w./$+=,-]{16,}"),
    ("password-hash", r"\{S?SHA(?:256|512)?\}[A-Za-z0-9+/]{20,}={0,2}"),
)
_WEBHOOKS: tuple[tuple[str, str], ...] = (
    ("slack-webhook", r"hooks\.slack(?:-gov)?\.com/(?:services|workflows|triggers)/([\w/-]{18,})"),
    ("discord-webhook", r"discord(?:app)?\.com/api/(?:v\d+/)?webhooks/(\d{10,}/[\w-]{30,})"),
    ("teams-webhook", r"(?:webhook\.office\.com|outlook\.office\.com)/webhook(?:b2)?/([\w@/-]{36,})"),
    ("google-chat-webhook", r"chat\.googleapis\.com/v1/spaces/[\w-]+/messages\?((?:key|token)=[\w&=%-]{20,})"),
    ("deadmanssnitch-webhook", r"(?:nosnch\.in|hc-ping\.com)/([0-9a-f-]{10,36})(?![\w-])"),
)
_NEEDS_RANDOM = frozenset({"openai-key", "slack-token", "grafana-token", "vault-token", "tailscale-key"})
# Told better here or in the modules beside this one; npm's and OpenAI's also take time with the square of a line.
_LEFT_OUT = frozenset(
    {"BasicAuthDetector", "IPPublicDetector", "JwtTokenDetector", "NpmDetector", "OpenAIDetector", "PrivateKeyDetector"}
)
_LIBRARY_NEEDS_RANDOM = frozenset({"artifactory", "cloudant", "ibm-cloud-iam", "ibm-cos-hmac", "softlayer"})


def find_vendor_tokens(line: str) -> Iterator[Found]:
    """Yield the tokens of known vendors in a line."""
    for match in _own_forms().finditer(line):
        kind = _FORMS[int((match.lastgroup or "k0")[1:])][0]
        if not _stands_in(match.group(), kind):
            yield Found(match.start(), match.end(), kind, rank=0)
    for match in _webhooks().finditer(line):
        number = match.lastindex or 1
        if not is_placeholder(match.group(number).rsplit("/", 1)[-1]):
            yield Found(*match.span(number), _WEBHOOKS[number - 1][0], rank=0)
    yield from _by_library(line)


def _by_library(line: str) -> Iterator[Found]:
    for kind, pattern in _library_forms():
        for match in pattern.finditer(line):
            start, end = _value_of(match)
            value = line[start:end]
            if is_placeholder(value) or (kind in _LIBRARY_NEEDS_RANDOM and not is_random(value)):
                continue
            yield Found(start, end, kind, rank=2)


def _stands_in(token: str, kind: str) -> bool:
    """Tell whether a token is one of documentation: EXAMPLE in it, or the same letter over and over."""
    if re.search(r"EXAMPLE|(.)\1{5,}|x{4,}|X{4,}|\.{3}", token):
        return True
    return kind in _NEEDS_RANDOM and not is_random(re.split(r"[._-]", token, maxsplit=1)[-1])


def _value_of(match: re.Match[str]) -> tuple[int, int]:
    """Return the span of the value: the longest group where it is long, else the whole without white space."""
    groups = [match.span(number) for number in range(1, (match.re.groups or 0) + 1) if match.group(number)]
    start, end = max(groups, key=lambda span: span[1] - span[0], default=match.span())
    if end - start < 16:
        start, end = match.span()
    whole = match.string[start:end]
    bare = whole.strip(" \t=:\"'")
    start += whole.index(bare)
    return start, start + len(bare)


@cache
def _own_forms() -> re.Pattern[str]:
    branches = "|".join(f"(?P<k{number}>{form})" for number, (_, form) in enumerate(_FORMS))
    return re.compile(rf"(?<![A-Za-z0-9])(?:{branches})")


@cache
def _webhooks() -> re.Pattern[str]:
    return re.compile("|".join(form for _, form in _WEBHOOKS))


@cache
def _library_forms() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Return the patterns of detect-secrets with a short kind each; its entry points verify tokens over the network."""
    from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
    from detect_secrets.plugins.base import RegexBasedDetector

    found: list[tuple[str, re.Pattern[str]]] = []
    plugins: dict[str, Any] = get_mapping_from_secret_type_to_class()
    for plugin in plugins.values():
        if issubclass(plugin, RegexBasedDetector) and plugin.__name__ not in _LEFT_OUT:
            kind = plugin.__module__.rsplit(".", 1)[-1].replace("_", "-").removesuffix("-key")
            found += [(kind, pattern) for pattern in plugin.denylist]
    return tuple(found)
