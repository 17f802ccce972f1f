"""The whole of it: settings in, a model out that retries, keeps its budget and masks."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from api.errors import BudgetSpent, UsageError
from api.llm.chat_model import ChatModel, complete
from api.llm.ledgers import FileLedger, MemoryLedger
from api.llm.opening import load_libraries, open_chat_model
from api.llm.settings import load_llm_settings
from tests.api.llm.asking import PROVIDERS, request_of
from tests.api.llm.scripted_server import Script, ScriptedServer, serving


def opened(server: ScriptedServer, provider: str, tmp_path: Path, **given: object) -> ChatModel:
    base_url = server.openai_url if provider == "openai" else server.url
    settings = load_llm_settings(provider=provider, model="small-1", base_url=base_url, api_key="k-1", **given)
    model = open_chat_model(settings, FileLedger(tmp_path / "budget.json"), people=["Ann Onym"])
    assert model is not None
    return model


def test_without_a_provider_there_is_no_model() -> None:
    assert open_chat_model(load_llm_settings(), MemoryLedger()) is None


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_question_goes_out_masked_and_comes_back_whole_and_counted(provider: str, tmp_path: Path) -> None:
    with serving(Script(status=503, headers=(("retry-after", "0"),)), Script("Ask PERSON_1 about HOST_1")) as server:
        model = opened(server, provider, tmp_path)
        completion = complete(model, request_of("Ann Onym says that db1.shop.com is slow"))

    assert completion.text == "Ask Ann Onym about db1.shop.com"
    assert "PERSON_1 says that HOST_1 is slow" in server.asked[1].words
    assert FileLedger(tmp_path / "budget.json").spent(datetime.now(UTC).date()).tokens == 18
    assert model.name == f"{provider} small-1"


def test_the_budget_of_a_day_outlives_the_process(tmp_path: Path) -> None:
    with serving(Script()) as server:
        complete(opened(server, "openai", tmp_path, daily_tokens=150), request_of(max_tokens=100))
        again = opened(server, "openai", tmp_path, daily_tokens=120)

        with pytest.raises(BudgetSpent, match="18 of 120 tokens"):
            complete(again, request_of(max_tokens=100))

    assert len(server.asked) == 1


def test_masking_can_be_switched_off(tmp_path: Path) -> None:
    with serving(Script("HOST_1")) as server:
        completion = complete(opened(server, "openai", tmp_path, mask=False), request_of("db1.shop.com"))

    assert completion.text == "HOST_1"
    assert "db1.shop.com" in server.asked[0].words


def test_a_url_of_anthropic_may_hold_the_version_or_not(tmp_path: Path) -> None:
    with serving(Script()) as server:
        settings = load_llm_settings(provider="anthropic", model="m", base_url=f"{server.url}/v1", api_key="k")
        model = open_chat_model(settings, MemoryLedger())
        assert model is not None
        complete(model, request_of())

    assert server.asked[0].path == "/v1/messages"


def test_a_pattern_that_is_none_names_its_setting() -> None:
    settings = load_llm_settings(provider="ollama", model="m", mask_patterns="CUST-[")

    with pytest.raises(UsageError, match="GROUNDWATCH_LLM_MASK_PATTERNS: 'CUST-\\['"):
        open_chat_model(settings, MemoryLedger())


def test_libraries_can_be_loaded_before_the_first_question() -> None:
    load_libraries(load_llm_settings(provider="ollama", model="m"))
    load_libraries(load_llm_settings())

    assert "ollama" in sys.modules


def test_opening_loads_no_library_and_asks_nobody() -> None:
    code = (
        "import sys; from api.llm.opening import open_chat_model; from api.llm.ledgers import MemoryLedger;"
        "from api.llm.settings import load_llm_settings;"
        "assert open_chat_model(load_llm_settings(provider='ollama', model='m'), MemoryLedger());"
        "print([name for name in ('llama_index.core', 'openai', 'anthropic', 'ollama') if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert found.stdout.strip() == "[]"
