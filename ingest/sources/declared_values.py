"""The types of single values in `groundwatch.yaml`, each refusing what could not be meant, with what to do."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Annotated
from urllib.parse import parse_qsl, urlsplit

from pydantic import AfterValidator, BeforeValidator, Field

from ingest.sources import schedules

_STARS = 12  # more in one pattern would make matching slow, and nobody means them
_SCHEMES = ("http", "https", "ssh", "git", "file")
_CREDENTIAL = re.compile(r"(?:access|private|auth|api)?[_-]?(?:token|secret|password|passwd|key|sig|signature)")


class CredentialInFile(ValueError):
    """A value holds a credential: it must not be repeated in a message."""


def _listed(value: object) -> object:
    """Let one word stand for a list of one."""
    return [value] if isinstance(value, str) else value


def _checked(check: Callable[[str], object]) -> AfterValidator:
    def validate(value: str) -> str:
        check(value)
        return value

    return AfterValidator(validate)


def _check_glob(pattern: str) -> None:
    if not pattern.strip("/ ") or pattern.count("*") > _STARS:
        raise ValueError(f"is no pattern over paths; write one such as 'runbooks/**' (at most {_STARS} stars)")
    if ".." in pattern.split("/"):
        raise ValueError("leads out of the source; paths are relative to its root, so leave the '..' out")


def _check_allowed(pattern: str) -> None:
    try:
        found = re.compile(pattern)
    except re.error as error:
        raise ValueError(f"is no regular expression: {error}; correct it") from error
    if found.match(""):
        raise ValueError("matches an empty text too, so it would let every secret through; make it more exact")


def _check_web_address(address: str) -> None:
    _check_no_credential(address)
    parts = _parts(address)
    if parts is None or parts[0] not in ("http", "https") or not parts[1]:
        raise ValueError("is no web address; write one that starts with https:// or http://")


def _check_repository(address: str) -> None:
    _check_no_credential(address)
    if address.startswith("-"):
        raise ValueError("starts with '-', which git would take for an option; write a URL or a path")
    parts = _parts(address)
    if parts is None or ("://" in address and parts[0] not in _SCHEMES):
        raise ValueError(f"is no address of a repository; write a URL ({', '.join(_SCHEMES)}) or a path")


def _check_no_credential(address: str) -> None:
    parts = _parts(address)
    if parts is None:
        return
    scheme, authority, query = parts
    user, at, _ = authority.rpartition("@")
    if at and (scheme != "ssh" or ":" in user):
        raise CredentialInFile(
            "has a user name or password in it; leave it out and name an environment variable with 'token_env'"
        )
    if any(_CREDENTIAL.fullmatch(key.lower()) for key, _ in parse_qsl(query)):
        raise CredentialInFile(
            "has a credential among its parameters; leave it out and name an environment variable with 'token_env'"
        )


def _parts(address: str) -> tuple[str, str, str] | None:
    """Return scheme, authority and query of a URL; None where it cannot be one."""
    try:
        split = urlsplit(address)
        _ = split.port
    except ValueError:
        return None
    return split.scheme, split.netloc, split.query


Text = Annotated[str, Field(min_length=1, max_length=500)]
Names = Annotated[tuple[Text, ...], BeforeValidator(_listed)]
Globs = Annotated[tuple[Annotated[Text, _checked(_check_glob)], ...], BeforeValidator(_listed)]
Glob = Annotated[Text, _checked(_check_glob)]
WebAddress = Annotated[Text, _checked(_check_web_address)]
WebAddresses = Annotated[tuple[WebAddress, ...], BeforeValidator(_listed)]
Repository = Annotated[Text, _checked(_check_repository)]
AllowedPatterns = Annotated[tuple[Annotated[Text, _checked(_check_allowed)], ...], BeforeValidator(_listed)]
Duration = Annotated[timedelta, BeforeValidator(schedules.duration)]
CronLine = Annotated[str, _checked(schedules.check_cron)]
Share = Annotated[float, Field(ge=0, le=1)]
Slug = Annotated[str, Field(pattern=r"^[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?$")]
# Capitals only: a token that is pasted here by mistake nearly always has other characters.
Variable = Annotated[str, Field(pattern=r"^[A-Z_][A-Z0-9_]*$", max_length=200)]
