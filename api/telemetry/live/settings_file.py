"""The file of sources read: `${NAME}` is taken from the environment, and what is wrong is named by line and field."""

from collections.abc import Mapping
from pathlib import Path

from api.telemetry.live.settings import SourcesFile
from api.yaml_settings import Purpose, read_settings

_PURPOSE = Purpose("file of sources", "GROUNDWATCH_TELEMETRY_FILE", "docs/telemetry.md", "sources")


def read_sources_file(file: Path, environment: Mapping[str, str]) -> SourcesFile:
    """Return what the file of sources says. Raises UsageError that names the line and the field, never a secret."""
    return read_settings(file, environment, SourcesFile, _PURPOSE)
