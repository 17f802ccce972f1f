"""A conversation as a file: its name, its media type and its text."""

import re

from api.exports.html_page import html_page
from api.exports.markdown_text import markdown_text
from api.schemas.conversations import Conversation, ExportedConversation, ExportFormat

_SUFFIXES: dict[ExportFormat, str] = {"markdown": "md", "html": "html", "json": "json"}
_MEDIA_TYPES: dict[ExportFormat, str] = {
    "markdown": "text/markdown",
    "html": "text/html",
    "json": "application/json",
}
_NAME_WORDS = 8


def exported(conversation: Conversation, format: ExportFormat) -> ExportedConversation:
    """Return a conversation as a file; its name is plain ASCII, whatever the title is."""
    words = re.findall(r"[a-z0-9]+", conversation.conversation.title.lower())[:_NAME_WORDS]
    name = "-".join(["conversation", *words, conversation.conversation.id[:8]])[:100]
    return ExportedConversation(
        file_name=f"{name}.{_SUFFIXES[format]}",
        media_type=_MEDIA_TYPES[format],
        text=_text(conversation, format),
    )


def _text(conversation: Conversation, format: ExportFormat) -> str:
    if format == "markdown":
        return markdown_text(conversation)
    return html_page(conversation) if format == "html" else conversation.model_dump_json(indent=2)
