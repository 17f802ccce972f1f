"""Which outcome a probability earns: the one with the least expected cost."""

from dataclasses import dataclass

from api.answering.answer import Outcome


@dataclass(frozen=True, slots=True)
class Costs:
    """What each mistake costs, in units of the least one; a site can move them.

    `wrong` is a wrong answer said as one, `wrong_with_caveat` a wrong one with a warning, `wrong_partial` a wrong
    one that names what it lacks; `caveat` and `partial` are what a needless warning or gap costs where the answer
    was right, `missed` is keeping silent although the right document was found. By default that costs most: every
    statement is a quote beside its source, so a reader can tell a wrong one, and nobody can tell what was not shown.
    """

    wrong: float = 4.0
    wrong_with_caveat: float = 2.5
    wrong_partial: float = 1.0
    caveat: float = 1.0
    partial: float = 5.5
    missed: float = 14.5


def outcome_for(probability: float, costs: Costs) -> Outcome:
    """Return the outcome of least expected cost; of equals, the one that says more.

    It is the decision rule of Bayes: the costs of each outcome where the document is right or wrong, weighted by
    the probability (0..1) of that.
    """
    wrong = 1.0 - probability
    expected = {
        Outcome.ANSWERED: wrong * costs.wrong,
        Outcome.CAVEAT: probability * costs.caveat + wrong * costs.wrong_with_caveat,
        Outcome.PARTIAL: probability * costs.partial + wrong * costs.wrong_partial,
        Outcome.ABSTAINED: probability * costs.missed,
    }
    return min(expected, key=lambda outcome: expected[outcome])


def thresholds(costs: Costs) -> dict[Outcome, float]:
    """Return the least probability, to a thousandth, from which each outcome is chosen; left out where it never is."""
    found: dict[Outcome, float] = {}
    for step in range(1001):
        found.setdefault(outcome_for(step / 1000, costs), step / 1000)
    return found
