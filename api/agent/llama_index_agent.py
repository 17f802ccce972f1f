"""The run itself: llama-index's FunctionAgent, its model ours and its tools those of the session.

Importing this module imports llama-index; it is imported where an agent runs.
"""

import asyncio
import json
from collections.abc import Sequence
from typing import Any

from llama_index.core.agent.workflow import FunctionAgent
from llama_index.core.bridge.pydantic import PrivateAttr
from llama_index.core.llms import (
    ChatMessage,
    ChatResponse,
    CompletionResponse,
    CompletionResponseGen,
    CustomLLM,
    LLMMetadata,
)
from llama_index.core.llms.function_calling import FunctionCallingLLM
from llama_index.core.llms.llm import ToolSelection
from llama_index.core.memory import ChatMemoryBuffer
from llama_index.core.tools import FunctionTool
from workflows.errors import WorkflowRuntimeError

from api.agent.actions import ToolForm
from api.agent.asking import Asker
from api.agent.notes import Ending
from api.agent.session import Session
from api.agent.tool_arguments import TOOLS, Arguments
from api.llm.chat_model import Message, Role

_ROOM = 1_000_000  # tokens; what may be sent is bounded by the meter, not here


def run_agent(session: Session, system: str, opening: str) -> None:
    """Run the agent until the session has ended; blocks. What goes wrong with the model is noted in the session."""
    try:
        asyncio.run(_run(session, system, opening))
    except WorkflowRuntimeError as error:
        session.end(Ending.MODEL_FAILED, f"llama-index gave up on {session.model.name}: {error}")


def tool_forms() -> tuple[ToolForm, ...]:
    """Return the tools as the model is told of them."""
    return tuple(_form(name, arguments) for name, arguments in TOOLS.items())


async def _run(session: Session, system: str, opening: str) -> None:
    agent = FunctionAgent(
        name="agent",
        description="looks further into one incident",
        system_prompt=system,
        tools=[_tool(session, name, form) for name, form in TOOLS.items()],
        llm=_OurModel(Asker(session)),
        streaming=False,
        allow_parallel_tool_calls=False,
    )
    # The session bounds steps and seconds; this count only has to lie above its own.
    memory = ChatMemoryBuffer.from_defaults(token_limit=_ROOM, tokenizer_fn=str.split)
    await agent.run(user_msg=opening, memory=memory, max_iterations=session.limits.steps + 10)


class _OurModel(CustomLLM, FunctionCallingLLM):
    """Our ChatModel as a llama-index model that calls tools."""

    _asker: Asker = PrivateAttr()
    _forms: tuple[ToolForm, ...] = PrivateAttr()

    def __init__(self, asker: Asker) -> None:
        super().__init__()
        self._asker = asker
        self._forms = tool_forms()

    @property
    def metadata(self) -> LLMMetadata:
        return LLMMetadata(is_chat_model=True, is_function_calling_model=True, context_window=_ROOM, model_name="ours")

    def chat(self, messages: Sequence[ChatMessage], **_: Any) -> ChatResponse:
        action = self._asker.ask([_message(one) for one in messages], self._forms)
        if action is None:
            return ChatResponse(message=ChatMessage(role="assistant", content=""), raw={})
        said = json.dumps({"tool": action.tool, **action.arguments}, ensure_ascii=False)
        raw = {"tool": action.tool, "arguments": dict(action.arguments)}
        return ChatResponse(message=ChatMessage(role="assistant", content=said), raw=raw)

    def get_tool_calls_from_response(self, response: ChatResponse, *_: Any, **__: Any) -> list[ToolSelection]:
        raw: dict[str, Any] = response.raw or {}
        if not raw:
            return []
        # A tool that is not there is answered by the session too, which counts it: any tool leads there.
        name = raw["tool"] if raw["tool"] in TOOLS else next(iter(TOOLS))
        return [ToolSelection(tool_id="call", tool_name=name, tool_kwargs=raw)]

    def _prepare_chat_with_tools(self, *_: Any, **kwargs: Any) -> dict[str, Any]:
        return {"messages": list(kwargs.get("chat_history") or ())}

    def complete(self, *_: Any, **__: Any) -> CompletionResponse:
        raise NotImplementedError("the agent talks in messages")

    def stream_complete(self, *_: Any, **__: Any) -> CompletionResponseGen:
        raise NotImplementedError("the agent talks in messages")


def _tool(session: Session, name: str, form: type[Arguments]) -> FunctionTool:
    def call(tool: str, arguments: dict[str, Any]) -> str:
        return session.call(tool, arguments)

    return FunctionTool.from_defaults(fn=call, name=name, description=form.__doc__ or name)


def _form(name: str, arguments: type[Arguments]) -> ToolForm:
    return ToolForm(name, arguments.__doc__ or "", arguments.model_json_schema()["properties"])


def _message(message: ChatMessage) -> Message:
    """Return a message as our models take it: what a tool answered is told by the user."""
    text = message.content or ""
    role = message.role.value
    return Message(Role(role) if role in {"system", "assistant"} else Role.USER, text)
