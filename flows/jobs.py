"""What happens on a schedule: one sync a source, one for all of them by hand, and the evaluations."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import PurePath
from typing import TYPE_CHECKING

from flows.timetable import Schedule
from ingest.bootstrap import SourceRequest
from ingest.sources.declarations import Declarations

if TYPE_CHECKING:
    from prefect.deployments.runner import RunnerDeployment

EVERYTHING = "all"
EVALUATIONS = "evaluations"


@dataclass(frozen=True, slots=True)
class Job:
    """A sync that happens on a schedule, or only by hand where `schedule` is None.

    No `requests` mean all sources, declared or once ingested; `file` holds the declarations.
    """

    name: str
    schedule: Schedule | None
    requests: tuple[SourceRequest, ...] = ()
    file: str | None = None
    tags: tuple[str, ...] = field(default=("groundwatch",))

    @property
    def parameters(self) -> dict[str, object]:
        """The parameters of the flow, as JSON has them."""
        given: dict[str, object] = {"file": self.file} if self.file else {}
        return given | ({"requests": [asdict(one) for one in self.requests]} if self.requests else {})


def jobs_of(
    requests: Sequence[SourceRequest],
    declared: Declarations | None,
    usual: timedelta,
    *,
    file: str | None = None,
    everything: bool = True,
) -> tuple[Job, ...]:
    """Return a job for each request, and one for all of them.

    A source that states no schedule is synced every `usual`. `everything` tells whether the job for all of
    them means whatever is known when it runs, or just these requests.
    """
    jobs: list[Job] = []
    taken: set[str] = set()
    for request in requests:
        name = _free(request.name or PurePath(request.paths[0]).name or "documents", taken)
        schedule, tags = Schedule(every=usual), ["groundwatch", f"source:{name}"]
        if declared is not None and not request.paths:
            source = declared.source(request.name or "")
            tags.append(f"type:{source.type}")
            if source.schedule is not None:
                schedule = Schedule(source.schedule.every, source.schedule.cron)
        jobs.append(Job(name, schedule, (request,), file, tuple(tags)))
    by_hand = Job(_free(EVERYTHING, taken), None, () if everything else tuple(requests), file)
    return (*jobs, by_hand)


def deployment(job: Job) -> "RunnerDeployment":
    """Return the deployment of a job: its schedule, its tags, and one run at a time.

    A scheduled run that comes due while the source's last one still goes on is cancelled, since it would find
    nothing to do; runs of everything wait for one another.
    """
    from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
    from prefect.deployments.runner import RunnerDeployment
    from prefect.types.entrypoint import EntrypointType

    from flows.refresh_knowledge import refresh_knowledge

    collision = ConcurrencyLimitStrategy.CANCEL_NEW if job.schedule else ConcurrencyLimitStrategy.ENQUEUE
    made = refresh_knowledge.to_deployment(
        name=job.name,
        interval=job.schedule.every if job.schedule else None,
        cron=job.schedule.cron if job.schedule else None,
        parameters=job.parameters,
        tags=list(job.tags),
        description=_description(job),
        # Prefect pauses the schedules of a process that ends, and would leave them so when it starts again.
        paused=False,
        concurrency_limit=ConcurrencyLimitConfig(limit=1, collision_strategy=collision),
        # Named by module, so that a run finds the flow in the installed package whatever the working directory is.
        entrypoint_type=EntrypointType.MODULE_PATH,
    )
    assert isinstance(made, RunnerDeployment)  # a coroutine only where a loop is running, and none is
    return made


def evaluation_deployment(schedule: Schedule | None) -> "RunnerDeployment":
    """Return the deployment of the evaluations: on their schedule, and one run at a time."""
    from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
    from prefect.deployments.runner import RunnerDeployment
    from prefect.types.entrypoint import EntrypointType

    from flows.nightly_evals import nightly_evals

    made = nightly_evals.to_deployment(
        name=EVALUATIONS,
        interval=schedule.every if schedule else None,
        cron=schedule.cron if schedule else None,
        tags=["groundwatch"],
        description="Measures search and answers, keeps the report, and tells of what got worse.",
        paused=False,
        concurrency_limit=ConcurrencyLimitConfig(limit=1, collision_strategy=ConcurrencyLimitStrategy.CANCEL_NEW),
        entrypoint_type=EntrypointType.MODULE_PATH,
    )
    assert isinstance(made, RunnerDeployment)
    return made


def _description(job: Job) -> str:
    what = f"source {job.name!r}" if job.schedule else "all sources"
    return f"Brings {what} up to date" + (f"; declared in {job.file}." if job.file else ".")


def _free(name: str, taken: set[str]) -> str:
    """Return `name`, with a number behind it where it is taken, and take it."""
    free = next(one for one in (name, *(f"{name}-{number}" for number in range(2, 10_000))) if one not in taken)
    taken.add(free)
    return free
