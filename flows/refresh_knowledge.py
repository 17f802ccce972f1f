"""The flow that brings the knowledge up to date: the ingest pipeline with its steps as Prefect tasks."""

from collections.abc import Sequence
from contextlib import closing
from contextvars import ContextVar

from prefect import flow, get_run_logger
from prefect.context import FlowRunContext

from flows.artifacts import ProgressArtifact, leave_artifacts, leave_checks
from flows.limits import SYNC, ensure_limits, holding, sizes
from flows.notices import run_url, tell_of_failures, tell_of_trouble
from flows.settings import FlowSettings, settings_with
from flows.steps import task_steps
from flows.task_runners import Workers
from ingest.bootstrap import SourceRequest, Wishes, open_workshop, undertake
from ingest.building import Progress, Workshop
from ingest.errors import PromotionRefused
from ingest.knowledge.run_log import CheckResult
from ingest.pipeline import ingest
from ingest.runs import IngestResult, Options
from ingest.sources.source import Source

NAME = "refresh knowledge"

listener: ContextVar[Progress | None] = ContextVar("listener", default=None)
"""Who is told about progress in this process, beside the progress artifact; a parameter cannot carry it."""


@flow(name=NAME, flow_run_name=NAME, on_failure=[tell_of_trouble], on_crashed=[tell_of_trouble])
def refresh_knowledge(
    requests: list[SourceRequest] | None = None, wishes: Wishes | None = None, file: str | None = None
) -> IngestResult:
    """Sync the requested sources, or all, declared or once ingested, as the settings of the environment say.

    `file` holds the declarations, where the settings do not name it.
    """
    settings = settings_with(file)
    with closing(open_workshop(settings)) as workshop:
        undertaking = undertake(workshop, requests or [], settings, wishes)
        for warning in undertaking.warnings:
            get_run_logger().warning(warning)
        result = refresh(workshop, undertaking.sources, undertaking.options)
    context = FlowRunContext.get()
    tell_of_failures(NAME, file, result, run_url(context.flow_run if context else None))
    return result


def refresh(
    workshop: Workshop, sources: Sequence[Source], options: Options, settings: FlowSettings | None = None
) -> IngestResult:
    """Run the pipeline with its steps as tasks, one run at a time, and leave artifacts; call it in a flow.

    Raises KnowledgeLocked where another run of this Prefect server does not end in time.
    """
    chosen = settings or FlowSettings()
    ensure_limits(sizes(chosen, {source.name: source.location for source in sources}))
    with holding(SYNC, wait=chosen.sync_wait_seconds), Workers(chosen) as workers:
        progress = ProgressArtifact(listener.get())
        try:
            result = ingest(workshop, sources, options, progress, task_steps(chosen, workers))
        except PromotionRefused as error:
            leave_checks([one for one in error.checks if isinstance(one, CheckResult)])
            raise
        leave_artifacts(result)
        progress.complete()
    return result
