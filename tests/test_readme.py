"""The README names every setting and every command."""

from pathlib import Path

import pytest
from pydantic_settings import BaseSettings

from api.llm.settings import LanguageModelSettings
from api.settings import ApiSettings
from evals.settings import EvalSettings
from flows.settings import FlowSettings
from ingest.settings import KnowledgeSettings

README = Path(__file__).parent.parent / "README.md"


@pytest.mark.parametrize(
    "settings", [KnowledgeSettings, ApiSettings, FlowSettings, LanguageModelSettings, EvalSettings]
)
def test_the_readme_lists_every_setting_with_its_description(settings: type[BaseSettings]) -> None:
    text = README.read_text()

    prefix = settings.model_config["env_prefix"]
    for name, field in settings.model_fields.items():
        assert f"`{prefix}{name.upper()}`" in text
        assert field.description
        assert field.description in text


def test_the_readme_names_every_command() -> None:
    from importlib.metadata import entry_points

    text = README.read_text()

    for command in entry_points(group="groundwatch.commands"):
        assert f"groundwatch {command.name}" in text
