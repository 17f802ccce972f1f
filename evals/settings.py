"""Settings of the evaluations: what is asked, when, how long runs are kept, and who judges; prefix `GROUNDWATCH_`."""

from pathlib import Path

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from ingest.errors import UsageError


class EvalSettings(BaseSettings):
    """What the evaluations need to know beside the settings of knowledge."""

    model_config = SettingsConfigDict(env_prefix="GROUNDWATCH_", env_file=".env", extra="ignore", frozen=True)

    evals_suites: Path | None = Field(
        None, description="Folder of your own suites for `groundwatch evals`, one folder with a suite.yaml each."
    )
    evals_questions: Path | None = Field(None, description="Folder of question files that the corpus suites ask.")
    evals_corpus: Path | None = Field(None, description="Folder of documents that the corpus suites are asked of.")
    evals_schedule: str | None = Field(
        None, description="When to run the evaluations, as five fields of cron in UTC; unset, only by hand."
    )
    evals_names: str = Field(
        "", description="Suites that a scheduled run measures, comma-separated; unset, all that can run."
    )
    evals_keep: int = Field(90, ge=2, description="Evaluation runs that a scheduled run keeps; older ones are removed.")
    judge_base_url: str | None = Field(
        None, description="OpenAI-compatible URL of a model that judges answers for ragas; unset, none does."
    )
    judge_model: str | None = Field(None, description="Name of the judging model.")
    judge_api_key: SecretStr | None = Field(None, description="API key of the judging model.")


def load_eval_settings() -> EvalSettings:
    """Read the settings from the environment; raises UsageError that names the variable."""
    try:
        return EvalSettings()
    except ValidationError as error:
        first = error.errors()[0]
        name = f"GROUNDWATCH_{first['loc'][0]}".upper()
        raise UsageError(f"{name}: {first['msg']}; correct it or unset it") from error
