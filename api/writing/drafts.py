"""What a language model is asked to return: statements with quotes, as a schema and as values."""

from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

MAX_TEXT = 4_000
MAX_CITATIONS = 6


class DraftKind(StrEnum):
    """What a statement is meant to be; a table row is written as a sentence."""

    SENTENCE = "sentence"
    STEP = "step"
    COMMAND = "command"
    ITEM = "item"


class DraftCitation(BaseModel):
    """Words of an excerpt, by its label ("E2")."""

    # A model that adds a field of its own has not said anything wrong by that, so it is left out and not refused.
    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)

    evidence: str = Field(max_length=40)
    quote: str = Field(max_length=MAX_TEXT)


class Draft(BaseModel):
    """One statement as the model wrote it; nothing in it is trusted yet."""

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)

    text: str = Field(max_length=MAX_TEXT)
    kind: DraftKind = Field(DraftKind.SENTENCE, strict=False)
    citations: tuple[DraftCitation, ...] = Field((), max_length=MAX_CITATIONS, strict=False)


SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["statements", "missing", "insufficient"],
    "properties": {
        "statements": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["kind", "text", "citations"],
                "properties": {
                    "kind": {"type": "string", "enum": [kind.value for kind in DraftKind]},
                    "text": {"type": "string"},
                    "citations": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "additionalProperties": False,
                            "required": ["evidence", "quote"],
                            "properties": {"evidence": {"type": "string"}, "quote": {"type": "string"}},
                        },
                    },
                },
            },
        },
        "missing": {"type": "array", "items": {"type": "string"}},
        "insufficient": {"type": "boolean"},
    },
}
"""The JSON schema that the model's answer has to follow."""
