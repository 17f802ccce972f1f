"""Acts about canned investigations: kept in a list, each with the answer that a test sets."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from api.errors import GroundwatchError
from api.investigation.verdicts import VerdictState
from api.schemas.investigation_acts import ActKind, ActRequest, Acts, ActView, Came, ToldVerdict
from tests.ui.canned_investigations import FakeInvestigations

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


def act_view(number: int, *, came: str = "The verdict stays likely, cart.", **asked: object) -> ActView:
    """Return an act as it was recorded."""
    request = ActRequest.model_validate({"kind": "fact", "text": "we failed over", "who": "Ana"} | asked)
    after = ToldVerdict(state=VerdictState.LIKELY, component="front")
    return ActView(number=number, at=NOON, act=request, came=Came(text=came, after=after))


@dataclass
class SteeredInvestigations(FakeInvestigations):
    """Canned investigations that people act on."""

    views: list[ActView] = field(default_factory=list)
    acted: list[ActRequest] = field(default_factory=list)
    no_act: GroundwatchError | None = None

    def act(self, investigation_id: str, asked: ActRequest) -> ActView:
        assert investigation_id in self.details
        if self.no_act is not None:
            raise self.no_act
        self.acted.append(asked)
        self.views.append(act_view(len(self.views) + 1, **asked.model_dump(mode="json", exclude_defaults=True)))
        return self.views[-1]

    def acts(self, investigation_id: str, *, after: int = 0) -> Acts:
        self._fail()
        withdrawn = {one.act.act for one in self.views if one.act.kind is ActKind.WITHDRAW}
        views = [one.model_copy(update={"withdrawn": one.number in withdrawn}) for one in self.views]
        verdict = views[-1].came.after if views else None
        return Acts(acts=[one for one in views if one.number > after], last=len(views), verdict=verdict)
