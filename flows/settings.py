"""Settings of the scheduled flow; environment prefix `GROUNDWATCH_`."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class FlowSettings(BaseSettings):
    """When scheduled runs happen."""

    model_config = SettingsConfigDict(env_prefix="GROUNDWATCH_", env_file=".env", extra="ignore", frozen=True)

    refresh_minutes: int = Field(60, gt=0, description="Minutes between two scheduled ingests of all known sources.")
