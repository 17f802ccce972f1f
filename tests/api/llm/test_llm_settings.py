"""What may be set, and what a wrong setting says."""

import traceback

import pytest

from api.llm.settings import LanguageModelSettings, load_llm_settings
from ingest.errors import UsageError


def complaint(monkeypatch: pytest.MonkeyPatch, **variables: str) -> str:
    """Return what is said about these variables."""
    for name, value in variables.items():
        monkeypatch.setenv(f"GROUNDWATCH_LLM_{name}", value)
    with pytest.raises(UsageError) as raised:
        load_llm_settings()
    assert not any("k-verysecret" in line for line in traceback.format_exception(raised.value))
    return str(raised.value)


def test_without_settings_there_is_no_model() -> None:
    assert load_llm_settings().provider == "none"
    assert load_llm_settings().mask


def test_every_setting_says_what_it_does_in_one_line() -> None:
    descriptions = [field.description or "" for field in LanguageModelSettings.model_fields.values()]

    assert not [text for text in descriptions if not text.endswith(".") or "\n" in text]


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROUNDWATCH_LLM_PROVIDER", "openai")
    monkeypatch.setenv("GROUNDWATCH_LLM_MODEL", "small-1")
    monkeypatch.setenv("GROUNDWATCH_LLM_BASE_URL", "http://llm.test/v1/")
    monkeypatch.setenv("GROUNDWATCH_LLM_MASK_DOMAINS", "shop.test, shop.corp ,")
    monkeypatch.setenv("GROUNDWATCH_LLM_DAILY_TOKENS", "")

    settings = load_llm_settings()

    assert (settings.base_url, settings.mask_domains) == ("http://llm.test/v1", ("shop.test", "shop.corp"))
    assert settings.daily_tokens is None


@pytest.mark.parametrize(
    ("value", "patterns"),
    [
        (r"CUST-\d{3,5}", (r"CUST-\d{3,5}",)),
        ("[A-Z]{3}", ("[A-Z]{3}",)),
        ("[0-9]", ("[0-9]",)),
        (r'["CUST-\\d+", "ORD,1"]', (r"CUST-\d+", "ORD,1")),
        ("", ()),
    ],
)
def test_patterns_are_one_expression_or_a_list(value: str, patterns: tuple[str, ...]) -> None:
    assert load_llm_settings(mask_patterns=value).mask_patterns == patterns


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"PROVIDER": "watson"}, "GROUNDWATCH_LLM_PROVIDER='watson': input should be 'none', 'openai'"),
        ({"PROVIDER": "ollama"}, "GROUNDWATCH_LLM_MODEL is not set"),
        ({"PROVIDER": "openai", "MODEL": "m"}, "GROUNDWATCH_LLM_BASE_URL is not set"),
        ({"PROVIDER": "anthropic", "MODEL": "m"}, "GROUNDWATCH_LLM_API_KEY is not set"),
        ({"PROVIDER": "anthropic", "MODEL": "m", "API_KEY": " "}, "GROUNDWATCH_LLM_API_KEY is not set"),
        ({"BASE_URL": "llm.test"}, "GROUNDWATCH_LLM_BASE_URL: it is no http or https URL"),
        ({"BASE_URL": "file:///etc/passwd"}, "GROUNDWATCH_LLM_BASE_URL: it is no http or https URL"),
        ({"BASE_URL": "http://llm.test:99999"}, "GROUNDWATCH_LLM_BASE_URL"),
        ({"BASE_URL": "http://me:k-verysecret@llm.test"}, "GROUNDWATCH_LLM_BASE_URL: it holds more than host and path"),
        ({"API_KEY": "k-verysecret with space"}, "GROUNDWATCH_LLM_API_KEY: it holds a space"),
        ({"API_KEY": "k-verysecret\n", "MODEL": "m", "PROVIDER": "openai"}, "GROUNDWATCH_LLM_BASE_URL is not set"),
        ({"TIMEOUT_SECONDS": "0"}, "GROUNDWATCH_LLM_TIMEOUT_SECONDS='0': input should be greater than 0"),
        ({"MAX_TOKENS": "many"}, "GROUNDWATCH_LLM_MAX_TOKENS='many'"),
        ({"DAILY_COST": "nan"}, "GROUNDWATCH_LLM_DAILY_COST"),
        (
            {"PROVIDER": "ollama", "MODEL": "m", "DAILY_COST": "5"},
            "GROUNDWATCH_LLM_DAILY_COST needs GROUNDWATCH_LLM_PRICE_PROMPT",
        ),
    ],
)
def test_a_wrong_setting_names_its_variable_and_never_a_key(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], words: str
) -> None:
    assert words in complaint(monkeypatch, **variables)


def test_a_key_is_not_shown() -> None:
    settings = load_llm_settings(api_key="k-verysecret", provider="anthropic", model="m")

    assert "k-verysecret" not in f"{settings!r} {settings} {settings.model_dump()}"
