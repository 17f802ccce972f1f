"""From options and settings to what a run measures."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from evals.corpus import configured_embedder
from evals.quality.declaration import chosen_suites, find_suites
from evals.quality.knowledge import Premises
from evals.quality.probes import Selection
from evals.quality.running import Plan
from evals.settings import EvalSettings, load_eval_settings
from ingest.settings import KnowledgeSettings


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a caller asks for; what is left out is as the settings say."""

    names: tuple[str, ...] = ()
    suites: Path | None = None
    corpus: Path | None = None
    questions: Path | None = None
    subset: tuple[str, ...] = ()
    sample: int | None = None
    work_dir: Path | None = None


def plan_of(
    wishes: Wishes, *, settings: EvalSettings | None = None, trigger: Literal["person", "schedule"] = "person"
) -> Plan:
    """Return the plan; raises UsageError for an unknown suite, or one whose files are not in order."""
    given = settings or load_eval_settings()
    questions = wishes.questions or given.evals_questions
    return Plan(
        suites=chosen_suites(find_suites(wishes.suites or given.evals_suites), wishes.names),
        premises=Premises(
            work_dir=wishes.work_dir or work_dir(),
            embedder=configured_embedder(),
            corpus=wishes.corpus or given.evals_corpus,
            subset=wishes.subset,
        ),
        selection=Selection(folder=questions, subset=wishes.subset, per_group=wishes.sample),
        settings=given,
        trigger=trigger,
    )


def work_dir() -> Path:
    """Return the folder of the evaluations: what they index, and the history of their runs."""
    return KnowledgeSettings().data_dir / "evals"
