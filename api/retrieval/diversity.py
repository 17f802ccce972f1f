"""Documents that differ: who asks for similar incidents is not helped by ten reports of one of them.

Maximal marginal relevance (Carbonell and Goldstein, "The use of MMR", SIGIR 1998) over the words of the passages that
were found, weighted by how rare they are among the documents compared; no vector is read.
"""

import math
from collections import Counter
from collections.abc import Callable, Mapping, Set

COMPARED = 20
"""Documents that are put in another order; those below stay where they are."""


def spread(
    scores: Mapping[str, float], words_of: Callable[[str], Set[str]], likeness: float, compared: int = COMPARED
) -> dict[str, float]:
    """Return the scores dealt out anew, so that a document like one above it comes later.

    `scores` lie in 0..1, equal ones in the order given. The best document keeps its place, and the scores as a whole
    stay what they are, each going to the document that takes that place.
    """
    order = sorted(scores, key=lambda key: -scores[key])
    waiting, rest = order[:compared], order[compared:]
    vectors = _vectors({key: words_of(key) for key in waiting})
    nearest = dict.fromkeys(waiting, 0.0)
    chosen: list[str] = []
    while waiting:
        best = max(waiting, key=lambda key: (1.0 - likeness) * scores[key] - likeness * nearest[key])
        waiting.remove(best)
        chosen.append(best)
        for key in waiting:
            nearest[key] = max(nearest[key], _product(vectors[key], vectors[best]))
    return dict(zip([*chosen, *rest], (scores[key] for key in order), strict=True))


def _vectors(words: Mapping[str, Set[str]]) -> dict[str, dict[str, float]]:
    """Return the words of each document with their weights, at unit length; a word that all hold weighs nothing."""
    held = Counter(word for own in words.values() for word in own)
    rarity = {word: math.log(len(words) / count) for word, count in held.items()}
    vectors: dict[str, dict[str, float]] = {}
    for key, own in words.items():
        length = math.sqrt(math.fsum(rarity[word] ** 2 for word in own))
        vectors[key] = {word: rarity[word] / length for word in own if rarity[word]} if length else {}
    return vectors


def _product(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    shorter, longer = (one, other) if len(one) <= len(other) else (other, one)
    return math.fsum(weight * longer[word] for word, weight in shorter.items() if word in longer)
