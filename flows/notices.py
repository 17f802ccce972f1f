"""Who is told what of a run: hooks of the flow for runs that end badly, and a look at those that end well."""

import logging
import os
from collections.abc import Mapping, Sequence
from typing import Any

from prefect import Flow
from prefect.client.schemas.objects import FlowRun, State
from prefect.utilities.urls import url_for

from flows.notifications import Counts, FailedDocument, Notice, Outcome, post, shortened
from flows.settings import FlowSettings, settings_with
from ingest.bootstrap import declarations_of
from ingest.errors import GroundwatchError, PromotionRefused, SyncCancelled, UsageError
from ingest.knowledge.run_log import CheckResult
from ingest.redaction.redactor import redact_message
from ingest.runs import IngestResult

_LOG = logging.getLogger(__name__)

_SERVED = "What was served before still is."


def tell_of_trouble(flow: Flow[..., Any], flow_run: FlowRun, state: State[Any]) -> None:
    """Post a notice of a run that failed, was refused or crashed; a hook of the flow, which never raises.

    A run that a person stopped is none of these.
    """
    error = _error_of(state)
    if isinstance(error, (SyncCancelled, KeyboardInterrupt)) or _stopped_by_hand(state):
        return
    url = webhook(flow_run.parameters.get("file"))
    if url is not None:
        post(url, notice_of(flow.name, error, state, flow_run.parameters, run_url(flow_run)))


def tell_of_failures(flow: str, file: str | None, result: IngestResult, link: str) -> None:
    """Post a notice of documents that failed in this run for the first time, where the settings ask for it."""
    if not FlowSettings().notify_new_failures:
        return
    known = sum(len(source.failed) for source in result.sources)
    new = [
        FailedDocument(row.source, row.path, redact_message(row.reason))
        for source in result.sources
        for row in source.failed
        if row.attempts == 1 and (row.source, row.path) in {(one.source, one.path) for one in result.changes}
    ]
    url = webhook(file) if new else None
    if url is None:
        return
    reason = f"{len(new)} documents could not be read that could before or are new; {known} fail in all"
    notice = Notice(
        flow=flow,
        outcome=Outcome.NEW_FAILURES,
        reason=reason,
        sources=tuple(source.source for source in result.sources),
        run_url=link,
        served=f"Generation {result.generation} is served.",
        counts=_counts(result),
        failures=tuple(new),
    )
    post(url, notice)


def notice_of(
    flow: str, error: BaseException | None, state: State[Any], parameters: Mapping[str, Any], link: str
) -> Notice:
    """Return the notice of a run that ended with an error, or crashed and left only its state."""
    refused = error if isinstance(error, PromotionRefused) else None
    outcome = Outcome.CRASHED if state.is_crashed() else Outcome.FAILED
    message = str(error) if isinstance(error, GroundwatchError) else state.message or repr(error)
    failed = [
        one.name for one in (refused.checks if refused else ()) if isinstance(one, CheckResult) and not one.passed
    ]
    return Notice(
        flow=flow,
        outcome=outcome if refused is None else Outcome.REFUSED,
        reason=shortened(redact_message(message)),
        sources=_sources(parameters),
        check=", ".join(failed),
        run_url=link,
        served=_SERVED,
    )


def webhook(file: str | None) -> str | None:
    """Return where notices go: the setting, else what the declarations say, else None."""
    settings = FlowSettings()
    if settings.notify_webhook is not None:
        return settings.notify_webhook.get_secret_value()
    try:
        declared = declarations_of(settings_with(file))
    except UsageError as error:
        _LOG.warning("nobody was told of this run: %s", error)
        return None
    notify = declared.notify if declared else None
    if notify is None:
        return None
    url = notify.webhook or os.environ.get(notify.webhook_env or "")
    if not url:
        _LOG.warning(
            "nobody was told of this run: the variable %r, which holds the webhook, is empty", notify.webhook_env
        )
    return url or None


def run_url(run: FlowRun | None) -> str:
    """Return where a person can look at a run; "" for the server inside a process, which ends with it."""
    if run is None or not os.environ.get("PREFECT_API_URL"):
        return ""
    return url_for("flow-run", obj_id=run.id) or ""


def _error_of(state: State[Any]) -> BaseException | None:
    """Return the exception of a state where this process still holds it."""
    error = state.result(raise_on_failure=False) if state.data is not None else None
    return error if isinstance(error, BaseException) else None


def _stopped_by_hand(state: State[Any]) -> bool:
    return state.is_crashed() and "KeyboardInterrupt" in (state.message or "")


def _sources(parameters: Mapping[str, Any]) -> tuple[str, ...]:
    requests: Sequence[Any] = parameters.get("requests") or ()
    return tuple(name for one in requests if (name := _name(one)))


def _name(request: Any) -> str | None:
    name = request.get("name") if isinstance(request, Mapping) else getattr(request, "name", None)
    return name if isinstance(name, str) else None


def _counts(result: IngestResult) -> Counts:
    return Counts(
        indexed=sum(one.indexed for one in result.sources),
        unchanged=sum(one.unchanged for one in result.sources),
        removed=sum(one.removed for one in result.sources),
        failed=sum(len(one.failed) for one in result.sources),
    )
