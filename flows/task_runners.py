"""Where batches are worked on: threads, or the processes of a Dask or Ray cluster, by setting."""

import logging
import os
import secrets
import tempfile
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from itertools import islice
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from prefect.client.orchestration import get_client
from prefect.futures import PrefectFuture
from prefect.settings import PREFECT_API_URL, temporary_settings
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner
from prefect.tasks import Task

from flows.settings import FlowSettings, TaskRunnerKind
from ingest.errors import KnowledgeError, UsageError

_AHEAD = 3  # batches a worker holds: the one at work and two waiting, so that it never waits for this process

_RAY_OBJECT_BYTES = 256 * 2**20
"""Shared memory for batches on their way; Ray's own default is a third of the machine's memory."""


class Workers:
    """The workers of a run; they start with the first batch, so that a run with nothing to do starts none.

    Use as a context manager, inside a flow. Raises UsageError where the task runner's package is missing.
    """

    def __init__(self, settings: FlowSettings) -> None:
        self._settings = settings
        self._stack = ExitStack()
        self._runner: TaskRunner[Any] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def each(self, task: "Task[..., bytes]", payloads: Iterable[bytes], **same: str | float) -> Iterator[bytes]:
        """Run a task for each payload, all with the `same` other arguments, and yield what it returns, in order.

        Payloads are taken from the iterable as workers come free, so that not all of them are in memory. The
        first error ends it; a worker that dies again and again at one batch is raised as KnowledgeError.
        """
        waiting = iter(payloads)
        futures = deque(self._submit(task, one, same) for one in islice(waiting, self._settings.workers * _AHEAD))
        while futures:
            try:
                done = futures.popleft().result()
            except _deaths(self._settings.task_runner) as error:
                raise _worker_died(error, self._settings.task_runner) from error
            yield done
            futures.extend(self._submit(task, one, same) for one in islice(waiting, 1))

    def _submit(
        self, task: "Task[..., bytes]", payload: bytes, same: Mapping[str, str | float]
    ) -> PrefectFuture[bytes]:
        if self._runner is None:
            # Workers report to the server of this process, which they only know by its address.
            address = str(get_client(sync_client=True).api_url)
            self._stack.enter_context(temporary_settings({PREFECT_API_URL: address}))
            self._runner = self._stack.enter_context(task_runner(self._settings))
        future: PrefectFuture[bytes] = self._runner.submit(task, parameters={"payload": payload, **same})
        return future


def task_runner(settings: FlowSettings) -> TaskRunner[Any]:
    """Return the task runner that the settings name, not started yet; `inline` has none and counts as threads.

    What it starts by itself listens on the loopback address only, without a dashboard and without usage reports.
    """
    match settings.task_runner:
        case TaskRunnerKind.DASK:
            return _dask(settings)
        case TaskRunnerKind.RAY:
            return _ray(settings)
        case _:
            return ThreadPoolTaskRunner(max_workers=settings.workers)


def _dask(settings: FlowSettings) -> TaskRunner[Any]:
    try:
        from prefect_dask.task_runners import DaskTaskRunner
    except ImportError as error:
        raise _missing("dask") from error
    # It tells of every connection at INFO, and of workers that Prefect's threads keep alive for a few seconds.
    logging.getLogger("distributed").setLevel(logging.ERROR)
    if settings.dask_address:
        _check_reachable("GROUNDWATCH_DASK_ADDRESS", settings.dask_address)
        return DaskTaskRunner(address=settings.dask_address)
    cluster = {
        "n_workers": settings.workers,
        "threads_per_worker": 1,
        "processes": True,
        "host": "127.0.0.1",
        "dashboard_address": None,
        "local_directory": tempfile.gettempdir(),
        "silence_logs": logging.ERROR,
    }
    return DaskTaskRunner(cluster_kwargs=cluster)


def _ray(settings: FlowSettings) -> TaskRunner[Any]:
    logging.getLogger("ray").setLevel(logging.ERROR)
    # Ray reads these when it is imported.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    if not settings.ray_address:
        # Named for other systems, this keeps all of Ray's servers on the loopback address on Linux too.
        os.environ.setdefault("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")
        # Ray writes a token to the home folder otherwise, which a container's user need not have.
        os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))
    try:
        import ray  # noqa: F401 - prefect_ray imports it only when the first batch is sent
        from prefect_ray import RayTaskRunner  # type: ignore[import-untyped]  # ships no hints
    except ImportError as error:
        raise _missing("ray") from error
    if settings.ray_address:
        _check_reachable("GROUNDWATCH_RAY_ADDRESS", settings.ray_address)
        return _typed(RayTaskRunner(address=settings.ray_address))
    options = {
        "num_cpus": settings.workers,
        "num_gpus": 0,
        "include_dashboard": False,
        "object_store_memory": _RAY_OBJECT_BYTES,
        "log_to_driver": False,
        "configure_logging": False,
    }
    return _typed(RayTaskRunner(init_kwargs=options))


def _typed(runner: TaskRunner[Any]) -> TaskRunner[Any]:
    return runner


def _check_reachable(setting: str, address: str) -> None:
    """Refuse workers elsewhere without a Prefect server: they could not tell what became of their tasks."""
    host = urlsplit(address if "//" in address else f"//{address}").hostname
    if host not in ("127.0.0.1", "localhost", "::1") and not os.environ.get("PREFECT_API_URL"):
        raise UsageError(
            f"{setting} names workers on {host!r}, which cannot reach the Prefect server inside this process; "
            "set PREFECT_API_URL to a Prefect server that both can reach"
        )


def _missing(extra: str) -> UsageError:
    return UsageError(
        f"GROUNDWATCH_TASK_RUNNER={extra} needs a package that is not installed; run: pip install "
        f"'groundwatch[{extra}]', or set GROUNDWATCH_TASK_RUNNER=threads"
    )


def _deaths(kind: TaskRunnerKind) -> tuple[type[Exception], ...]:
    """Return what a task runner raises where a worker, not its work, went wrong."""
    match kind:
        case TaskRunnerKind.DASK:
            from distributed import CancelledError, KilledWorker

            return (KilledWorker, CancelledError)
        case TaskRunnerKind.RAY:
            from ray.exceptions import RayError

            return (RayError,)
        case _:
            return ()


def _worker_died(error: Exception, kind: TaskRunnerKind) -> KnowledgeError:
    first = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return KnowledgeError(
        f"a {kind.value} worker died at its work ({type(error).__name__}: {first}); look at its memory, or lower "
        "GROUNDWATCH_WORKERS, then run the same command again: nothing that is embedded is lost"
    )
