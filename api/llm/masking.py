"""Names and secrets replaced in what goes to a language model, and put back in what comes from it."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from api.errors import UsageError
from api.llm.chat_model import ChatDelta, ChatModel, ChatRequest
from api.llm.found import Category, Sensitive
from api.llm.secret_forms import find_secrets
from api.llm.sensitive_names import find_names, named_by_addresses, people_pattern

_WORDS = "|".join(category.value for category in Category)
# Models escape an underscore as Markdown wants it, and a backslash once more inside of JSON.
_PLACEHOLDER = re.compile(rf"(?<![A-Za-z0-9])(?P<word>{_WORDS})\\{{0,2}}_(?P<number>[0-9]{{1,9}})(?![0-9])")
_LONGEST_PLACEHOLDER = max(len(category.value) for category in Category) + 3 + 9
_TAKEN = re.compile(rf"(?:{_WORDS})\\{{0,2}}_0*(?P<number>[0-9]{{1,9}})", re.IGNORECASE)
_RANK = {category: rank for rank, category in enumerate(Category)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Masks:
    """What is masked besides what its form gives away.

    `domains` are a site's own; `kept` are host names and addresses that may leave; `people` are names and handles.
    """

    domains: frozenset[str] = frozenset()
    kept: frozenset[str] = frozenset()
    people: tuple[str, ...] = ()
    patterns: tuple[re.Pattern[str], ...] = ()


class Masking:
    """The placeholders of one request: the same value has the same one in all of its texts."""

    def __init__(self, masks: Masks, texts: Iterable[str]) -> None:
        self._masks = masks
        told = list(texts)
        self._taken = {int(match["number"]) for text in told for match in _TAKEN.finditer(text)}
        self._placeholders: dict[str, str] = {}
        self._values: dict[tuple[str, int], str] = {}
        self._counts: dict[Category, int] = {}
        self._people = people_pattern(frozenset(masks.people).union(*map(named_by_addresses, told)))
        secrets = {text[each.start : each.end] for text in told for each in find_secrets(text)}
        self._secrets = _any_of(secret for secret in secrets if _is_worth_searching(secret))

    def mask(self, text: str) -> str:
        """Return a text with a placeholder for each value; the text is one of those that this was made for."""
        pieces, position = [], 0
        for each in _merged(text, self._found(text)):
            pieces += [text[position : each.start], self._placeholder(text[each.start : each.end], each.category)]
            position = each.end
        return "".join([*pieces, text[position:]])

    def unmask(self, text: str, *, escape: Callable[[str], str] = str) -> str:
        """Return a text with the values in place of their placeholders; `escape` fits a value into the text."""
        return _PLACEHOLDER.sub(lambda match: self._value(match, escape), text)

    def _value(self, match: re.Match[str], escape: Callable[[str], str]) -> str:
        value = self._values.get((match["word"], int(match["number"]))) if match["number"][0] != "0" else None
        return match.group() if value is None else escape(value)

    def _placeholder(self, value: str, category: Category) -> str:
        if value not in self._placeholders:
            number = self._counts.get(category, 0) + 1
            while number in self._taken:
                number += 1
            self._counts[category] = number
            self._placeholders[value] = f"{category.value}_{number}"
            self._values[category.value, number] = value
        return self._placeholders[value]

    def _found(self, text: str) -> Iterator[Sensitive]:
        yield from find_secrets(text)
        yield from find_names(text, domains=self._masks.domains, kept=self._masks.kept)
        # A secret that its place gives away in one text stands bare in another.
        known = [(self._secrets, Category.SECRET), (self._people, Category.PERSON)]
        for pattern, category in (*known, *((pattern, Category.PRIVATE) for pattern in self._masks.patterns)):
            for match in pattern.finditer(text):
                yield Sensitive(*match.span(), category)


class Unmasker:
    """Put values back into a text that comes in pieces, also where a placeholder is cut in two."""

    def __init__(self, masking: Masking, *, escape: Callable[[str], str] = str) -> None:
        self._masking = masking
        self._escape = escape
        self._before = ""
        self._held = ""

    def feed(self, piece: str) -> str:
        """Return what can be said now; the rest waits for the next piece."""
        text = self._held + piece
        return self._said(text, _sure(self._before + text) - len(self._before))

    def finish(self) -> str:
        """Return what waited."""
        return self._said(self._held, len(self._held))

    def _said(self, text: str, end: int) -> str:
        # What stands before decides: GHOST_1 is no HOST_1. A stand-in for it cannot open a placeholder itself.
        said = self._masking.unmask(self._before + text[:end], escape=self._escape)[len(self._before) :]
        self._held = text[end:]
        if end > 0:
            last = text[end - 1]
            self._before = "0" if last.isascii() and last.isalnum() else " "
        return said


class MaskedModel:
    """A ChatModel that another one is asked through: that one never sees a name or a secret."""

    def __init__(self, model: ChatModel, masks: Masks) -> None:
        self._model = model
        self._masks = masks

    @property
    def name(self) -> str:
        """Provider and model."""
        return self._model.name

    def stream(self, request: ChatRequest) -> Iterator[ChatDelta]:
        """Yield the completion with the values put back; raises LanguageModelError."""
        texts = [message.text for message in request.messages]
        masking = Masking(self._masks, texts)
        messages = tuple(replace(message, text=masking.mask(message.text)) for message in request.messages)
        unmasker = Unmasker(masking, escape=str if request.json_schema is None else _in_json)
        for delta in self._model.stream(replace(request, messages=messages)):
            text = unmasker.feed(delta.text)
            if delta.usage is not None:
                yield ChatDelta(text + unmasker.finish(), delta.usage)
            elif text:
                yield ChatDelta(text)


def pattern_of(expression: str) -> re.Pattern[str]:
    """Return a site's own pattern; raises UsageError where it is no regular expression, or finds everything."""
    try:
        pattern = re.compile(expression)
    except re.error as error:
        raise UsageError(f"{expression!r} is no regular expression ({error}); correct it") from error
    if pattern.search("") is not None:
        raise UsageError(f"{expression!r} matches an empty text; let it ask for one character at least")
    return pattern


def _in_json(value: str) -> str:
    """Return a value as it stands inside of a JSON string."""
    return json.dumps(value, ensure_ascii=False)[1:-1]


def _is_worth_searching(secret: str) -> bool:
    """Tell whether a secret cannot be a word that the texts use otherwise."""
    return len(secret) >= 12 or (len(secret) >= 6 and not (secret.isalpha() and secret[1:].islower()))


def _any_of(values: Iterable[str]) -> re.Pattern[str]:
    longest_first = sorted(values, key=lambda value: (-len(value), value))
    return re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")


def _merged(text: str, found: Iterable[Sensitive]) -> list[Sensitive]:
    """Return the finds in order of place, grown to whole words, and those that overlap or touch made one.

    A placeholder beside a letter or a digit could not be told from a longer one.
    """
    result: list[Sensitive] = []
    grown = [_grown(text, each) for each in found if each.end > each.start]
    for each in sorted(grown, key=lambda one: (one.start, -one.end)):
        if result and each.start <= result[-1].end:
            last = result[-1]
            category = min(last.category, each.category, key=_RANK.__getitem__)
            result[-1] = Sensitive(last.start, max(last.end, each.end), category)
        else:
            result.append(each)
    return result


def _grown(text: str, each: Sensitive) -> Sensitive:
    start, end = each.start, each.end
    while start > 0 and _is_word(text[start - 1]):
        start -= 1
    while end < len(text) and _is_word(text[end]):
        end += 1
    return Sensitive(start, end, each.category)


def _is_word(letter: str) -> bool:
    return letter.isalnum() or letter == "_"


def _sure(text: str) -> int:
    """Return up to where no later letter changes what the placeholders in a text are."""
    window = max(0, len(text) - _LONGEST_PLACEHOLDER)
    for start in range(window, len(text)):
        if _opens(text[start:]) and not (start and text[start - 1].isascii() and text[start - 1].isalnum()):
            return start
    return len(text)


def _opens(tail: str) -> bool:
    """Tell whether a tail is a placeholder that may go on, or the beginning of one."""
    return any(
        word.startswith(tail) or (tail.startswith(word) and re.fullmatch(r"\\{0,2}(?:_[0-9]{0,9})?", tail[len(word) :]))
        for word in map(str, Category)
    )
