"""Find the templates of log lines as they stream by, in memory that is bounded whatever they say."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from api.investigation.loglines.masking import mask, parameters
from api.investigation.loglines.severity import Severity, severity_in, severity_of
from api.investigation.loglines.stack_traces import StackTrace, fold
from api.investigation.loglines.tree import TemplateTree
from api.investigation.loglines.wording import kinds_in

EXAMPLE = 300
"""Characters that are kept of an example line."""

MOST_PER_COMPONENT = 20_000
"""Different masked lines that are kept apart for one component; what is more goes to one template for the rest."""

_SAMPLES = 30  # lines kept of each template in each of the two windows, for their parameters
_KEPT = 1_000  # characters of a kept line
_CLUSTERED = 60  # different masked lines of one component and severity from which on the tree groups them
_CODE_LINE = re.compile(r"[^\s]+[#:]\d{1,7}$")
_REST = "<lines beyond the number of templates that are kept apart>"


@dataclass(frozen=True, slots=True)
class Key:
    """What tells lines apart before they are grouped; `masked` is empty where the line of code tells enough."""

    component: str
    severity: str
    origin: str
    masked: str


@dataclass(frozen=True, slots=True)
class Varying:
    """A parameter of a template: its most frequent values with how often each was seen among the lines sampled."""

    place: int
    kind: str
    different: int
    frequent: tuple[tuple[str, int], ...]
    sampled: int


@dataclass(frozen=True, slots=True)
class Template:
    """One kind of log line of one component. `example` is verbatim, cut at EXAMPLE characters; empty for no text."""

    component: str
    severity: Severity
    origin: str
    text: str
    example: str
    trace: StackTrace | None
    varying: tuple[Varying, ...]

    @property
    def name(self) -> str:
        """What to call it in a sentence: its text, or the line of code that writes it."""
        return self.text[:160] or self.origin or "(no text)"


class TemplateMiner:
    """Keys of lines to numbers, with samples of their texts; `templates` groups the keys at the end."""

    def __init__(self) -> None:
        self._numbers: dict[Key, int] = {}
        self._per_component: Counter[str] = Counter()
        self._samples: dict[int, tuple[list[str], list[str]]] = {}
        self.overflowed: Counter[str] = Counter()

    def number(self, key: Key, lines: int) -> int:
        """Return the number of a key; that of the rest of its component once there are too many."""
        known = self._numbers.get(key)
        if known is not None:
            return known
        if self._per_component[key.component] >= MOST_PER_COMPONENT:
            self.overflowed[key.component] += lines
            key = Key(key.component, key.severity, "", _REST)
            if key in self._numbers:
                return self._numbers[key]
        self._per_component[key.component] += 1
        self._numbers[key] = len(self._numbers)
        return self._numbers[key]

    def wants(self, number: int, side: int) -> int:
        """Return how many more sample lines of a key are wanted from the window (1) or healthy time (0)."""
        return _SAMPLES - len(self._samples.get(number, ((), ()))[side])

    def sample(self, number: int, side: int, texts: Iterable[str]) -> None:
        """Keep sample lines of a key."""
        # A lone surrogate of a broken exporter can't be written down, and so is replaced.
        kept = (text[: 4 * _KEPT].encode("utf-8", "replace").decode() for text in texts if text)
        self._samples.setdefault(number, ([], []))[side].extend(kept)

    def templates(self) -> "Mined":
        """Group the keys into templates."""
        groups: dict[tuple[str, str, str, str], list[int]] = defaultdict(list)
        merged = self._merged()
        for key, number in self._numbers.items():
            groups[key.component, key.severity, key.origin, merged[number]].append(number)
        of_number = [0] * len(self._numbers)
        found: list[Template] = []
        for (component, word, origin, text), numbers in groups.items():
            for number in numbers:
                of_number[number] = len(found)
            found.append(self._template(component, word, origin, text, numbers))
        return Mined(tuple(found), tuple(of_number))

    def _merged(self) -> list[str]:
        """Return the text of the template of each key: its finer mask, grouped by a tree where there are too many."""
        fine = [self._fine(key, number) for key, number in self._numbers.items()]
        apart: dict[tuple[str, str, str], set[str]] = defaultdict(set)
        for key, text in zip(self._numbers, fine, strict=True):
            apart[key.component, key.severity, key.origin].add(text)
        trees: dict[tuple[str, str, str], TemplateTree] = {}
        placed: list[tuple[TemplateTree, int] | None] = []
        for key, text in zip(self._numbers, fine, strict=True):
            group = (key.component, key.severity, key.origin)
            if len(apart[group]) <= _CLUSTERED or not text:
                placed.append(None)
                continue
            tree = trees.setdefault(group, TemplateTree())
            placed.append((tree, tree.group_of(text, kinds_in(text))))
        return [
            text if place is None else place[0].template(place[1]) for text, place in zip(fine, placed, strict=True)
        ]

    def _fine(self, key: Key, number: int) -> str:
        if not key.masked or key.masked == _REST:
            return key.masked
        example = self._example(number)
        trace = fold(example)
        first = next((line for line in example.split("\n") if line.strip()), key.masked)
        return mask(f"{trace} | {first}" if trace else first)

    def _example(self, number: int) -> str:
        healthy, now = self._samples.get(number, ((), ()))
        return next(iter([*now, *healthy]), "")

    def _template(self, component: str, word: str, origin: str, text: str, numbers: Sequence[int]) -> Template:
        example = next((one for number in numbers if (one := self._example(number))), "")
        told = severity_of(word) or severity_in(example)
        now = [line for number in numbers for line in self._samples.get(number, ((), ()))[1]][: 4 * _SAMPLES]
        return Template(
            component, told, origin, text or mask(example.split("\n")[0]), example[:EXAMPLE], fold(example),
            _varying(now),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mined:
    """Templates, and for each number that the miner gave the index of its template."""

    templates: tuple[Template, ...]
    of_number: tuple[int, ...]


def is_code_line(origin: str) -> bool:
    """Tell whether an origin names one line of code, so that it alone says which template a line has."""
    return _CODE_LINE.match(origin) is not None


def _varying(lines: Sequence[str]) -> tuple[Varying, ...]:
    """Return the parameters, by place, that have more than one value in the lines."""
    values: dict[tuple[int, str], Counter[str]] = defaultdict(Counter)
    for line in lines:
        for place, one in enumerate(parameters(line)[:20]):
            values[place, one.kind][one.value[:80]] += 1
    return tuple(
        Varying(place, kind, len(seen), tuple(sorted(seen.items(), key=lambda one: (-one[1], one[0]))[:3]), len(lines))
        for (place, kind), seen in sorted(values.items())
        if len(seen) > 1
    )
