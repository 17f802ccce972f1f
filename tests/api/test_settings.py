"""Settings: defaults, what goes wrong in them, and who may reach the API."""

from pathlib import Path

import pytest

from api.errors import UsageError
from api.settings import ApiSettings, check_exposure, load_settings


@pytest.fixture(autouse=True)
def _no_env_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_every_setting_has_a_description() -> None:
    bare = [name for name, field in ApiSettings.model_fields.items() if not field.description]

    assert bare == []


def test_by_default_it_listens_to_this_machine_only_and_keeps_feedback_beside_the_index(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GROUNDWATCH_DATA_DIR", "somewhere")

    settings = load_settings()

    assert settings.listens_on_loopback
    assert settings.feedback_url == "sqlite:///somewhere/groundwatch.sqlite"
    assert settings.presented_key is None


@pytest.mark.parametrize(
    ("name", "value"), [("PORT", "abc"), ("PORT", "70000"), ("WORKER_THREADS", "0"), ("LOG_LEVEL", "loud")]
)
def test_a_wrong_setting_is_one_line_with_its_variable_and_value(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"GROUNDWATCH_{name}", value)

    with pytest.raises(UsageError, match=rf"^GROUNDWATCH_{name}='{value}': [^\n]+$"):
        load_settings()


def test_an_option_goes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROUNDWATCH_PORT", "1")

    assert load_settings(port=2, host=None).port == 2


def test_a_command_presents_its_own_key_else_the_first_that_the_api_accepts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROUNDWATCH_API_KEYS", " one, ,two ")
    without = load_settings()
    monkeypatch.setenv("GROUNDWATCH_API_KEY", "mine")

    assert without.accepted_keys == ("one", "two")
    assert without.presented_key == "one"
    assert load_settings().presented_key == "mine"
    assert "two" not in repr(without)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.7", "example.org", ""])
@pytest.mark.parametrize("keys", ["", " , "])
def test_an_address_that_others_reach_needs_a_key(host: str, keys: str) -> None:
    with pytest.raises(UsageError, match="GROUNDWATCH_API_KEYS"):
        check_exposure(load_settings(host=host, api_keys=keys))


@pytest.mark.parametrize(("host", "keys"), [("127.0.0.1", ""), ("localhost", ""), ("::1", ""), ("0.0.0.0", "k")])
def test_loopback_needs_no_key_and_a_key_opens_any_address(host: str, keys: str) -> None:
    check_exposure(load_settings(host=host, api_keys=keys))
