"""What people do about investigations: each act is kept with what came of it, and the verdict is drawn anew."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Protocol

from api.errors import UsageError
from api.investigating.act_words import came_of, verdict_in_short
from api.investigating.looks import look
from api.investigating.opening import OpenedBundle
from api.investigation.investigations import Investigation
from api.investigation.observations import Observation
from api.investigation.windows import Window
from api.schemas.investigation_acts import (
    ActKind,
    ActRequest,
    Acts,
    ActView,
    Came,
    ToldVerdict,
    act_of,
    deed_of,
)
from api.schemas.investigation_forms import to_detail, to_investigation, to_result
from api.schemas.investigation_questions import IncidentAnswer
from api.schemas.investigation_runs import AskedWindow, InvestigationSummary, RunState
from api.steering.acts import Act, Deed, standing_acts
from api.steering.steered import Models, steered
from api.storage.investigation_acts import ActsMoved, ActTable, NewAct
from api.storage.investigations import InvestigationTable
from ingest.errors import StorageFailed

_TRIES = 8  # others may act at the same time
_OPEN = frozenset({RunState.QUEUED, RunState.RUNNING, RunState.DONE})
_WHILE_IT_RUNS = frozenset(ActKind) - {ActKind.QUERY, ActKind.QUESTION, ActKind.WINDOW}
_CARRIED = frozenset({ActKind.FACT, ActKind.CONFIRM_CAUSE, ActKind.REJECT_CAUSE, ActKind.THEORY})


class Answering(Protocol):
    """What answers a question about one investigation."""

    def __call__(self, investigation: Investigation, question: str) -> IncidentAnswer:
        """Return the answer: what was observed, and apart from it what documents advise. Raises UsageError."""


class GoingOn(Protocol):
    """What starts the investigation that goes on in another window."""

    def __call__(self, summary: InvestigationSummary, window: Window, baseline: Window | None) -> InvestigationSummary:
        """Return the new one; the same window gives the same one. Raises UsageError."""


def no_answer(investigation: Investigation, question: str) -> IncidentAnswer:
    """Raise UsageError: nothing here answers questions."""
    raise UsageError(f"question {question[:80]!r} about {investigation.incident.title!r} can't be answered here")


@dataclass(frozen=True, slots=True)
class Parts:
    """What steering needs of the desk."""

    bundle: Callable[[str], OpenedBundle]
    go_on: GoingOn
    answer: Answering
    told: Callable[[str], None]
    gone_on: Callable[[str, str, str], None] = lambda _old, _new, _who: None


@dataclass(frozen=True, slots=True)
class _Done:
    """What an act did before it is weighed."""

    text: str = ""
    observations: tuple[Observation, ...] = ()
    investigation: str | None = None
    answer: IncidentAnswer | None = None


class Steering:
    """Takes acts; safe to use from several threads and processes."""

    def __init__(self, acts: ActTable, table: InvestigationTable, models: Models, parts: Parts) -> None:
        self._acts, self._table, self._models, self._parts = acts, table, models, parts

    def acts(self, investigation_id: str, *, after: int = 0) -> Acts:
        """Return the acts above a number, in order, and how the verdict stands; raises NotFound."""
        summary = self._table.summary(investigation_id)
        every = self._acts.acts(investigation_id)
        verdict = ToldVerdict(state=summary.verdict, component=summary.component) if summary.verdict else None
        if verdict is not None and every and every[-1].came.after is not None:
            verdict = every[-1].came.after
        last = every[-1].number if every else 0
        return Acts(acts=[one for one in every if one.number > after], last=last, verdict=verdict)

    def act(self, investigation_id: str, asked: ActRequest, *, request_key: str | None = None) -> ActView:
        """Keep an act and what comes of it; the same request key gives the one that it first asked for.

        Raises NotFound, and UsageError for what can't be done about it, with the next step.
        """
        summary = self._table.summary(investigation_id)
        if request_key is not None:
            known = self._acts.known(investigation_id, request_key, asked)
            if known is not None:
                return known
        _check_state(summary, asked)
        now = datetime.now(UTC)
        deed = deed_of(_ended(asked, now))
        done: _Done | None = None
        for _ in range(_TRIES):
            earlier = self._acts.acts(investigation_id)
            _check_act(deed, earlier)
            before = self._standing(investigation_id, earlier) if summary.state is RunState.DONE else None
            if before is not None:
                _check_named(deed, before)
            done = done or self._done(summary, deed, before)
            new = self._weighed(investigation_id, asked, deed, now, earlier, before, done)
            try:
                view = self._acts.add(investigation_id, replace(new, request_key=request_key))
            except ActsMoved:
                continue
            if done.investigation is not None:
                self._carry(earlier, done.investigation)
                self._parts.gone_on(investigation_id, done.investigation, asked.who)
            self._parts.told(investigation_id)
            return view
        raise StorageFailed(f"others act on investigation {investigation_id!r} all the time; send it again")

    def settle(self, investigation_id: str) -> None:
        """Weigh what people did while it ran, once it is done; nothing where that has been done, or nothing was."""
        for _ in range(_TRIES):
            acts = self._acts.acts(investigation_id)
            if not acts or self._table.is_steered(investigation_id):
                return
            found = self._standing(investigation_id, acts)
            if found is None:
                return
            try:
                details = [to_detail(one) for one in found.observations]
                self._acts.settle(investigation_id, acts[-1].number, details, to_result(found))
            except ActsMoved:
                continue
            self._parts.told(investigation_id)
            return

    def _standing(self, investigation_id: str, acts: Sequence[ActView]) -> Investigation | None:
        """Return the investigation as it stands after acts; None where it is not done."""
        result = self._table.original(investigation_id)
        if result is None:
            return None
        whole = to_investigation(result, self._table.observations(investigation_id))
        return steered(whole, [act_of(one) for one in acts], self._models)

    def _weighed(
        self,
        investigation_id: str,
        asked: ActRequest,
        deed: Deed,
        now: datetime,
        earlier: Sequence[ActView],
        before: Investigation | None,
        done: _Done,
    ) -> NewAct:
        """Return the act with what comes of it."""
        last = earlier[-1].number if earlier else 0
        if before is None:
            text = done.text or "It is kept, and weighed once the specialists are done."
            return NewAct(asked, now, Came(text=text, investigation=done.investigation), last)
        original = self._table.original(investigation_id)
        assert original is not None, "an investigation that is done has a result"
        whole = to_investigation(original, self._table.observations(investigation_id))
        act = Act(last + 1, now, asked.who, deed)
        after = steered(whole, [*map(act_of, earlier), act], self._models)
        after = replace(after, observations=(*after.observations, *done.observations))
        known = {one.id for one in before.observations}
        made = [one for one in after.observations if one.id not in known]
        came = Came(
            text=done.text or came_of(act, before, after),
            before=verdict_in_short(before),
            after=verdict_in_short(after),
            observations=[one.id for one in made],
            investigation=done.investigation,
            answer=done.answer,
        )
        return NewAct(asked, now, came, last, [to_detail(one) for one in made], to_result(after))

    def _done(self, summary: InvestigationSummary, deed: Deed, before: Investigation | None) -> _Done:
        """Do what an act does beside being weighed."""
        if deed.kind is ActKind.QUERY and deed.source is not None and deed.component is not None:
            seen, why = look(self._parts.bundle(summary.id), deed.source, deed.component, deed.text)
            return _Done(f"It shows: {seen.summary}", (seen,)) if seen is not None else _Done(f"Nothing: {why}.")
        if deed.kind is ActKind.QUESTION and before is not None:
            answer = self._parts.answer(before, deed.text)
            said = " ".join(one.text for one in answer.statements) or "What was observed does not tell."
            return _Done(said, answer=answer)
        if deed.kind is ActKind.WINDOW and deed.window is not None:
            new = self._parts.go_on(summary, deed.window, deed.baseline)
            return _Done(f"It goes on in {deed.window}.", investigation=new.id)
        return _Done()

    def _carry(self, acts: Sequence[ActView], to: str) -> None:
        """Take what people said of the incident along to the investigation that goes on."""
        there = self._acts.acts(to)
        standing = {one.number for one in standing_acts([act_of(view) for view in acts])}
        for view in acts if not there else ():
            if view.number in standing and view.act.kind in _CARRIED:
                last = self._acts.acts(to)
                asked = view.act.model_copy(update={"observations": []})
                came = Came(text="It was said of the same incident in another window.")
                self._acts.add(to, NewAct(asked, view.at, came, last[-1].number if last else 0))


def _check_state(summary: InvestigationSummary, asked: ActRequest) -> None:
    if summary.state not in _OPEN:
        raise UsageError(
            f"investigation {summary.id!r} is {summary.state.value}, so nothing can be done about it; start it again"
        )
    if summary.state is not RunState.DONE and asked.kind not in _WHILE_IT_RUNS:
        raise UsageError(
            f"a {asked.kind.value} needs what the specialists find, and investigation {summary.id!r} is "
            f"{summary.state.value}; send it again once it is done"
        )


def _check_act(deed: Deed, earlier: Sequence[ActView]) -> None:
    """Raise UsageError where what is to be withdrawn can't be."""
    if deed.kind is not ActKind.WITHDRAW:
        return
    named = next((one for one in earlier if one.number == deed.act), None)
    if named is None:
        raise UsageError(f"act {deed.act!r} is not there; there are {len(earlier)}")
    if named.withdrawn or named.act.kind is ActKind.WITHDRAW:
        raise UsageError(f"act {deed.act!r} is withdrawn already, or withdraws another one itself")


def _check_named(deed: Deed, before: Investigation) -> None:
    """Raise UsageError for findings and observations that are not there."""
    if deed.finding is not None and deed.finding not in {one.id for one in before.findings}:
        raise UsageError(f"finding {deed.finding!r} is not one of this investigation; its ids are in its result")
    there = {one.id for one in before.observations}
    for name in deed.observations:
        if name not in there:
            raise UsageError(f"observation {name!r} is not one of this investigation; its ids are in its result")


def _ended(asked: ActRequest, now: datetime) -> ActRequest:
    """Return an act whose window ends now where it tells no end."""
    if asked.window is None or asked.window.end is not None:
        return asked
    return asked.model_copy(update={"window": AskedWindow(start=asked.window.start, end=now)})
