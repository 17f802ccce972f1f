"""Settings of language models; environment prefix `GROUNDWATCH_LLM_`. Without them no model is asked, ever."""

import json
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from ingest.errors import UsageError

_PREFIX = "GROUNDWATCH_LLM_"
_OPENAI_URL = "https://api.openai.com/v1"


class LanguageModelSettings(BaseSettings):
    """Which language model writes, where it is, and what it may cost."""

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX, env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True
    )

    provider: Literal["none", "openai", "anthropic", "ollama"] = Field(
        "none",
        description="Who serves the language model: openai means any server that speaks like OpenAI; with none, no "
        "model is ever asked.",
    )
    model: str = Field("", description="Name of the model, as its provider writes it.")
    base_url: str = Field(
        "",
        description="URL of the provider: needed for openai; Anthropic's own or a local Ollama where those are unset.",
    )
    api_key: SecretStr | None = Field(None, description="Key of the provider.")
    timeout_seconds: float = Field(60.0, gt=0, le=3600, description="Seconds that the model may take for one answer.")
    max_tokens: int = Field(1_500, ge=1, le=200_000, description="Tokens that the model may write for one answer.")
    context_window: int = Field(
        8_192, ge=512, description="Tokens that prompt and answer may have together; Ollama is told, others know."
    )
    attempts: int = Field(3, ge=1, le=10, description="How often a call is tried that fails before its first word.")
    daily_tokens: int | None = Field(
        None, ge=0, description="Tokens, of prompts and answers, that a day (UTC) may take; no limit where unset."
    )
    daily_cost: float | None = Field(
        None, ge=0, allow_inf_nan=False, description="Money that a day (UTC) may cost, in the currency of the prices."
    )
    price_prompt: float = Field(0.0, ge=0, allow_inf_nan=False, description="Price of a million tokens of prompts.")
    price_completion: float = Field(0.0, ge=0, allow_inf_nan=False, description="Price of a million tokens of answers.")
    mask: bool = Field(
        True, description="Replace secrets, hosts, addresses and names in what is sent, and put them back in answers."
    )
    mask_domains: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Your own domains, comma-separated: every name at or below one is masked."
    )
    mask_keep: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Host names, domains and addresses that are not masked, comma-separated."
    )
    mask_people: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Names and handles of people that are masked, comma-separated."
    )
    mask_patterns: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Regular expressions of what else is masked: one, or a JSON list of them."
    )

    @field_validator("mask_domains", "mask_keep", "mask_people", mode="before")
    @classmethod
    def _listed(cls, value: Any) -> Any:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("mask_patterns", mode="before")
    @classmethod
    def _one_or_list(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        try:
            decoded = json.loads(value)
        except ValueError:
            decoded = None  # `[A-Z]{3}` opens like a list and is one expression
        if isinstance(decoded, list) and all(isinstance(each, str) for each in decoded):
            return tuple(decoded)
        return (value,) if value else ()

    @field_validator("api_key")
    @classmethod
    def _fits_a_header(cls, value: SecretStr | None) -> SecretStr | None:
        key = value.get_secret_value().strip() if value else ""
        if not key.isascii() or any(letter.isspace() or not letter.isprintable() for letter in key):
            raise ValueError("it holds a space or a letter that no key has")
        return SecretStr(key) if key else None

    @field_validator("base_url")
    @classmethod
    def _plain_url(cls, value: str) -> str:
        if not value:
            return value
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0:
            raise ValueError("it is no http or https URL")
        if parts.username or parts.password or parts.query or parts.fragment:
            raise ValueError(f"it holds more than host and path; a key goes to {_PREFIX}API_KEY")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.provider == "none":
            return self
        if not self.model:
            raise ValueError(f"{_PREFIX}MODEL is not set; name the model that {self.provider} should serve")
        if self.provider == "openai" and not self.base_url:
            raise ValueError(
                f"{_PREFIX}BASE_URL is not set; openai is the language of many servers, so name yours ({_OPENAI_URL} "
                "for OpenAI itself)"
            )
        if self.provider == "anthropic" and not self.api_key:
            raise ValueError(f"{_PREFIX}API_KEY is not set; Anthropic answers to a key only")
        if self.daily_cost is not None and not (self.price_prompt or self.price_completion):
            raise ValueError(f"{_PREFIX}DAILY_COST needs {_PREFIX}PRICE_PROMPT and {_PREFIX}PRICE_COMPLETION")
        return self


def load_llm_settings(**given: Any) -> LanguageModelSettings:
    """Read the settings from the environment, values given going first; None counts as not given.

    Raises UsageError that names the variable and the value.
    """
    try:
        return LanguageModelSettings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        # Not raised from the other one: that would show the whole input, the key included.
        raise UsageError("; ".join(_complaint(one) for one in error.errors(include_url=False))) from None


def _complaint(error: Any) -> str:
    message = str(error["msg"]).removeprefix("Value error, ")
    if not error["loc"]:
        return message
    name = str(error["loc"][0])
    value = "" if name in ("api_key", "base_url") else f"={error['input']!r}"
    return f"{_PREFIX}{name.upper()}{value}: {message[:1].lower()}{message[1:]}; correct it or unset it"
