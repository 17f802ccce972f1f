"""What came of an act, in words for those who read along."""

from collections.abc import Sequence

from api.investigation.findings import Finding
from api.investigation.investigations import Investigation
from api.investigation.verdicts import Verdict
from api.schemas.investigation_acts import ToldVerdict
from api.steering.acts import Act, ActKind


def verdict_in_short(investigation: Investigation) -> ToldVerdict:
    """Return how the verdict stands."""
    verdict = investigation.verdict
    component = verdict.cause.component if verdict.cause is not None else None
    return ToldVerdict(state=verdict.state, component=component, decided_by=verdict.decided_by)


def came_of(act: Act, before: Investigation, after: Investigation) -> str:
    """Return what an act changed, in one or two sentences."""
    kind, change = act.deed.kind, _change(before.verdict, after.verdict)
    if kind is ActKind.THEORY:
        return f"{_weighed(act.deed.component or '', after)} {change}"
    if kind is ActKind.WITHDRAW:
        return f"Act {act.deed.act} no longer counts. {change}"
    if kind is ActKind.STEP:
        return "It stands in the ledger of the runbook; steps are guidance, and weigh nothing."
    if kind is ActKind.CONFIRM_CAUSE and after.verdict.objections:
        count = len(after.verdict.objections)
        return f"{change} {count} objection{'' if count == 1 else 's'} of the auditor stand beside it."
    if kind is ActKind.FACT and act.deed.component is None:
        return f"It is kept; it names no component, so nothing is weighed by it. {change}"
    return change


def _weighed(component: str, after: Investigation) -> str:
    names = [one.component for one in after.hypotheses]
    if component not in names:
        return (
            f"Nothing was seen of {component} that could be weighed; tell a fact about it, or connect what watches it."
        )
    one = after.hypotheses[names.index(component)]
    place = f"hypothesis {names.index(component) + 1} of {len(names)}"
    return f"{component} is {place}: {_count(one.support)} for it, {len(one.against)} against."


def _count(findings: Sequence[Finding]) -> str:
    return f"{len(findings)} finding{' speaks' if len(findings) == 1 else 's speak'}"


def _change(before: Verdict, after: Verdict) -> str:
    then, now = _words(before), _words(after)
    return f"The verdict stays {now}." if then == now else f"The verdict changes from {then} to {now}."


def _words(verdict: Verdict) -> str:
    state = verdict.state.value.replace("_", " ")
    by = f" by {verdict.decided_by}" if verdict.decided_by else ""
    return f"{state}{by}{f', {verdict.cause.component}' if verdict.cause else ''}"
