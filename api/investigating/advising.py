"""What documents advise for an investigation that is done: found when it is asked for, and stored nowhere."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict
from typing import Protocol

from api.guidance.searching import SearchedKnowledge
from api.investigation.guidance import Guidance
from api.investigation.investigations import Investigation
from api.investigation.rechecking import advise
from api.retrieval.search import Searcher
from api.schemas.investigation_acts import ActKind, Acts, ActView
from api.schemas.investigation_guidance import InvestigationGuidance, StepTaken


class Finished(Protocol):
    """What has investigations that are done."""

    def whole(self, investigation_id: str) -> Investigation:
        """Return one; raises NotFound, and UsageError where it isn't done."""

    def report(self, investigation_id: str, *, guidance: InvestigationGuidance | None) -> str:
        """Return its report, with guidance where that is given; raises as `whole` does."""

    def acts(self, investigation_id: str, *, after: int = 0) -> Acts:
        """Return what people did about it; raises NotFound."""


class Advice:
    """Guidance over the index that is served; `searching` leases a searcher over what the asker may read."""

    def __init__(self, finished: Finished, searching: Callable[[], AbstractContextManager[Searcher]]) -> None:
        self._finished, self._searching = finished, searching

    def guidance(self, investigation_id: str) -> InvestigationGuidance:
        """Return what documents advise; raises NotFound, UsageError, KnowledgeMissing."""
        investigation = self._finished.whole(investigation_id)
        with self._searching() as searcher:
            found = _view(advise(investigation, SearchedKnowledge(searcher)))
        return with_ledger(found, self._finished.acts(investigation_id).acts)

    def report(self, investigation_id: str, *, guidance: bool) -> str:
        """Return the report, with what documents advise where it is asked for; raises as `guidance` does."""
        return self._finished.report(investigation_id, guidance=self.guidance(investigation_id) if guidance else None)


def with_ledger(guidance: InvestigationGuidance, acts: Sequence[ActView]) -> InvestigationGuidance:
    """Return guidance with what people said became of its steps; the last that nobody withdrew counts."""
    said = {
        (one.act.document, one.act.line): StepTaken(
            outcome=one.act.outcome, who=one.act.who, at=one.at, note=one.act.text, act=one.number
        )
        for one in acts
        if one.act.kind is ActKind.STEP and one.act.outcome is not None and not one.withdrawn
    }
    runbooks = tuple(
        runbook.model_copy(
            update={
                "steps": tuple(
                    step.model_copy(update={"taken": said.get((step.source.document, step.source.first_line))})
                    for step in runbook.steps
                )
            }
        )
        for runbook in guidance.runbooks
    )
    return guidance.model_copy(update={"runbooks": runbooks})


def _view(guidance: Guidance) -> InvestigationGuidance:
    plain = asdict(guidance)
    for past, shown in zip(guidance.similar, plain["similar"], strict=True):
        shown["rechecks"] = [{**asdict(recheck), "words": recheck.words} for recheck in past.rechecks]
    return InvestigationGuidance.model_validate(plain)
