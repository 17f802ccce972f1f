"""Weigh every change against what the trouble says; blame one only where it stands out and nothing else explains it.

A change is closer the rarer the words are, among all changes, that its own lines share with the trouble (tf-idf). How
far that counts depends on whether what it does can cause that kind of fault, and on whether it acted before the onset.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from api.investigation.faults import FaultKind
from api.investigation.observations import SourceClass
from api.investigation.suspects.code_reading import acts_of
from api.investigation.suspects.diffs import Diff, read_diff
from api.investigation.suspects.mechanisms import FITTING, Act, Mechanism
from api.investigation.suspects.outside_causes import Outside
from api.investigation.suspects.timing import SHORT_NAME, Acting, Deployments
from api.investigation.suspects.trouble import Telling, Trouble
from api.investigation.suspects.words import distinct, spelling, terms
from api.investigation.telemetry import Happening
from api.investigation.windows import SECOND

SLACK = 60 * SECOND
"""How much later than the onset a change may be told to act: metrics are told by the minute."""

_MARGIN = 1.25  # times as close as the next one that the blamed change has to be
_SEVERAL = 3  # words in common from which on they are no coincidence
_CALM = 10.0  # words that a change has at least in the length that its words in common are held against
_READ = 20_000  # characters of a change that are read to tell how rare a word is
_OFTEN = 3  # texts of the trouble beyond which a word counts for no more
_ACT, _TITLE, _PATH, _OTHER = 1.0, 0.6, 0.6, 0.4  # weight of words by where a change has them
_FITS, _MAY, _UNLIKELY = 1.0, 0.35, 0.25
_UNREAD = frozenset({Mechanism.UNCLEAR, Mechanism.UNTOLD, Mechanism.SWITCHED, Mechanism.PATCHED})
_NAMELESS = frozenset({FaultKind.MEMORY, FaultKind.CPU, FaultKind.DISK})
"""Kinds whose messages name no code: what runs out is told, not who used it up."""


class Standing(StrEnum):
    """What is concluded of one change."""

    BLAMED = "blamed"
    LEAD = "lead"
    CLEARED = "cleared"


@dataclass(frozen=True, slots=True)
class Shared:
    """A term that a change has in common with the trouble: its weight, and where each of both has it."""

    term: str
    weight: float
    in_change: str
    in_trouble: Telling

    @property
    def word(self) -> str:
        """The term as the trouble writes it."""
        return spelling(self.term, self.in_trouble.text)


@dataclass(frozen=True, slots=True)
class Suspect:
    """One change with all that was weighed; `why` is what clears it, or what keeps it from being blamed."""

    change: Happening
    diff: Diff
    acting: Acting
    acts: tuple[Act, ...]
    shared: tuple[Shared, ...]
    closeness: float
    fit: float
    standing: Standing
    why: str

    @property
    def score(self) -> float:
        """How much speaks for it: its closeness, as far as what it does can cause such trouble."""
        return self.closeness * self.fit


@dataclass(frozen=True, slots=True)
class Rules:
    """Which parts of the weighing are used; all are, except where their worth is measured."""

    words: bool = True
    mechanism: bool = True
    kinds: bool = True
    timing: bool = True
    slow_onset: bool = True
    carried: bool = True
    outside: bool = True
    margin: bool = True
    meeting: bool = True
    frames: bool = True
    several: bool = True


@dataclass(frozen=True, slots=True)
class Weighed:
    """All suspects, most suspicious first, and the one that is blamed, if any; `why` says why none is."""

    suspects: tuple[Suspect, ...]
    blamed: Suspect | None
    why: str


def weigh(
    changes: Sequence[Happening],
    trouble: Trouble,
    outside: Sequence[Outside],
    began: int | None,
    rules: Rules | None = None,
) -> Weighed:
    """Weigh every change; `began` is when the trouble began, slowly or at once."""
    rules = rules or Rules()
    deployments, kept = Deployments(changes), _once(changes)
    texts = _Texts(kept, trouble)
    found = sorted(
        (_suspect(one, deployments, texts, trouble, began, rules) for one in kept),
        key=lambda one: (
            one.standing is Standing.CLEARED, -round(one.score, 9), -round(one.closeness, 9), one.change.at,
            one.change.ref, one.change.title,
        ),
    )  # fmt: skip
    why = _why_none(found, outside, rules, nameless=bool(trouble.kinds & _NAMELESS))
    if why:
        return Weighed(tuple(found), None, why)
    first = found[0]
    blamed = _with(first, Standing.BLAMED, "")
    return Weighed((blamed, *found[1:]), blamed, "")


def _once(changes: Sequence[Happening]) -> list[Happening]:
    """Return changes without the deployments of commits that are told themselves."""
    known = {one.ref[:SHORT_NAME] for one in changes if one.kind == "commit" and one.ref}
    return [one for one in changes if one.kind != "deploy" or one.ref[:SHORT_NAME] not in known]


def _why_none(found: Sequence[Suspect], outside: Sequence[Outside], rules: Rules, *, nameless: bool) -> str:
    open_ = [one for one in found if one.standing is not Standing.CLEARED and one.score > 0]
    if not open_:
        return "no change acted before the trouble began and has something to do with it"
    if rules.outside and outside:
        return f"{outside[0].claim}; that explains it without a change"
    first = open_[0]
    if rules.mechanism and first.fit < _FITS:
        return "none of the changes that have words in common with the trouble is known to do what could cause it"
    if rules.several and len(first.shared) < _SEVERAL and not nameless:
        words = " and ".join(repr(one.word) for one in first.shared) or "nothing"
        return f"the closest one, {_name(first)}, has only {words} in common with the trouble"
    if rules.margin and len(open_) > 1 and first.score < _MARGIN * open_[1].score:
        return f"two changes have as much to do with it: {_name(first)} and {_name(open_[1])}"
    return ""


def _name(suspect: Suspect) -> str:
    return f"{suspect.change.ref[:12] or suspect.change.title[:40]!r}"


def _with(one: Suspect, standing: Standing, why: str) -> Suspect:
    return Suspect(one.change, one.diff, one.acting, one.acts, one.shared, one.closeness, one.fit, standing, why)


class _Texts:
    """The words of all changes and of the trouble: how rare each is among changes, how often the trouble says it."""

    def __init__(self, kept: Sequence[Happening], trouble: Trouble) -> None:
        self.count = len(kept)
        self.held = Counter(term for one in kept for term in distinct((one.title, one.detail[:_READ])))
        self.told: Mapping[str, list[Telling]] = _told(trouble.tellings)
        self._met: dict[str, bool] = {}

    def meets(self, text: str) -> bool:
        """Tell whether a text has a word of the trouble; a stretch of code is asked about for each of its acts."""
        if text not in self._met:
            self._met[text] = any(term in self.told for term in terms(text[:_READ]))
        return self._met[text]

    def rarity(self, term: str) -> float:
        """Return the logarithm of one over the share of changes that have a term."""
        return math.log((self.count + 1) / max(1, self.held[term]))


def _told(tellings: Iterable[Telling]) -> Mapping[str, list[Telling]]:
    found: dict[str, list[Telling]] = defaultdict(list)
    for one in tellings:
        for term in sorted(distinct([one.text])):
            found[term].append(one)
    return found


def _suspect(
    change: Happening, deployments: Deployments, texts: _Texts, trouble: Trouble, began: int | None, rules: Rules
) -> Suspect:
    diff = read_diff(change.detail)
    acted = deployments.acting(change, diff)
    if not rules.carried and not acted.own and acted.by is not None:
        acted = Acting(None, acted.component, None)
    too_late = _why_too_late(acted, began) if rules.timing else ""
    if too_late:
        return Suspect(change, diff, acted, (), (), 0.0, 0.0, Standing.CLEARED, too_late)
    acts = acts_of(diff) if change.kind != "flag" else (Act(Mechanism.SWITCHED, "", "", change.title),)
    places = _places(change, diff, acts)
    shared = _shared(places, texts)
    weights = math.fsum(weight for _, weight in places.values())
    closeness = math.fsum(one.weight for one in shared) / math.sqrt(weights + _CALM) if rules.words else 1.0
    fit = _fit(acts, trouble.kinds, texts, rules)
    inert = all(one.mechanism is Mechanism.INERT for one in acts)
    standing, why = (Standing.CLEARED, Mechanism.INERT.value) if inert else (Standing.LEAD, "")
    return Suspect(change, diff, acted, acts, shared, closeness, fit, standing, why)


def _why_too_late(acted: Acting, began: int | None) -> str:
    if acted.at is None:
        return "no deployment that is known carried it"
    if began is not None and acted.at > began + SLACK:
        return "it acted only after the trouble had begun"
    return ""


def _fit(acts: Sequence[Act], kinds: frozenset[FaultKind], texts: _Texts, rules: Rules) -> float:
    """Return how far what a change does can cause such trouble; where the trouble tells no kind, any act can.

    The code that does it has to share a word with the trouble, but for kinds whose messages name no code.
    """
    if not rules.mechanism:
        return _FITS
    known = [one for one in acts if one.mechanism in FITTING]
    if any(_causes(one, kinds, texts, rules) for one in known) or (rules.frames and _is_named(acts, texts)):
        return _FITS
    if any(one.mechanism in _UNREAD for one in acts):
        return _MAY
    return _UNLIKELY if known else 0.0


def _is_named(acts: Sequence[Act], texts: _Texts) -> bool:
    """Tell whether a line of trouble names a source file that a change acts in, as a stack frame does."""
    names = {act.file.rpartition("/")[2].lower() for act in acts if act.mechanism is not Mechanism.INERT}
    return any(one.source is SourceClass.LOG for name in names if "." in name for one in texts.told.get(name, ()))


def _causes(act: Act, kinds: frozenset[FaultKind], texts: _Texts, rules: Rules) -> bool:
    fitting = FITTING[act.mechanism]
    common = fitting & kinds if kinds and rules.kinds else fitting
    if not common or not rules.meeting or (common <= _NAMELESS and kinds & _NAMELESS):
        return bool(common)
    return texts.meets(act.before) or texts.meets(act.after) or texts.meets(act.around)


def _places(change: Happening, diff: Diff, acts: Sequence[Act]) -> dict[str, tuple[str, float]]:
    """Return each term of a change with the place where it counts most, and its weight there."""
    acting_lines = [line for act in acts if act.mechanism in FITTING for line in (act.before, act.after) if line]
    told = (
        (_ACT, acting_lines),
        (_TITLE, [change.title]),
        (_PATH, [*diff.files, *(hunk.signature for hunk in diff.hunks)]),
        (_OTHER, [line for hunk in diff.hunks for line in (*hunk.removed, *hunk.added)]),
    )
    found: dict[str, tuple[str, float]] = {}
    for weight, texts in told:
        for text in texts:
            for term in sorted(distinct([text])):
                found.setdefault(term, (text, weight))
    return found


def _shared(places: Mapping[str, tuple[str, float]], texts: _Texts) -> tuple[Shared, ...]:
    found = [
        Shared(
            term,
            texts.rarity(term) * weight * math.sqrt(min(_OFTEN, len(texts.told[term]))),
            text,
            texts.told[term][0],
        )
        for term, (text, weight) in places.items()
        if term in texts.told
    ]
    return tuple(sorted(found, key=lambda one: (-round(one.weight, 9), one.term)))
