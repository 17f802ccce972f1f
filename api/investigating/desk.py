"""Investigations as a caller sees them: started, listed, followed, read, called off and deleted."""

import hashlib
import json
import logging
import shutil
import threading
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from api.errors import GroundwatchError, UsageError
from api.exports.investigation_report import Beside, report_markdown
from api.investigating.bundle_places import BundlePlaces, Incoming
from api.investigating.holders import this_process
from api.investigating.live_cases import BASELINES, LiveCases
from api.investigating.moved import Moved, apart, moved
from api.investigating.opening import BundleOpener, OpenedBundle
from api.investigating.result_files import pack, write_result
from api.investigating.runners import Runners
from api.investigating.steering import Answering, Parts, Steering, no_answer
from api.investigation.investigations import Investigation, Investigator
from api.investigation.windows import Window
from api.schemas.investigation_acts import ActRequest, Acts, ActView
from api.schemas.investigation_forms import to_investigation
from api.schemas.investigation_guidance import InvestigationGuidance
from api.schemas.investigation_runs import (
    InvestigationDetail,
    InvestigationPage,
    InvestigationRequest,
    InvestigationSummary,
    RunState,
)
from api.schemas.investigations import InvestigationResult, ObservationDetail, StepView
from api.steering.steered import Models
from api.storage.database import Database
from api.storage.investigation_acts import ActTable
from api.storage.investigation_claims import ClaimTable
from api.storage.investigations import InvestigationTable
from api.telemetry.exporting import write_bundle

_LONGEST_KEY = 200
_LEFT_SECONDS = 3600.0  # after which an upload that no investigation names is removed

_log = logging.getLogger(__name__)


class Investigations:
    """Investigations of recorded bundles and of live sources, worked on here or in another process of this database.

    All of it is in the database; what is held in memory only says that there is something new to read.
    """

    def __init__(
        self,
        database: Database,
        places: BundlePlaces,
        open_bundle: BundleOpener,
        investigator: Investigator,
        *,
        at_once: int = 2,
        live: LiveCases | None = None,
        models: Models | None = None,
        answer: Answering = no_answer,
    ) -> None:
        self._live = live or LiveCases((), places)
        self._database, self._table, self._places = database, InvestigationTable(database), places
        holder = this_process()
        claims = ClaimTable(database, str(holder), gone=holder.is_gone)
        self._open_bundle = open_bundle
        self._acts = ActTable(database)
        self._listeners: list[Callable[[str, str, str], None]] = []
        parts = Parts(self._bundle, self._go_on, answer, self._tell, self._tell_of_new)
        self._steering = Steering(self._acts, self._table, models or Models(), parts)
        self._runners = Runners(
            claims,
            self._table,
            places,
            open_bundle,
            investigator,
            at_once=at_once,
            told=self._tell,
            done=self._steering.settle,
        )
        self._news: defaultdict[str, int] = defaultdict(int)
        self._telling = threading.Lock()

    def open(self) -> None:
        """Begin to work, with what an earlier process left, as soon as the database can be used."""
        try:
            self._places.sweep(self._table.bundles(), before=time.time() - _LEFT_SECONDS)
        except GroundwatchError as error:
            _log.warning("uploads that were left over are not removed: %s", error)
        self._runners.start()

    def close(self) -> None:
        """Stop working and let go of the database; what is at work is put back and taken up at the next start."""
        self._runners.close()
        self._database.close()

    def start(self, request: InvestigationRequest, *, request_key: str | None = None) -> InvestigationSummary:
        """Ask for an investigation; the same request key gives the one that it was first asked for.

        Raises UsageError for a bundle that may not be opened, NotFound where there is none.
        """
        if request.window is not None:
            return self._start_live(request, request_key)
        self._places.folder(request.bundle)
        wanted = json.dumps([request.bundle, request.title], ensure_ascii=True)
        return self._add(request.bundle, request.title, request_key, wanted.encode())

    def receiving(self) -> AbstractContextManager[Incoming]:
        """Give a file that an upload is written to, for `start_upload`; it is removed at the end."""
        return self._places.receiving()

    def start_upload(self, archive: Path, *, title: str, request_key: str | None = None) -> InvestigationSummary:
        """Unpack a bundle that was sent and ask for its investigation; raises UsageError for what may not be."""
        with archive.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").digest()
        wanted = digest + title.encode("utf-8", "replace")
        return self._added(self._places.receive(archive), title, request_key, wanted)

    def page(self, *, state: RunState | None, offset: int, limit: int) -> InvestigationPage:
        """Return investigations, newest first."""
        return self._table.page(state=state, offset=offset, limit=limit)

    def summary(self, investigation_id: str) -> InvestigationSummary:
        """Return how far one is; raises NotFound."""
        return self._table.summary(investigation_id)

    def detail(self, investigation_id: str) -> InvestigationDetail:
        """Return one with what came of it, once it is done; raises NotFound."""
        found = self._table.summary(investigation_id)
        if found.state is not RunState.DONE:
            return InvestigationDetail(investigation=found, acts=self._acts.last(investigation_id))
        self._steering.settle(investigation_id)
        return InvestigationDetail(
            investigation=self._table.summary(investigation_id),
            result=self._table.result(investigation_id),
            agent=self._table.agent(investigation_id),
            acts=self._acts.last(investigation_id),
            followed_by=self._table.followed_by(investigation_id),
        )

    def act(self, investigation_id: str, asked: ActRequest, *, request_key: str | None = None) -> ActView:
        """Do something about one and return what came of it; raises NotFound, UsageError."""
        return self._steering.act(investigation_id, asked, request_key=_checked_key(request_key))

    def acts(self, investigation_id: str, *, after: int = 0) -> Acts:
        """Return what people did about one, above a number; raises NotFound."""
        return self._steering.acts(investigation_id, after=after)

    def steps(self, investigation_id: str, *, after: int) -> list[StepView]:
        """Return the steps above a number, in order."""
        return self._table.steps(investigation_id, after=after)

    def news(self, investigation_id: str) -> int:
        """Return a number that changes when this process has added to an investigation."""
        return self._news.get(investigation_id, 0)

    def observation(self, investigation_id: str, observation_id: str) -> ObservationDetail:
        """Return one observation with its rows; raises NotFound."""
        return self._table.observation(investigation_id, observation_id)

    def report(
        self, investigation_id: str, *, guidance: InvestigationGuidance | None = None, rows: str = "observations/{id}"
    ) -> str:
        """Return the report of one that is done, as Markdown, with what documents advise where that is given.

        Raises NotFound, and UsageError where it isn't done.
        """
        result = self._result(investigation_id)
        whole = to_investigation(result, self._table.observations(investigation_id))
        beside = Beside(result.verdict.calibration, self._table.agent(investigation_id), guidance)
        return report_markdown(whole, rows=rows, beside=beside)

    def whole(self, investigation_id: str) -> Investigation:
        """Return one that is done with the rows of its observations; raises NotFound, and UsageError where it isn't."""
        return to_investigation(self._result(investigation_id), self._table.observations(investigation_id))

    @contextmanager
    def packed(self, investigation_id: str) -> Iterator[Path]:
        """Yield one that is done as a .tar.gz: its telemetry as a bundle, with the result; it is removed at the end.

        Raises NotFound, UsageError where it isn't done, and what opening its bundle raises.
        """
        result, bundle = self._result(investigation_id), self._bundle(investigation_id)
        with self._places.scratch() as place:
            folder = place / "bundle"
            write_bundle(folder, bundle.incident, bundle.telemetry)
            details = self._table.observations(investigation_id)
            report = self.report(investigation_id, rows="observations/{id}.json")
            acts = self.acts(investigation_id)
            write_result(folder, result, details, report, self._table.agent(investigation_id), acts)
            archive = place / "bundle.tar.gz"
            pack(folder, archive, f"investigation-{investigation_id[:8]}")
            shutil.rmtree(folder)
            yield archive

    def _result(self, investigation_id: str) -> InvestigationResult:
        found = self._table.summary(investigation_id)
        if found.state is RunState.DONE:
            self._steering.settle(investigation_id)
        result = self._table.result(investigation_id) if found.state is RunState.DONE else None
        if result is None:
            raise UsageError(
                f"investigation {investigation_id!r} is {found.state.value} and has no result"
                f"{f' ({found.error})' if found.error else ''}; GET /v1/investigations/{investigation_id} tells how "
                "far it is"
            )
        return result

    def cancel(self, investigation_id: str) -> InvestigationSummary:
        """Call one off unless it has ended; what was said until then stays. Raises NotFound."""
        self._runners.keep_said(investigation_id)
        found = self._table.cancel(investigation_id, datetime.now(UTC))
        self._runners.stop(investigation_id)
        self._tell(investigation_id)
        return found

    def delete(self, investigation_id: str) -> None:
        """Delete one for good, with the bundle where it was sent here; raises NotFound."""
        found = self._table.delete(investigation_id)
        self._runners.stop(investigation_id)
        if found.bundle not in self._table.bundles():  # the same recording may be looked at again
            self._places.remove(found.bundle)
        self._tell(investigation_id)

    def on_going_on(self, listener: Callable[[str, str, str], None]) -> None:
        """Have a listener told of each investigation that goes on as a new one: both ids, and who wanted it."""
        self._listeners.append(listener)

    def _tell_of_new(self, investigation_id: str, new: str, who: str) -> None:
        for listener in self._listeners:
            listener(investigation_id, new, who)

    def _bundle(self, investigation_id: str) -> OpenedBundle:
        """Open the bundle of one as it is looked at; raises what opening it raises."""
        bundle = self._open_bundle(self._places.folder(self._table.summary(investigation_id).bundle))
        return moved(bundle, self._table.window(investigation_id))

    def _go_on(self, summary: InvestigationSummary, window: Window, baseline: Window | None) -> InvestigationSummary:
        """Start the investigation that goes on from one in another window; the same window gives the same one."""
        before = self._bundle(summary.id).incident
        baseline = baseline or apart(before.baseline, window) or window.before(BASELINES * window.seconds)
        to = Moved.to(window, baseline).model_dump_json()
        key = f"window-{summary.id}-{hashlib.sha256(to.encode()).hexdigest()[:16]}"
        if not self._places.is_live(summary.bundle):
            return self._add(summary.bundle, summary.title, key, to.encode(), window=to, follows=summary.id)
        bundle = self._live.again(self._places.folder(summary.bundle), window, baseline)
        return self._added(bundle, summary.title, key, to.encode(), follows=summary.id)

    def _start_live(self, request: InvestigationRequest, request_key: str | None) -> InvestigationSummary:
        """Prepare a live case and ask for its investigation."""
        return self._added(self._live.prepare(request), request.title, request_key, request.model_dump_json().encode())

    def _added(
        self, bundle: str, title: str, request_key: str | None, wanted: bytes, *, follows: str | None = None
    ) -> InvestigationSummary:
        """Ask for the investigation of a bundle that was made for it: removed where the key stands for another one."""
        try:
            asked = self._add(bundle, title, request_key, wanted, follows=follows)
        except BaseException:
            self._places.remove(bundle)
            raise
        if asked.bundle != bundle:
            self._places.remove(bundle)
        return asked

    def _add(
        self,
        bundle: str,
        title: str,
        request_key: str | None,
        wanted: bytes,
        *,
        window: str | None = None,
        follows: str | None = None,
    ) -> InvestigationSummary:
        asked = InvestigationSummary(
            id=uuid.uuid4().hex,
            title=title,
            state=RunState.QUEUED,
            bundle=bundle,
            created_at=datetime.now(UTC),
            steps=0,
            attempts=0,
            follows=follows,
        )
        digest = hashlib.sha256(wanted).hexdigest()
        kept = self._table.add(asked, request_key=_checked_key(request_key), request_digest=digest, window=window)
        self._runners.wake()
        return kept

    def _tell(self, investigation_id: str) -> None:
        with self._telling:
            self._news[investigation_id] += 1


def _checked_key(key: str | None) -> str | None:
    if key is None:
        return None
    if not key.strip() or len(key) > _LONGEST_KEY or not key.isascii() or not key.isprintable():
        raise UsageError(
            f"Idempotency-Key {key[:80]!r} can't be one; send 1 to {_LONGEST_KEY} printable ASCII characters, such as "
            "a UUID"
        )
    return key
