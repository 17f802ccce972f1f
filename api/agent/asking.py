"""One turn of the model: the talk so far goes out, one action comes back, or the run ends with the reason."""

from collections.abc import Sequence

from api.agent.actions import Action, ToolForm, UnreadableAction, action_schema, parse_action
from api.agent.notes import Ending
from api.agent.session import Session
from api.errors import LanguageModelError
from api.llm.chat_model import ChatRequest, Message, Role, Usage

_ECHOED = 2_000  # characters of an unreadable answer that are sent back
_REPAIR = "That could not be read: {problem}. Answer with one JSON object that names a tool, and nothing else."


class Asker:
    """Asks the model of one session, which ends with the reason where it can't go on."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def ask(self, messages: Sequence[Message], forms: Sequence[ToolForm]) -> Action | None:
        """Return what the model wants next; None where the run has ended. An unreadable answer is asked for again."""
        session = self._session
        if session.over:
            return None
        asked = tuple(messages)
        for attempt in (1, 2):
            said = self._said(asked, forms)
            if said is None:
                return None
            try:
                action = parse_action(said, forms)
            except UnreadableAction as error:
                session.cut.append(f"answer {attempt} could not be read: {error}")
                repair = Message(Role.USER, _REPAIR.format(problem=error))
                asked = (*asked, Message(Role.ASSISTANT, said[:_ECHOED]), repair)
                continue
            if action.is_finish:
                session.end(Ending.FINISHED, "it had nothing more to ask")
                return None
            return action
        session.end(Ending.MODEL_FAILED, f"{session.model.name} doesn't answer in the form that it is asked for")
        return None

    def _said(self, messages: tuple[Message, ...], forms: Sequence[ToolForm]) -> str | None:
        """Return a whole answer; None where there is none, the reason being noted."""
        session = self._session
        limits = session.limits
        request = ChatRequest(
            messages, json_schema=action_schema(forms), max_tokens=limits.answer_tokens, seconds=limits.call_seconds
        )
        pieces: list[str] = []
        usage: Usage | None = None
        try:
            for delta in session.model.stream(request):
                pieces.append(delta.text)
                usage = delta.usage or usage
                if session.over:
                    return None
        except LanguageModelError as error:
            session.end(session.model.reached or Ending.MODEL_FAILED, str(error))
            return None
        if usage is None:
            session.end(Ending.MODEL_FAILED, f"{session.model.name} broke off in the middle of its answer")
            return None
        return "".join(pieces)
