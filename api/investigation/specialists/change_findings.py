"""Write down what was found on changes: the one to blame, leads, those that are cleared, and causes outside."""

from collections.abc import Sequence

from api.investigation.faults import FaultKind
from api.investigation.findings import NOWHERE, Direction
from api.investigation.incidents import Incident
from api.investigation.observations import Cell, SourceClass
from api.investigation.series.naming import meaning_of
from api.investigation.signals import Signal
from api.investigation.specialists.writing import Notebook
from api.investigation.suspects.blame import Standing, Suspect
from api.investigation.suspects.examining import Examined, SlowRise
from api.investigation.suspects.mechanisms import FITTING, Mechanism
from api.investigation.suspects.outside_causes import Outside
from api.investigation.suspects.series_history import History
from api.investigation.windows import instant_text

_BLAME = 4.0  # score of the change that is blamed, and of a cause outside: as unusual as a clear move of a metric
_LEAD = 2.5  # score of what is worth reading: below what is unusual
_MOST_LEADS = 10
_MOST_TERMS = 25
_WIDE = 300  # characters of a line in a table

_FILLED = {
    Signal.MEMORY: (FaultKind.MEMORY,),
    Signal.DISK: (FaultKind.DISK,),
    Signal.SATURATION: (FaultKind.QUEUE_LAG, FaultKind.QUOTA, FaultKind.DATABASE),
}

OUTSIDE = "outside of all changes"
"""Subject of the finding that no change is to blame."""


def tell(notes: Notebook, incident: Incident, examined: Examined) -> None:
    """Write down all of it."""
    for cause in examined.outside:
        _tell_outside(notes, incident, cause)
    if examined.rise is not None:
        _tell_rise(notes, examined.rise, examined)
    weighed = examined.weighed
    if weighed.blamed is not None:
        _tell_suspect(notes, incident, examined, weighed.blamed, _BLAME)
    elif weighed.suspects:
        _tell_none(notes, examined)
    open_ = [one for one in weighed.suspects if one.standing is Standing.LEAD]
    leads = [one for one in open_ if one.score > 0]
    best = max((one.score for one in weighed.suspects if one.standing is not Standing.CLEARED), default=0.0)
    for one in leads[:_MOST_LEADS]:
        _tell_suspect(notes, incident, examined, one, _LEAD * one.score / best)
    groups = {why: [one for one in weighed.suspects if one.why == why] for why in sorted({*_reasons(weighed.suspects)})}
    for why, own in groups.items():
        _tell_group(notes, f"cleared: {why}", f"{len(own)} changes can't have caused the trouble: {why}", own)
    rest = [*leads[_MOST_LEADS:], *(one for one in open_ if not one.score)]
    _tell_group(
        notes, "other changes", f"{len(rest)} other changes have little or nothing to do with the trouble", rest
    )


def _tell_outside(notes: Notebook, incident: Incident, outside: Outside) -> None:
    component = outside.component or incident.symptom.component or NOWHERE
    seen = notes.observed(
        outside.component, outside.query, outside.claim, outside.columns, outside.rows, source=outside.source
    )
    notes.found(
        component,
        outside.signal,
        outside.subject,
        Direction.UP,
        outside.claim,
        "it was there when the trouble began, and no change brings it about",
        [seen],
        _BLAME,
        kinds=(outside.kind,),
        onset=outside.onset,
        source=outside.source,
    )


def _tell_rise(notes: Notebook, rise: SlowRise, examined: Examined) -> None:
    series, signal = rise.series, meaning_of(rise.series.metric).signal
    history = History(examined.trouble.healthy, examined.trouble.now)
    claim = (
        f"{series.metric} of {series.component} had been rising steadily since about {instant_text(rise.since)}, "
        "long before the symptom"
    )
    seen = notes.observed(
        series.component,
        f"{series.metric}: points around the turn where a level and a straight line after it fit best",
        claim,
        ("time", "value"),
        history.around(series, rise.since),
        source=SourceClass.METRIC,
        instance=series.instance,
    )
    notes.found(
        series.component,
        signal,
        series.metric,
        Direction.UP,
        claim,
        "a level and a straight line after it fit; changes that acted after it began did not begin it",
        [seen],
        _BLAME,
        kinds=_FILLED[signal],
        onset=rise.since,
        source=SourceClass.METRIC,
    )


def _tell_suspect(notes: Notebook, incident: Incident, examined: Examined, one: Suspect, score: float) -> None:
    change, blamed = one.change, one.standing is Standing.BLAMED
    where = _where(incident, examined, one)
    label = f"{change.kind} {change.ref[:12] or change.title[:60]}"
    does = notes.observed(
        one.acting.component,
        f"what {label} does, read from its diff without comments, moved lines and reports",
        f"{label} by {change.author or 'somebody'}: {change.title[:160]}",
        ("time", "acted from", "carried by", "title", "what it does", "file", "before", "after"),
        [
            (
                instant_text(change.at),
                instant_text(one.acting.at) if one.acting.at is not None else "unknown",
                one.acting.by.title[:120] if one.acting.by else "no known deployment",
                change.title[:160],
                act.mechanism.value,
                act.file,
                act.before[:_WIDE],
                act.after[:_WIDE],
            )
            for act in one.acts
        ],
    )
    seen = [does, *_meeting(notes, one, label)]
    main = next((act for act in one.acts if act.mechanism in FITTING), one.acts[0])
    words = ", ".join(repr(each.word) for each in one.shared[:4]) or "no rare words"
    notes.found(
        where,
        Signal.CHANGE,
        change.ref or change.title,
        Direction.CHANGED,
        _claim(one, main.mechanism, words),
        _reason(one, examined) if blamed else f"a lead to read, no evidence; it shares {words} with the trouble",
        seen,
        score,
        kinds=_kinds(one, examined.trouble.kinds) if blamed else (),
        onset=one.acting.at,
    )


def _meeting(notes: Notebook, one: Suspect, label: str) -> list[str]:
    if not one.shared:
        return []
    rows: list[tuple[Cell, ...]] = [
        (
            each.word,
            round(each.weight, 2),
            each.in_change[:_WIDE],
            each.in_trouble.source.value,
            each.in_trouble.component,
            each.in_trouble.text[:_WIDE],
        )
        for each in one.shared[:_MOST_TERMS]
    ]
    return [
        notes.observed(
            one.acting.component,
            f"words that {label} shares with the symptom, new lines of trouble and metrics that moved; the rarer among "
            "all changes, the heavier",
            f"{len(one.shared)} words in common, closeness {one.closeness:.2f}",
            ("word", "weight", "in the change", "source", "component", "in the trouble"),
            rows,
        )
    ]


def _claim(one: Suspect, mechanism: Mechanism, words: str) -> str:
    acted = instant_text(one.acting.at) if one.acting.at is not None else "an unknown time"
    way = "by its own deployment" if one.acting.own and one.acting.by else "carried by another deployment"
    way = way if one.acting.by else "without a known deployment"
    what = f'{one.change.kind} "{one.change.title[:120]}" ({one.change.ref[:12] or one.change.author})'
    if one.change.kind != "commit":
        way = "at once"
    return f"{what} {mechanism.value}; it acted from {acted}, {way}, and shares {words} with the trouble"


def _reason(one: Suspect, examined: Examined) -> str:
    others = [each for each in examined.weighed.suspects if each is not one and each.standing is not Standing.CLEARED]
    second = max((each.score for each in others), default=0.0)
    began = examined.trouble.began
    onset = f"before the trouble began at {instant_text(began)} ({examined.trouble.began_by})" if began else "in time"
    return (
        f"it acted {onset}, can cause such trouble, and scores {one.score:.2f} against {second:.2f} of the next change"
    )


def _kinds(one: Suspect, kinds: frozenset[FaultKind]) -> tuple[FaultKind, ...]:
    fitting = {kind for act in one.acts for kind in FITTING.get(act.mechanism, frozenset()) & kinds}
    return (FaultKind.BAD_CHANGE, *sorted(fitting))[:4]


def _where(incident: Incident, examined: Examined, one: Suspect) -> str:
    """Return the component that a change was deployed to by name, where that has trouble; else the one it meets most.

    A shared library shows where it is used, and not where it was changed.
    """
    weights: dict[str, float] = {}
    for each in one.shared:
        component = each.in_trouble.component
        if component and (not incident.components or component in incident.components):
            weights[component] = weights.get(component, 0.0) + each.weight
    best = min(weights, key=lambda name: (-round(weights[name], 9), name), default=None)
    deployed = one.acting.component if one.acting.own or one.standing is not Standing.BLAMED else None
    if deployed and (one.standing is not Standing.BLAMED or _is_troubled(deployed, examined)):
        return deployed
    return best or one.acting.component or incident.symptom.component or NOWHERE


def _is_troubled(component: str, examined: Examined) -> bool:
    return any(one.component == component for one in examined.trouble.tellings)


def _tell_none(notes: Notebook, examined: Examined) -> None:
    weighed = examined.weighed
    rows: list[tuple[Cell, ...]] = [
        (one.change.ref[:12], one.change.title[:120], round(one.score, 2), one.standing.value, one.why)
        for one in weighed.suspects
    ]
    seen = notes.observed(
        None,
        "all changes of seven days by how much speaks for them: words in common with the trouble, weighted by rarity, "
        "times how far what they do can cause it",
        f"{len(weighed.suspects)} changes were weighed and none is blamed",
        ("ref", "title", "score", "standing", "why"),
        rows,
    )
    notes.found(
        NOWHERE,
        Signal.CHANGE,
        OUTSIDE if examined.outside else "no change",
        Direction.STEADY,
        f"no change is blamed: {weighed.why}",
        f"{len(weighed.suspects)} changes were weighed",
        [seen],
        0.0,
    )


def _reasons(suspects: Sequence[Suspect]) -> list[str]:
    return [one.why for one in suspects if one.standing is Standing.CLEARED]


def _tell_group(notes: Notebook, subject: str, claim: str, own: Sequence[Suspect]) -> None:
    if not own:
        return
    seen = notes.observed(
        None,
        f"changes of seven days; {subject}",
        claim,
        ("time", "acted from", "kind", "ref", "title", "score"),
        [
            (
                instant_text(one.change.at),
                instant_text(one.acting.at) if one.acting.at is not None else "unknown",
                one.change.kind,
                one.change.ref[:12],
                one.change.title[:160],
                round(one.score, 2),
            )
            for one in own
        ],
    )
    reason = "by their deployments, their times, their diffs and their words"
    notes.found(NOWHERE, Signal.CHANGE, subject, Direction.STEADY, claim, reason, [seen], 0.0)
