"""Settings of the flows: schedule, workers, limits, notifications; environment prefix `GROUNDWATCH_`."""

from enum import StrEnum
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from ingest.settings import KnowledgeSettings


class TaskRunnerKind(StrEnum):
    """Where batches are read and embedded."""

    INLINE = "inline"
    THREADS = "threads"
    DASK = "dask"
    RAY = "ray"


class FlowSettings(BaseSettings):
    """When runs happen, where their work is done, and who is told where they fail."""

    model_config = SettingsConfigDict(env_prefix="GROUNDWATCH_", env_file=".env", extra="ignore", frozen=True)

    refresh_minutes: int = Field(
        60, gt=0, description="Minutes between two scheduled syncs of a source that states no schedule of its own."
    )
    task_runner: TaskRunnerKind = Field(
        TaskRunnerKind.INLINE,
        description="Where documents are read and embedded: inline (one batch after the other), threads, dask or ray.",
    )
    workers: int = Field(2, gt=0, le=1024, description="Workers of the task runner; also the limit of batches at once.")
    dask_address: str | None = Field(
        None, description="Address of a running Dask scheduler (tcp://host:8786); unset, one is started for each run."
    )
    ray_address: str | None = Field(
        None, description="Address of a running Ray cluster (ray://host:10001); unset, one is started for each run."
    )
    sync_wait_seconds: float = Field(
        600.0, ge=0, description="How long a run waits for another one to end before it gives up."
    )
    fetches_per_host: int = Field(
        2, gt=0, description="Batches that are fetched from one host at once, over all runs of a Prefect server."
    )
    notify_webhook: SecretStr | None = Field(
        None, description="URL that is posted a JSON message (Slack's form included) when a run fails."
    )
    notify_new_failures: bool = Field(
        False, description="Post also where a run succeeds and documents failed that did not fail before."
    )


def settings_with(file: Path | str | None) -> KnowledgeSettings:
    """Return the settings of the environment, with another file of declarations where one is given."""
    return KnowledgeSettings(sources_file=Path(file)) if file else KnowledgeSettings()
