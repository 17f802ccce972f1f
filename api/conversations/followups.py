"""A follow-up as a question that stands alone, without a model; what stands alone is left as it is."""

import re
from collections.abc import Sequence

from api.conversations.signs import Leaning, Sign, sign_of, without_lead
from api.conversations.thread import EarlierTurn, Reading, ShownStep, recent
from api.conversations.topics import Topic, topic_of
from api.retrieval.words import FUNCTION_WORDS
from ingest.knowledge.identifiers import find_identifiers

_LONGEST_STEP = 110  # characters; a longer one is no phrase to search for
_ALERT_NAME = re.compile(r"^(?=.*[a-z])[A-Z][A-Za-z0-9]+$")
_ERROR_NAME = re.compile(r"^[A-Z0-9_]+(?:[-_]?[A-Z0-9]+)*$|^0x", re.ASCII)
_ALERTS, _ERRORS = (
    frozenset({"alert", "alerts", "alarm", "alarms"}),
    frozenset({"error", "errors", "code", "exception"}),
)
_TITLED = frozenset({"runbook", "document", "page", "article", "postmortem"})
_DEED = re.compile(
    r"\b(?:undo|revert|repeat|automate|schedule|verify|confirm|skip|take|takes|took|long|safe|risky|dangerous|destructive|"
    r"work|works|fail|fails|failed|help|helps|reversible|necessary|lock|locks|break|breaks)\b",
    re.IGNORECASE,
)
_NEXT = re.compile(r"\b(?:next|then|else|now|after(?:wards)?|further)\b", re.IGNORECASE)
_TO_BE_DONE = re.compile(r"^how\s+(?:do|can|should|would|could|to)\s*(?:i|we|you|one)?\s*[a-z]+$", re.IGNORECASE)
_DETERMINED = re.compile(r"^(?:the|our|my|this|that)\s", re.IGNORECASE)
_SETTINGS_TEXT = "production prod staging stage dev development test testing qa preprod canary live region zone cluster"
_SETTINGS = frozenset(_SETTINGS_TEXT.split())
_PLURAL_POINTERS = frozenset({"they", "them", "their", "theirs", "these", "those"})


def read_followup(turns: Sequence[EarlierTurn], question: str) -> Reading:
    """Return how a question is read after `turns` (oldest first).

    A question without a sign that it leans on another one is never changed.
    """
    asked = " ".join(question.split())
    if not turns:
        return Reading(question, "", "it is the first question")
    sign = sign_of(asked)
    if sign is None:
        return Reading(question, "", "it stands alone")
    topics = [topic for turn in recent(turns) if (topic := topic_of(turn.understood))]
    if not topics:
        return Reading(question, "", "it leans on an earlier question, and none of them names a subject")
    if sign.leaning is Leaning.STEP:
        return _with_step(question, asked, sign, turns[-1], topics[0])
    if sign.leaning is Leaning.FRAGMENT:
        return _with_fragment(question, sign, recent(turns)[0].understood, topics[0])
    if sign.leaning is Leaning.SUBJECTLESS:
        return _with_subject(question, asked, topics[0])
    return _with_antecedent(question, asked, sign, turns, topics)


def _with_step(question: str, asked: str, sign: Sign, last: EarlierTurn, topic: Topic) -> Reading:
    step = _step(last.steps, sign.step)
    words = sign.word
    documents: tuple[str, ...] = ()
    if step is not None:
        text = " ".join(step.text.split()).rstrip(".:")
        text = text if len(text) <= _LONGEST_STEP else f"{text[:_LONGEST_STEP].rsplit(' ', 1)[0]} …"
        words, documents = f"the step “{text}”", (step.document_id,) if step.document_id else ()
    asked_as = _put(asked, sign, f"{words} of {topic.name}" if topic.name else words)
    asked_as = asked_as if topic.name else _behind(asked_as, topic)
    return Reading(question, asked_as, f"“{sign.word}” is read as {words} of: {_said(topic)}", documents)


def _step(steps: Sequence[ShownStep], number: int) -> ShownStep | None:
    """Return the step of that number, the last one for 0."""
    if number == 0:
        return steps[-1] if steps else None
    return next((step for step in steps if step.number == number), None)


def _with_fragment(question: str, sign: Sign, before: str, topic: Topic) -> Reading:
    """Put the fragment in place of what it replaces in the question before, else at its end."""
    base = without_lead(" ".join(before.split())).rstrip(" ?.!")
    swapped = _swapped(base, sign, topic)
    asked_as = swapped or f"{base} {f'{sign.preposition} ' if sign.preposition else 'for '}{sign.rest}"
    kind = "with another subject" if swapped else "with one thing added"
    return Reading(question, f"{asked_as}?", f"it is read as the question before, {kind}: “{sign.rest}”")


def _swapped(base: str, sign: Sign, topic: Topic) -> str:
    """Return the question before with `sign.rest` in place of what is alike in it; empty where nothing is."""
    if find_identifiers(sign.rest) and topic.name and sign.preposition in ("", "for", "with"):
        return base.replace(topic.name, sign.rest)
    if sign.preposition in ("", "for") and not topic.name:
        part = topic.part or topic.thing
        if not sign.preposition and part and base.endswith(part):
            return base[: -len(part)] + sign.rest
        return ""
    if sign.preposition and (part := topic.part) and base.endswith(f"{sign.preposition} {part}"):
        new, old = _last_word(sign.rest), _last_word(part)
        if new == old or {new, old} <= _SETTINGS:
            return base[: -len(part)] + sign.rest
    return ""


def _with_subject(question: str, asked: str, topic: Topic) -> Reading:
    core, said = without_lead(asked).rstrip(" ?.!"), _said(topic)
    words = core.lower().split()
    nominal = bool(topic.name or _DETERMINED.match(topic.phrase))
    if _NEXT.search(asked) and len(words) <= 4 and "why" not in words:
        asked_as = f"What further steps are there {_for(said, nominal)}?"
    elif words in (["why"], ["how"]) and topic.name:
        asked_as = f"Why does {topic.name} happen?" if words == ["why"] else f"How do I handle {topic.name}?"
    elif topic.name and _TO_BE_DONE.search(core):
        asked_as = f"{core} {topic.name}?"
    else:
        asked_as = f"{core} {_for(said, nominal)}?"
    return Reading(question, _capital(asked_as), f"it names no subject: it is asked about {said}")


def _for(said: str, nominal: bool) -> str:
    return f"for {said}" if nominal else f"({said})"


def _with_antecedent(
    question: str, asked: str, sign: Sign, turns: Sequence[EarlierTurn], topics: Sequence[Topic]
) -> Reading:
    if sign.noun in _TITLED and (cited := next((turn.cited[0] for turn in recent(turns) if turn.cited), None)):
        words = f"the {sign.noun} “{cited.title}”"
        return Reading(question, _put(asked, sign, words), f"“{sign.word}” is read as {words}", (cited.id,))
    topic = _fitting(sign.noun, topics)
    words = _words_for(sign, topic, asked)
    asked_as = _put(asked, sign, words) if words else _behind(_capital(without_lead(asked)), topic)
    return Reading(question, asked_as, f"“{sign.word}” is read as: {words or _said(topic)}")


def _words_for(sign: Sign, topic: Topic, asked: str) -> str:
    """Return what to put in place of a pointer; empty where its meaning is better told behind the question."""
    if sign.word == "there":
        return f"in {topic.place}" if topic.place else ""
    if topic.name:
        return f"the {sign.noun} {topic.name}" if sign.noun else _possessive(sign.word, topic.name)
    if sign.word in _PLURAL_POINTERS:
        return _possessive(sign.word, topic.things)
    if sign.noun and sign.word.startswith("the "):
        return topic.thing
    if sign.noun or sign.word in ("this", "that") or (topic.doing and _DEED.search(asked)):
        return ""
    return _possessive(sign.word, topic.thing)


def _fitting(noun: str, topics: Sequence[Topic]) -> Topic:
    """Return the newest topic that can be called `noun`, else the newest."""
    if noun in _ALERTS | _ERRORS:
        wanted = _ALERT_NAME if noun in _ALERTS else _ERROR_NAME
        return next((topic for topic in topics if wanted.match(topic.name)), topics[0])
    return topics[0]


def _said(topic: Topic) -> str:
    """Return a topic for the middle of a sentence."""
    first = topic.phrase.split(" ", 1)[0]
    phrase = topic.phrase[:1].lower() + topic.phrase[1:] if first.lower() in FUNCTION_WORDS else topic.phrase
    return topic.name or phrase


def _behind(asked: str, topic: Topic) -> str:
    """Return a question with what it is about in brackets behind it."""
    return f"{asked.rstrip(' ?.!')} ({_said(topic)})?"


def _possessive(pronoun: str, words: str) -> str:
    if pronoun not in ("its", "their", "theirs"):
        return words
    return f"{words}'" if words.endswith("s") else f"{words}'s"


def _put(asked: str, sign: Sign, words: str) -> str:
    text = f"{asked[: sign.start]}{words}{asked[sign.end :]}"
    return _capital(without_lead(text))


def _last_word(text: str) -> str:
    return text.split()[-1].lower().rstrip("s") if text.split() else ""


def _capital(text: str) -> str:
    first = text.split(" ", 1)[0]
    return text if find_identifiers(first) else text[:1].upper() + text[1:]
