"""The ranking, confidence and kinds that each case is answered with: fitted without its pair, or without its set."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from api.investigation.conclusion import Conclusion, conclude
from api.investigation.confidence import Confidence, Costs
from api.investigation.kinds import KindModel
from api.investigation.ranking import CauseRanking
from evals.cause_confidence import Graded, fit_confidence, unseen_confidences
from evals.cause_kinds import fit_kinds, unseen_kinds
from evals.cause_ranking import RIDGE, Choice, choice_of, fit, pair_fold, unseen_rankings
from evals.fault_terms import kind_is_right
from evals.investigation_cases import Case
from ingest.errors import UsageError

NO_COMPONENT = frozenset({"rootcausebench"})
"""Sets whose label is a change: the failing service is nearly always the alerting one, so it grades nothing."""

_FEWEST_SETS = 3

Trio = tuple[CauseRanking, Confidence, KindModel]


@dataclass(frozen=True, slots=True)
class Models:
    """Models fitted on all cases, and for each case those that were fitted without its fold."""

    whole: Trio
    unseen: Mapping[str, Trio]

    def of(self, case: Case) -> Trio:
        """Return the models that never saw the pair of a case."""
        return self.unseen.get(case.name, self.whole)


def fit_models(fitting: Sequence[Case], told: str, *, by_set: bool = False) -> Models:
    """Return models fitted on cases, `told` being how they are named.

    With `by_set` a case is answered by models that saw no case of its set: a system that is new to them. Raises
    UsageError for too few cases, or sets.
    """
    graded_cases = [case for case in fitting if case.set not in NO_COMPONENT]
    sets = sorted({case.set for case in graded_cases})
    if by_set and len(sets) < _FEWEST_SETS:
        raise UsageError(f"{len(sets)} sets are too few to leave one out; give --cases with {_FEWEST_SETS} or more")
    choices = [choice_of(case, (lambda one: sets.index(one.set)) if by_set else pair_fold) for case in graded_cases]
    n = sum(one.teaches for one in choices)
    origin = f"python -m evals.investigation --cases {told}, {n} cases with a fault, ridge {RIDGE}"
    rankings, kinds = unseen_rankings(choices), unseen_kinds(choices)
    graded = _graded(choices, rankings, kinds)
    if len({one.component_right for one in graded}) == 1:
        raise UsageError("all first hypotheses are right, or all are wrong; nothing can be calibrated on them")
    confidence = fit_confidence(graded, origin=origin)
    by_fold = {one.fold: model for one, model in zip(graded, unseen_confidences(graded), strict=True)}
    unseen = {
        choice.case.name: (ranking, by_fold.get(choice.fold, confidence), kind)
        for choice, ranking, kind in zip(choices, rankings, kinds, strict=True)
    }
    return Models((fit(choices, origin=origin), confidence, fit_kinds(choices, origin=origin)), unseen)


def concluded(
    case: Case,
    ranking: CauseRanking,
    confidence: Confidence | None,
    kinds: KindModel | None = None,
    *,
    fitted_here: bool = True,
) -> Conclusion:
    """Return what follows from the reports on a case."""
    return conclude(
        case.incident,
        [finding for report in case.reports for finding in report.findings],
        case.gaps,
        [call for report in case.reports for call in report.calls],
        ranking=ranking,
        confidence=confidence,
        costs=Costs(),
        kinds=kinds,
        fitted_here=fitted_here,
    )


def _graded(choices: Sequence[Choice], rankings: Sequence[CauseRanking], kinds: Sequence[KindModel]) -> list[Graded]:
    found: list[Graded] = []
    for choice, ranking, model in zip(choices, rankings, kinds, strict=True):
        if not choice.teaches:
            continue
        answer = concluded(choice.case, ranking, None, model)
        if answer.standing is None:
            continue
        first = answer.hypotheses[0]
        found.append(
            Graded(
                standing=answer.standing,
                component_right=first.component == choice.case.truth.component,
                kind_right=bool(kind_is_right(first.kind, choice.case.truth.term)),
                set=choice.case.set,
                fold=choice.fold,
            )
        )
    return found
