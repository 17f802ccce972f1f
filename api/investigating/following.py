"""One investigation by a running API: asked for, followed until it ends, and called off where its reader leaves."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

from api.errors import GroundwatchError, ServiceUnreachable
from api.investigating.opening import OpenedBundle
from api.investigating.result_files import pack
from api.schemas.investigation_runs import (
    EndEvent,
    InvestigationDetail,
    InvestigationRequest,
    InvestigationSummary,
    RunState,
    StepEvent,
)
from api.schemas.investigations import StepView
from api.telemetry.exporting import write_bundle

_ATTEMPTS = 5  # to go on with a stream that broke off, as a restart of the API breaks it
_PAUSE_SECONDS = 1.0


class InvestigationApi(Protocol):
    """The calls of the API that this needs."""

    url: str

    def start_investigation(self, request: InvestigationRequest) -> InvestigationSummary:
        """Ask for an investigation."""

    def upload_investigation(self, archive: bytes, *, media_type: str, title: str = "") -> InvestigationSummary:
        """Send a bundle and ask for its investigation."""

    def investigation_events(self, investigation_id: str, *, after: int = 0) -> Iterator[StepEvent | EndEvent]:
        """Follow one until it ends."""

    def investigation(self, investigation_id: str) -> InvestigationDetail:
        """Return one with what came of it."""

    def investigation_report(self, investigation_id: str) -> str:
        """Return the report as Markdown."""

    def investigation_bundle(self, investigation_id: str) -> bytes:
        """Return one that is done with its telemetry as a .tar.gz."""

    def cancel_investigation(self, investigation_id: str) -> InvestigationSummary:
        """Call one off."""

    def close(self) -> None:
        """Let go of the connection."""


def send_bundle(api: InvestigationApi, bundle: OpenedBundle, title: str) -> InvestigationSummary:
    """Send a recorded bundle, whatever its layout, to be investigated there. Raises errors of api.errors."""
    with TemporaryDirectory(prefix="groundwatch-") as scratch:
        folder, archive = Path(scratch) / "bundle", Path(scratch) / "bundle.tar.gz"
        write_bundle(folder, bundle.incident, bundle.telemetry)
        pack(folder, archive, "bundle")
        return api.upload_investigation(archive.read_bytes(), media_type="application/gzip", title=title)


def follow(
    api: InvestigationApi,
    asked: InvestigationSummary,
    *,
    say: Callable[[StepView], None],
    tell: Callable[[str], None],
    pause: Callable[[float], None] = time.sleep,
) -> InvestigationDetail:
    """Follow an investigation until it is done; `say` hears each step once, `tell` what a reader should know beside.

    An interrupt calls it off, tells what is kept of it, and is raised again. Raises GroundwatchError where it ends in
    another way than done.
    """
    link = f"{api.url}/v1/investigations/{asked.id}"
    tell(f"investigation {asked.id} at {link}")
    try:
        ended = _ended(api, asked.id, say, tell, pause)
    except KeyboardInterrupt:
        _call_off(api, asked.id, link, tell)
        raise
    if ended.state is not RunState.DONE:
        why = f": {ended.error}" if ended.error else ""
        raise GroundwatchError(f"investigation {asked.id} is {ended.state.value}{why}; its steps are kept at {link}")
    return api.investigation(asked.id)


def _ended(
    api: InvestigationApi,
    name: str,
    say: Callable[[StepView], None],
    tell: Callable[[str], None],
    pause: Callable[[float], None],
) -> InvestigationSummary:
    last, failures = 0, 0
    while True:
        try:
            for event in api.investigation_events(name, after=last):
                if isinstance(event, EndEvent):
                    return event.investigation
                last, failures = event.step.number, 0
                say(event.step)
            failures += 1  # it broke off between two events
        except ServiceUnreachable as error:
            failures += 1
            if failures > _ATTEMPTS:
                raise
            tell(f"{error}; trying again")
        if failures > _ATTEMPTS:
            raise ServiceUnreachable(
                f"the steps of investigation {name} broke off; see {api.url}/v1/investigations/{name}"
            )
        pause(_PAUSE_SECONDS)


def _call_off(api: InvestigationApi, name: str, link: str, tell: Callable[[str], None]) -> None:
    try:
        ended = api.cancel_investigation(name)
    except GroundwatchError as error:
        tell(f"it can't be called off and may go on ({error}); see {link}")
        return
    if ended.state is RunState.DONE:
        tell(f"it was done already; all of it is kept at {link}")
    else:
        tell(f"called off; its {ended.steps} steps are kept at {link}")
