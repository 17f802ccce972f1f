"""What a language model is told: prompts from files, the evidence between fences, the question."""

from functools import cache
from importlib.resources import files

from api.answering.answer import Answer, Outcome
from api.llm.chat_model import Message, Role
from api.writing.pack import EvidencePack

_ECHOED = 4_000  # characters of an unreadable answer that are sent back


def question_messages(question: str, answer: Answer, pack: EvidencePack, *, most: int) -> tuple[Message, ...]:
    """Return the messages that ask for an answer from the evidence."""
    system = _prompt("system").format(fence=pack.fence, most=most)
    user = _prompt("question").format(excerpts=pack.render(), question=" ".join(question.split()), known=_known(answer))
    return Message(Role.SYSTEM, system), Message(Role.USER, user)


def repair_messages(asked: tuple[Message, ...], said: str, problem: str) -> tuple[Message, ...]:
    """Return the messages that ask once more, after an answer that could not be read."""
    repair = _prompt("repair").format(problem=problem)
    return (*asked, Message(Role.ASSISTANT, said[:_ECHOED]), Message(Role.USER, repair))


def _known(answer: Answer) -> str:
    """Return what is known of the question before the model is asked, in words that hold no document's text."""
    told: list[str] = []
    if answer.outcome is Outcome.CONFLICT:
        told.append("Two current documents disagree here: name both, each with its own figure.")
    if answer.missing:
        told.append("Not in the documents, so say nothing of it: " + ", ".join(answer.missing) + ".")
    return "\n".join(told)


@cache
def _prompt(name: str) -> str:
    return files("api.writing").joinpath(f"prompts/{name}.md").read_text("utf-8")
