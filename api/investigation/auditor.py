"""The auditor: rules that say how far the first hypothesis may be believed. They lower a verdict and never raise it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from api.investigation.call_graph import CallGraph
from api.investigation.candidates import Candidate
from api.investigation.findings import Finding, Gap, GapReason
from api.investigation.hypotheses import Hypothesis, RuledOut
from api.investigation.incidents import Incident
from api.investigation.observations import SourceClass
from api.investigation.ranking import Ranked
from api.investigation.verdicts import Objection, VerdictState

LIKELY, INCONCLUSIVE = VerdictState.LIKELY, VerdictState.INCONCLUSIVE

_SEEING = (SourceClass.METRIC, SourceClass.LOG, SourceClass.TRACE)
_CLEARLY = 1.5  # times the strength: how much louder a source must speak of another component to contradict
_STEP = 60_000_000  # microseconds: onsets are told by windows of about a minute
_ALTERNATIVES = 2


@dataclass(frozen=True, slots=True)
class Audited:
    """What the auditor looks at: the first hypothesis, and all that was found beside it."""

    incident: Incident
    hypothesis: Hypothesis
    ranked: Sequence[Ranked]
    ruled_out: Sequence[RuledOut]
    gaps: Sequence[Gap]
    graph: CallGraph

    @property
    def candidates(self) -> Mapping[str, Candidate]:
        """The candidates by their component."""
        return {one.candidate.component: one.candidate for one in self.ranked}

    @property
    def cause(self) -> Candidate:
        """The candidate that the hypothesis blames."""
        return self.candidates[self.hypothesis.component]

    @property
    def explained(self) -> frozenset[str]:
        """The cause and all whom its trouble can reach over observed calls."""
        return self.graph.above(self.hypothesis.component) | {self.hypothesis.component}


Rule = Callable[[Audited], Objection | None]


def audit(audited: Audited) -> tuple[Objection, ...]:
    """Return what speaks against believing the first hypothesis, by rule."""
    found = (rule(audited) for rule in RULES)
    return tuple(objection for objection in found if objection is not None)


def two_sources(audited: Audited) -> Objection | None:
    """A cause is confirmed by two classes of sources at least; two metrics are one."""
    sources = audited.hypothesis.sources
    if len(sources) >= 2:
        return None
    seen = " and ".join(sorted(one.value for one in sources)) or "nothing"
    return Objection(
        "two_sources",
        LIKELY if sources else INCONCLUSIVE,
        f"only one class of source speaks for {audited.hypothesis.component}: {seen}"
        if sources
        else f"no observation speaks for {audited.hypothesis.component}",
        tuple(finding.id for finding in audited.hypothesis.support),
    )


def sources_agree(audited: Audited) -> Objection | None:
    """Sources that tell different stories stop it: one that is loud about a component that the cause can't reach."""
    for source in _SEEING:
        loudest = _loudest(audited, source, among=None)
        own = _loudest(audited, source, among=audited.explained)
        if loudest is None or loudest.component in audited.explained:
            continue
        if own is None or loudest.score > _CLEARLY * own.score:
            return Objection(
                "sources_agree",
                INCONCLUSIVE if own is None and len(audited.hypothesis.sources) < 2 else LIKELY,
                f"{_plural(source)} tell another story: {loudest.claim}",
                (loudest.id,),
            )
    return None


def upstream_first(audited: Audited) -> Objection | None:
    """Blame goes down the calls: what the cause calls itself must not be in trouble of its own, and earlier."""
    own = audited.cause
    for name in audited.graph.callees(own.component):
        callee = audited.candidates.get(name)
        if callee is None or not callee.notable or callee.strength <= own.strength:
            continue
        if own.onset is not None and callee.onset is not None and callee.onset > own.onset + _STEP:
            continue
        return Objection(
            "upstream_first",
            LIKELY,
            f"{own.component} calls {name}, which is in more trouble: {callee.notable[0].claim}",
            (callee.notable[0].id,),
        )
    return None


def onset_order(audited: Audited) -> Objection | None:
    """A cause does not begin after what it is to explain."""
    own = audited.cause.onset
    shown = audited.candidates.get(audited.incident.symptom.component or "")
    if own is None or shown is None or shown.onset is None or shown.component == audited.cause.component:
        return None
    late = (own - shown.onset) / 1_000_000
    if own <= shown.onset + _STEP:
        return None
    return Objection(
        "onset_order",
        LIKELY,
        f"{audited.cause.component} began {late:.0f} s after {shown.component}, where the symptom shows",
        (audited.cause.notable[0].id, shown.notable[0].id),
    )


def reaches_the_symptom(audited: Audited) -> Objection | None:
    """The symptom must be where the trouble of the cause can get to, over calls that were observed."""
    symptom = audited.incident.symptom.component
    if symptom is None or symptom == audited.hypothesis.component:
        return None
    if not audited.hypothesis.chain:
        return Objection(
            "reaches_the_symptom",
            LIKELY,
            f"no observed calls lead from {audited.hypothesis.component} to {symptom}, where the symptom shows",
        )
    quiet = [hop.effect for hop in audited.hypothesis.chain if not hop.anomalies]
    if not quiet:
        return None
    return Objection("reaches_the_symptom", LIKELY, f"on the way to {symptom}, nothing unusual shows at {quiet[0]}")


def symptoms_explained(audited: Audited) -> Objection | None:
    """What is as unusual as the cause itself, and can't come from it, is unexplained."""
    left = [
        one.candidate
        for one in audited.ranked
        if one.candidate.component not in audited.explained
        and one.candidate.notable
        and one.candidate.strength >= audited.cause.strength
    ]
    if not left:
        return None
    first = left[0].notable[0]
    more = f", and {len(left) - 1} more such" if len(left) > 1 else ""
    return Objection("symptoms_explained", LIKELY, f"it doesn't explain that {first.claim}{more}", (first.id,))


def alternatives_tried(audited: Audited) -> Objection | None:
    """At least two other causes were tried, and something speaks against each."""
    if len(audited.ruled_out) >= _ALTERNATIVES:
        return None
    count = len(audited.ruled_out) or "no"
    return Objection(
        "alternatives_tried",
        LIKELY,
        f"{count} other cause{'' if count == 1 else 's'} could be ruled out by what was seen; two are asked for",
    )


def seen_whole(audited: Audited) -> Objection | None:
    """What was not looked at can hide the cause."""
    told = {finding.source for one in audited.ranked for finding in one.candidate.findings}
    blind = [
        gap
        for gap in audited.gaps
        if gap.source in _SEEING and gap.component is None and _hides(gap) and not _told_otherwise(gap, told)
    ]
    if not blind:
        return None
    classes = sorted({gap.source.value for gap in blind})
    none_left = len(classes) == len(_SEEING)
    return Objection(
        "seen_whole",
        INCONCLUSIVE if none_left else LIKELY,
        f"not seen whole ({', '.join(classes)}): {blind[0].detail}",
    )


def cause_seen(audited: Audited) -> Objection | None:
    """A component without telemetry can be the cause as well: one that is hidden, or that the symptom depends on."""
    below = audited.graph.below(audited.incident.symptom.component or audited.hypothesis.component)
    known = audited.candidates
    unseen = {
        gap.component
        for gap in audited.gaps
        if gap.component is not None
        and (gap.component in below or (gap.reason is GapReason.NOT_CONNECTED and gap.component in known))
    }
    left = sorted(name for name in unseen if name != audited.hypothesis.component and not _seen(audited, name))
    if not left:
        return None
    return Objection("cause_seen", LIKELY, f"{left[0]}, which can be the cause as well, could not be seen")


def baseline_known(audited: Audited) -> Objection | None:
    """Without healthy time to compare with, nothing is known to be unusual."""
    if audited.incident.baseline is not None:
        return None
    return Objection("baseline_known", INCONCLUSIVE, "there is no healthy time to compare with")


RULES: tuple[Rule, ...] = (
    two_sources,
    sources_agree,
    upstream_first,
    onset_order,
    reaches_the_symptom,
    symptoms_explained,
    alternatives_tried,
    seen_whole,
    cause_seen,
    baseline_known,
)
"""All rules, in the order in which a report tells them."""


def _loudest(audited: Audited, source: SourceClass, among: frozenset[str] | None) -> Finding | None:
    found = [
        finding
        for one in audited.ranked
        if among is None or one.candidate.component in among
        for finding in one.candidate.notable
        if finding.source is source
    ]
    return max(found, key=lambda one: (one.score, one.id), default=None)


def _hides(gap: Gap) -> bool:
    return gap.reason in {
        GapReason.NOT_CONNECTED,
        GapReason.NO_DATA,
        GapReason.NO_BASELINE,
        GapReason.TIMED_OUT,
        GapReason.FAILED,
        GapReason.OUTSIDE_WINDOW,
    }


def _told_otherwise(gap: Gap, told: set[SourceClass]) -> bool:
    """Tell whether a class without data of its own is seen all the same, by alerts that were raised on it."""
    return gap.reason in {GapReason.NOT_CONNECTED, GapReason.NO_DATA} and gap.source in told


def _seen(audited: Audited, name: str) -> bool:
    """Whether a component is seen by a class that no gap hides for it: what others' calls tell of it doesn't count."""
    hidden = {gap.source for gap in audited.gaps if gap.component == name}
    known = audited.candidates.get(name)
    return known is not None and any(one.source not in hidden for one in known.findings)


def _plural(source: SourceClass) -> str:
    return f"{source.value}s"
