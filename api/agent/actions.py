"""What a model says at each turn: the one tool that it wants next, as JSON of a fixed form."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

FINISH = "finish"
"""The tool that ends the run; it does nothing."""

_LONGEST = 20_000  # characters of an answer that are looked at


@dataclass(frozen=True, slots=True)
class ToolForm:
    """A tool as the model is told of it: the JSON schema of each argument, by name."""

    name: str
    description: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Action:
    """A tool that the model asks for, with arguments that nobody has checked."""

    tool: str
    arguments: Mapping[str, Any]

    @property
    def is_finish(self) -> bool:
        """Whether the model has nothing more to ask."""
        return self.tool == FINISH


class UnreadableAction(ValueError):
    """What the model said is no action; the text says why."""


def action_schema(forms: Sequence[ToolForm]) -> dict[str, Any]:
    """Return the JSON schema of an action: flat, each property required, as strict servers ask for.

    An argument that a tool doesn't have stays empty.
    """
    arguments = {name: _plain(schema) for form in forms for name, schema in form.arguments.items()}
    tools = {"type": "string", "enum": [*(form.name for form in forms), FINISH]}
    properties = {"tool": tools, **arguments}
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def parse_action(text: str, forms: Sequence[ToolForm]) -> Action:
    """Return the action that a text holds; raises UnreadableAction.

    Arguments may stand beside the tool, or in an object `arguments` as many models write them.
    """
    record = _record(text)
    tool = record.get("tool")
    if not isinstance(tool, str) or not tool:
        raise UnreadableAction("it names no tool")
    nested = record.get("arguments")
    given = {**record, **nested} if isinstance(nested, dict) else record
    known = next((form.arguments for form in forms if form.name == tool), None)
    if known is None:
        return Action(tool, {})
    return Action(tool, {name: given[name] for name in known if name in given})


def _record(text: str) -> dict[str, Any]:
    start, end = text.find("{"), text[:_LONGEST].rfind("}")
    if start < 0 or end < start:
        raise UnreadableAction("it holds no JSON object")
    try:
        record = json.loads(text[start : end + 1])
    except (ValueError, RecursionError) as error:
        raise UnreadableAction("it is no JSON object") from error
    if not isinstance(record, dict):
        raise UnreadableAction("it is no JSON object")
    return record


def _plain(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Keep what every server understands of an argument's schema."""
    return {key: schema[key] for key in ("type", "items", "enum", "description") if key in schema}
