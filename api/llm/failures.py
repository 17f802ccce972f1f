"""What went wrong with a language model, told as our errors: each names the model and the next step."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from pydantic import SecretStr

from api.errors import LanguageModelDown, LanguageModelError, LanguageModelRefused

_PASSING = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
_NO_CREDIT = re.compile(
    r"insufficient[_ ]quota|current quota|billing|credit balance|out of credits?|payment required", re.IGNORECASE
)
_TOO_LONG = re.compile(
    r"context[_ ](?:length|window)|maximum context|prompt is too long|too many tokens", re.IGNORECASE
)
_FILTERED = re.compile(r"content[_ ](?:filter|policy|management)|safety", re.IGNORECASE)
_OVERLOADED = re.compile(r"overloaded|rate[_ ]limit|server[_ ]error|try again|temporarily|internal", re.IGNORECASE)
_LONGEST_DETAIL = 300


class PassingFailure(LanguageModelDown):
    """A failure that may be gone on the next try; `wait` is how many seconds the provider asked for, if it did."""

    def __init__(self, message: str, wait: float | None = None) -> None:
        super().__init__(message)
        self.wait = wait


class OutOfTime(LanguageModelDown):
    """The answer was not there in time; the provider may have worked on it, and may charge for it."""


class RequestRejected(LanguageModelRefused):
    """The provider does not take the request in this form; `detail` is what it said."""

    def __init__(self, message: str, detail: str) -> None:
        super().__init__(message)
        self.detail = detail


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Which model is asked, and where. The key is shown nowhere."""

    provider: str
    model: str
    base_url: str
    key: SecretStr | None = None

    @property
    def name(self) -> str:
        """Provider and model, as shown to a reader."""
        return f"{self.provider} {self.model}"

    @property
    def where(self) -> str:
        """The subject of a sentence about a failure."""
        return f"{self.provider} model {self.model!r} at {self.base_url}"


def of_status(endpoint: Endpoint, status: int, body: bytes, headers: Mapping[str, str]) -> LanguageModelError:
    """Return the error that a response without an answer means."""
    detail = scrubbed(endpoint, _detail(body))
    said = f"{endpoint.where} answered {status}" + (f" ({detail})" if detail else "")
    if status == 402 or _NO_CREDIT.search(detail):
        return LanguageModelDown(f"{said}: no credit is left; add some with the provider or use another key")
    if status == 401:
        return LanguageModelDown(f"{said}: the key is missing or wrong; set GROUNDWATCH_LLM_API_KEY")
    if status == 403:
        return LanguageModelDown(f"{said}: the key may not use this; check its rights and GROUNDWATCH_LLM_MODEL")
    if status in (404, 405):
        return LanguageModelDown(f"{said}: check GROUNDWATCH_LLM_MODEL and {_path_hint(endpoint)}")
    if 300 <= status < 400:
        target = scrubbed(endpoint, headers.get("location", "elsewhere"))
        return LanguageModelDown(f"{said}: it redirects to {target!r}; set GROUNDWATCH_LLM_BASE_URL to where it ends")
    if status in _PASSING:
        wait = asked_wait(headers)
        after = f", in {math.ceil(wait)} s at the earliest" if wait else ""
        return PassingFailure(f"{said}: it is overloaded or limits requests; ask again later{after}", wait)
    if 400 <= status < 500:
        return _rejected(said, detail)
    return LanguageModelError(f"{said}, which is no answer to a chat; check GROUNDWATCH_LLM_BASE_URL")


def of_connection(endpoint: Endpoint, error: Exception) -> LanguageModelError:
    """Return the error that a failing connection means; `error` is one of httpx."""
    told = scrubbed(endpoint, str(error)) or type(error).__name__
    if "CERTIFICATE" in told.upper():
        return LanguageModelDown(
            f"{endpoint.where} shows a certificate that is not trusted ({told}); point SSL_CERT_FILE at its authority"
        )
    return PassingFailure(
        f"{endpoint.where} cannot be reached or broke off ({told}); check that it runs and GROUNDWATCH_LLM_BASE_URL"
    )


def of_event(endpoint: Endpoint, told: str) -> LanguageModelError:
    """Return the error that a failure told inside of a stream means."""
    detail = scrubbed(endpoint, told)
    said = f"{endpoint.where} failed while it answered ({detail})"
    if _NO_CREDIT.search(detail):
        return LanguageModelDown(f"{said}: no credit is left; add some with the provider or use another key")
    if _OVERLOADED.search(detail):
        return PassingFailure(f"{said}; ask again later")
    if _FILTERED.search(detail):
        return LanguageModelRefused(f"{said}: a content filter stopped it; ask in other words")
    return LanguageModelError(f"{said}; ask again, and look at the provider's log if that fails too")


def out_of_time(endpoint: Endpoint, seconds: float) -> LanguageModelError:
    """Return the error of a call that is not done when its time is up."""
    return OutOfTime(
        f"{endpoint.where} did not finish within {seconds:g} s; raise GROUNDWATCH_LLM_TIMEOUT_SECONDS or use a "
        "faster model"
    )


def too_much(endpoint: Endpoint) -> LanguageModelError:
    """Return the error of an answer that is far longer than what was asked for."""
    return LanguageModelError(
        f"{endpoint.where} sends far more than it was asked for and was stopped; check that it keeps "
        "to a limit of tokens"
    )


def broken(endpoint: Endpoint, what: str) -> LanguageModelError:
    """Return the error of an answer that is not what the provider's interface says."""
    return LanguageModelError(
        f"{endpoint.where} answered with {scrubbed(endpoint, what)}; check that GROUNDWATCH_LLM_PROVIDER and "
        "GROUNDWATCH_LLM_BASE_URL belong together"
    )


def scrubbed(endpoint: Endpoint, text: str) -> str:
    """Return words of others fit for a message: one short line, without the key that they may repeat."""
    key = endpoint.key.get_secret_value() if endpoint.key else ""
    line = " ".join(text.replace(key, "(key)").split() if key else text.split())
    line = "".join(letter for letter in line if letter.isprintable())
    return line if len(line) <= _LONGEST_DETAIL else line[:_LONGEST_DETAIL] + "…"


def reveals_key(endpoint: Endpoint, error: BaseException) -> bool:
    """Tell whether the text of a vendor's error, or of one behind it, repeats the key."""
    key = endpoint.key.get_secret_value() if endpoint.key else ""
    return bool(key) and any(key in f"{each} {each!r}" for each in chain(error))


def chain(error: BaseException) -> list[BaseException]:
    """Return an error and those that it was raised from."""
    found: list[BaseException] = []
    each: BaseException | None = error
    while each is not None and each not in found:
        found.append(each)
        each = each.__cause__ or each.__context__
    return found


def asked_wait(headers: Mapping[str, str]) -> float | None:
    """Return how many seconds a Retry-After header asks to wait: a number or a date (RFC 9110, 10.2.3)."""
    value = headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]{1,9}(?:\.[0-9]{1,9})?", value):
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def _rejected(said: str, detail: str) -> LanguageModelError:
    if _TOO_LONG.search(detail):
        step = "the question and its sources are too long for the model; use one with a larger context"
    elif _FILTERED.search(detail):
        step = "a content filter refused it; ask in other words"
    else:
        step = "it refuses the request as it is; check GROUNDWATCH_LLM_MODEL and what that model takes"
    return RequestRejected(f"{said}: {step}", detail)


def _path_hint(endpoint: Endpoint) -> str:
    if endpoint.provider == "ollama":
        return f"GROUNDWATCH_LLM_BASE_URL, and fetch the model there: ollama pull {endpoint.model}"
    if endpoint.provider == "openai":
        return "GROUNDWATCH_LLM_BASE_URL (it mostly ends in /v1)"
    return "GROUNDWATCH_LLM_BASE_URL"


def _detail(body: bytes) -> str:
    """Return the message that the body of a failure holds, whichever of the usual shapes it has."""
    text = body.decode("utf-8", "replace").strip()
    try:
        decoded: Any = json.loads(text)
    except (ValueError, RecursionError):
        return "an HTML page" if text[:200].lstrip().startswith("<") else text
    inner = decoded.get("error", decoded) if isinstance(decoded, dict) else decoded
    if not isinstance(inner, dict):
        return str(inner)
    parts = [inner.get(name) for name in ("message", "detail", "code", "type")]
    told = [part for part in parts if isinstance(part, str) and part]
    return "; ".join(dict.fromkeys(told)) or text
