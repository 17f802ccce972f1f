"""Limits on what happens at once, over all runs of a Prefect server: made at the start of a run, then held to."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

import httpx
from prefect.client.orchestration import get_client
from prefect.concurrency.asyncio import ConcurrencySlotAcquisitionError
from prefect.concurrency.sync import concurrency
from prefect.exceptions import ObjectAlreadyExists

from flows.settings import FlowSettings
from ingest.errors import KnowledgeError, KnowledgeLocked

SYNC = "groundwatch-sync"
"""One run at a time; the others wait for their turn."""

EMBED = "groundwatch-embed"
"""As many batches are embedded at once as there are workers."""

_LEASE_SECONDS = 60
"""How long a slot stays taken after its holder was killed; a living holder renews it. Prefect's shortest."""


def fetch_limit(location: str) -> str | None:
    """Return the name of the limit on fetches from a source's host, or None where the source has no host."""
    try:
        parts = urlsplit(location.partition("\n")[0])
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if not host or parts.scheme == "file":
        return None
    return f"groundwatch-fetch-{host}" + (f"-{port}" if port else "")


def sizes(settings: FlowSettings, locations: Mapping[str, str]) -> dict[str, int]:
    """Return the limits that a run needs; `locations` are those of its sources by name."""
    hosts = {limit for location in locations.values() if (limit := fetch_limit(location))}
    return {SYNC: 1, EMBED: settings.workers, **dict.fromkeys(sorted(hosts), settings.fetches_per_host)}


def ensure_limits(limits: Mapping[str, int]) -> None:
    """Create the limits on the server, or set them to these sizes; raises KnowledgeError where it refuses."""
    with get_client(sync_client=True) as client:
        for name, size in limits.items():
            try:
                try:
                    client.upsert_global_concurrency_limit_by_name(name, size)
                except ObjectAlreadyExists:  # another run created it between the look and the write
                    client.upsert_global_concurrency_limit_by_name(name, size)
            except httpx.HTTPError as error:
                raise KnowledgeError(
                    f"the Prefect server does not take the concurrency limit {name!r} ({error}); look at the server, "
                    "or run with --direct, which needs none"
                ) from error


@contextmanager
def holding(name: str, *, wait: float) -> Iterator[None]:
    """Hold one slot of a limit meanwhile; raises KnowledgeLocked where none comes free within `wait` seconds."""
    with ExitStack() as stack:
        try:
            stack.enter_context(
                # A server that is away for a moment must not end an hour's work: the manifest has a lock of its own.
                concurrency(
                    name,
                    timeout_seconds=wait,
                    strict=True,
                    lease_duration=_LEASE_SECONDS,
                    raise_on_lease_renewal_failure=False,
                )
            )
        except TimeoutError as error:
            raise KnowledgeLocked(
                f"no slot of the limit {name!r} came free within {wait:g} s: another run is at work; wait for it, or "
                "raise GROUNDWATCH_SYNC_WAIT_SECONDS"
            ) from error
        except ConcurrencySlotAcquisitionError as error:
            raise KnowledgeError(
                f"the limit {name!r} is not on the Prefect server any more, or the server does not answer ({error}); "
                "each run creates it at its start, so run the same command again"
            ) from error
        yield
