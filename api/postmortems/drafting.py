"""A draft from an investigation that is done: what its findings say, and questions where they say nothing.

Every sentence that states something repeats a finding, a gap or a reason of the auditor; nothing is worded anew, so
that no number can come in that nobody observed.
"""

from collections.abc import Iterator

from api.investigation.candidates import is_notable
from api.investigation.faults import FaultKind
from api.investigation.findings import NOWHERE, Finding, Gap
from api.investigation.hypotheses import Hypothesis
from api.investigation.investigations import Investigation
from api.investigation.observations import SourceClass
from api.investigation.signals import Signal
from api.investigation.verdicts import VerdictState
from api.postmortems.drafts import ActionKind, Draft, Section, SectionKind, Statement, Sure
from api.postmortems.roles import Roles, roles_in

_MOST_TIMELINE = 30
_MOST_IMPACT = 8
_MOST_CONTRIBUTING = 8
_MOST_RULED_OUT = 10
_IMPACT = frozenset(
    {
        Signal.LATENCY, Signal.ERRORS, Signal.AVAILABILITY, Signal.TRAFFIC, Signal.FAILED_CALLS, Signal.SELF_TIME,
        Signal.EXCESS,
    }
)  # fmt: skip
_DETECTING = frozenset({SourceClass.METRIC, SourceClass.LOG, SourceClass.TRACE})


def draft_of(investigation: Investigation, *, names: bool = False) -> Draft:
    """Return the draft; people are named only where `names` says so. The same investigation gives the same draft."""
    roles = Roles(()) if names else roles_in(investigation)
    drafting = _Drafting(investigation, roles)
    return Draft(
        roles.without_names(investigation.incident.title),
        tuple(Section(kind, tuple(make())) for kind, make in drafting.sections),
    )


class _Drafting:
    """Makes the sections of one draft."""

    def __init__(self, investigation: Investigation, roles: Roles) -> None:
        self._of, self._roles = investigation, roles
        self._cause = investigation.verdict.cause
        self._settled = Sure.KNOWN if investigation.verdict.state is VerdictState.CONFIRMED else Sure.LIKELY
        rejected = set(investigation.rejected)
        self._findings = [one for one in investigation.findings if one.id not in rejected]
        self.sections = (
            (SectionKind.SUMMARY, self._summary),
            (SectionKind.IMPACT, self._impact),
            (SectionKind.DETECTION, self._detection),
            (SectionKind.TIMELINE, self._timeline),
            (SectionKind.CAUSAL_CHAIN, self._chain),
            (SectionKind.CONTRIBUTING, self._contributing),
            (SectionKind.RULED_OUT, self._ruled_out),
            (SectionKind.WENT_WELL, self._went_well),
            (SectionKind.GAPS, self._gaps),
            (SectionKind.ACTIONS, self._actions),
        )

    def _said(self, finding: Finding, *, at: int | None = None, sure: Sure = Sure.KNOWN) -> Statement:
        return Statement(
            _ended(self._roles.without_names(finding.claim)), sure, (finding.id,), finding.observations, at=at
        )

    def _question(self, text: str) -> Statement:
        return Statement(text, Sure.QUESTION)

    def _summary(self) -> Iterator[Statement]:
        cause, verdict = self._cause, self._of.verdict
        if cause is None:
            yield self._question("What happened? The investigation settled no cause and named no suspect.")
            return
        by = self._roles.without_names(f", confirmed by {verdict.decided_by}") if verdict.decided_by else ""
        state = {VerdictState.CONFIRMED: "The cause", VerdictState.LIKELY: "The likely cause"}
        lead = state.get(verdict.state, "No cause was settled; the first suspect")
        sure = self._settled if verdict.state in state else Sure.QUESTION
        support = tuple(one.id for one in cause.support[:3])
        rows = tuple(dict.fromkeys(name for one in cause.support[:3] for name in one.observations))
        yield Statement(f"{lead} is {cause.component}: {cause.kind.meaning}{by}.", sure, support, rows)
        for one in cause.support[:2]:
            yield self._said(one)

    def _impact(self) -> Iterator[Statement]:
        shown = [
            one
            for one in self._findings
            if is_notable(one) and one.signal in _IMPACT and one.component != NOWHERE and one.source in _DETECTING
        ]
        front = self._of.incident.symptom.component
        ordered = sorted(shown, key=lambda one: (one.component != front, -one.score, one.id))
        for one in ordered[:_MOST_IMPACT]:
            yield self._said(one)
        if not shown:
            yield self._question("Whom did it affect, and how? Nothing that was observed tells of latency or failures.")
        yield self._question("How many users and which of their requests were affected? Telemetry does not tell it.")

    def _detection(self) -> Iterator[Statement]:
        symptom = self._of.incident.symptom
        if symptom.alert:
            told = next((one for one in self._findings if symptom.alert in one.claim), None)
            if told is not None:
                yield self._said(told)
            else:
                yield self._question(f"When did the alert {symptom.alert} fire, and who saw it first?")
        else:
            yield self._question("How was it noticed, by whom and when? No alert is named.")
        yield self._question("Could an alert have told it earlier?")

    def _timeline(self) -> Iterator[Statement]:
        dated = [one for one in self._findings if one.onset is not None and is_notable(one)]
        ordered = sorted(dated, key=lambda one: (one.onset or 0, -one.score, one.id))[:_MOST_TIMELINE]
        for one in ordered:
            yield self._said(one, at=one.onset)
        if not ordered:
            yield self._question("What happened when? Nothing that was observed has a time of its own.")
        yield self._question("When did people act, and when was it over? What they did outside is not recorded.")

    def _chain(self) -> Iterator[Statement]:
        cause = self._cause
        if cause is None or not cause.chain:
            yield self._question("How did it reach where it was noticed? No observed calls show the way.")
            return
        for hop in cause.chain:
            rows = tuple(dict.fromkeys((*hop.calls, *hop.anomalies)))
            yield Statement(f"Trouble of {hop.cause} reaches {hop.effect}.", self._settled, (), rows)

    def _contributing(self) -> Iterator[Statement]:
        cause = self._cause
        known = {one.id: one for one in self._findings}
        left = [known[name] for name in cause.unexplained if name in known] if cause is not None else []
        changes = [one for one in self._findings if one.source is SourceClass.CHANGE and is_notable(one)]
        for one in list(dict.fromkeys([*changes, *left]))[:_MOST_CONTRIBUTING]:
            yield self._said(one)
        yield self._question("What made it possible, and what made it worse?")

    def _ruled_out(self) -> Iterator[Statement]:
        known = {one.id for one in self._of.findings}
        for one in self._of.ruled_out[:_MOST_RULED_OUT]:
            cited = tuple(name for name in one.findings if name in known)
            kind = "" if one.kind is FaultKind.UNKNOWN else f" ({one.kind.meaning})"
            yield Statement(_ended(self._roles.without_names(f"{one.component}{kind}: {one.reason}")), findings=cited)
        if not self._of.ruled_out:
            yield self._question("What else could have caused it, and what speaks against that?")

    def _went_well(self) -> Iterator[Statement]:
        yield self._question("What went well, and where did luck help?")

    def _gaps(self) -> Iterator[Statement]:
        for place, gap in enumerate(self._of.gaps):
            yield Statement(_ended(_gap_words(gap)), gaps=(place,))
        known = {one.id: one for one in self._of.findings}
        for objection in self._of.verdict.objections:
            cited = [known[name] for name in objection.rests_on if name in known]
            rows = tuple(dict.fromkeys(name for one in cited for name in one.observations))
            text = _ended(self._roles.without_names(f"The auditor objects: {objection.reason}"))
            yield Statement(text, Sure.KNOWN, tuple(one.id for one in cited), rows)

    def _actions(self) -> Iterator[Statement]:
        cause = self._cause
        if cause is not None:
            yield _action(ActionKind.PREVENT, f"What keeps {cause.component} from it: {cause.kind.meaning}?", cause)
            yield _action(ActionKind.DETECT, f"Which alert tells of {cause.component} before its callers do?", cause)
            yield _action(ActionKind.MITIGATE, f"What limits the reach of {cause.component} next time?", cause)
        for place, gap in enumerate(self._of.gaps):
            text = f"Close the gap: {gap.next_step}"
            yield Statement(_ended(text), gaps=(place,), action=ActionKind.PROCESS)


def _action(kind: ActionKind, text: str, cause: Hypothesis) -> Statement:
    return Statement(text, Sure.QUESTION, tuple(one.id for one in cause.support[:1]), action=kind)


def _gap_words(gap: Gap) -> str:
    where = f"{gap.component}: " if gap.component else ""
    return f"{where}{gap.detail}"


def _ended(text: str) -> str:
    return text if text.endswith((".", "?", "!")) else f"{text}."
