"""Group masked lines by a tree of fixed depth, after He et al., Drain, ICWS 2017: for sources whose words vary too."""

from collections.abc import Hashable, Sequence

ANY = "<*>"

_ALIKE = 0.6  # share of words in the same place that must be equal
_MOST_IN_LEAF = 200  # groups compared with; one more line that is like none of them makes no group of its own


class TemplateTree:
    """Masked lines to groups. `telling` words of a line, such as `failed`, are never merged with others."""

    def __init__(self) -> None:
        self._leaves: dict[Hashable, list[int]] = {}
        self._groups: list[list[str]] = []
        self._exact: dict[tuple[str, Hashable], int] = {}

    def group_of(self, masked: str, telling: Hashable = ()) -> int:
        """Return the number of the group of a line, which may make it: numbers go up from 0."""
        known = self._exact.get((masked, telling))
        if known is None:
            known = self._exact[masked, telling] = self._placed(masked.split(), telling)
        return known

    def template(self, group: int) -> str:
        """Return the words that all lines of a group share, with <*> for the rest."""
        return " ".join(self._groups[group])

    def _placed(self, words: list[str], telling: Hashable) -> int:
        first = words[0] if words and "<" not in words[0] else ANY
        leaf = self._leaves.setdefault((len(words), first, telling), [])
        best, share = -1, 0.0
        for group in leaf:
            alike = _alike(self._groups[group], words)
            if alike > share:
                best, share = group, alike
        if best < 0 or (share < _ALIKE and len(leaf) < _MOST_IN_LEAF):
            self._groups.append(list(words))
            leaf.append(len(self._groups) - 1)
            return len(self._groups) - 1
        own = self._groups[best]
        self._groups[best] = [word if word == other else ANY for word, other in zip(own, words, strict=True)]
        return best


def _alike(own: Sequence[str], words: Sequence[str]) -> float:
    same = sum(word in (other, ANY) for word, other in zip(own, words, strict=True))
    return same / max(1, len(words))
