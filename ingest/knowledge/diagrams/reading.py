"""The one door to diagrams: tell the language of one, and read its components and dependencies.

Nothing is drawn and nothing is fetched: includes and links are left alone, and what a reader does not
understand is counted in `problems`, never guessed.
"""

import re

from ingest.knowledge.diagrams import graphviz, mermaid, outline, plantuml, structurizr
from ingest.knowledge.diagrams.graph import Diagram
from ingest.knowledge.spans import LineIndex

MAX_CHARACTERS = 2_000_000
"""A diagram longer than this is not read: nobody drew it by hand, and nobody can check it."""

_LANGUAGE_OF_NAME = {
    "mermaid": "mermaid",
    "mmd": "mermaid",
    "plantuml": "plantuml",
    "puml": "plantuml",
    "pu": "plantuml",
    "iuml": "plantuml",
    "wsd": "plantuml",
    "uml": "plantuml",
    "c4plantuml": "plantuml",
    "dot": "graphviz",
    "gv": "graphviz",
    "graphviz": "graphviz",
    "structurizr": "structurizr",
    "dsl": "structurizr",
    "drawio": "drawio",
    "svg": "svg",
}
_READERS = {
    "mermaid": mermaid.read_mermaid,
    "plantuml": plantuml.read_plantuml,
    "graphviz": graphviz.read_graphviz,
    "structurizr": structurizr.read_structurizr,
    "drawio": outline.read_outline,
    "svg": outline.read_outline,
}
_NAME = re.compile(r"[\s{:.]*([\w-]+)")
_UNLABELLED = (
    (re.compile(r"\s*@start(?:uml|c4|component)\b"), "plantuml"),
    (re.compile(r"\s*(?:strict\s+)?digraph\b[^{\n]{0,200}\{"), "graphviz"),
    (re.compile(r"\s*workspace\b[^{\n]{0,500}\{"), "structurizr"),
    (mermaid.FIRST_WORDS, "mermaid"),
)


def language_of(name: str, text: str) -> str | None:
    """Return the diagram language of a fence's info string or a file's extension; None where it is none.

    `name` may be `mermaid`, `{mermaid}`, `puml title="x"`, `.dot` or ""; without a name only an
    unmistakable first line of `text` decides. "drawio" and "svg" stand for the list that such a drawing is
    rendered into, not for its XML.
    """
    found = _NAME.match(name)
    if found is not None:
        language = _LANGUAGE_OF_NAME.get(found[1].lower())
        if language == "structurizr" and found[1].lower() == "dsl" and not structurizr.looks_like(text):
            return None
        return language
    return next((language for mark, language in _UNLABELLED if mark.match(text)), None)


def read_diagram(language: str, text: str, *, offset: int = 0, lines: LineIndex | None = None) -> Diagram:
    """Read one diagram; `text` is a raw slice of the document that starts at its character `offset`.

    `language` is one that `language_of` returns. `lines` indexes the whole document (where it is None, `text`
    is the whole document); spans are absolute and cover the line that states the fact. Never raises for what
    the diagram holds: what is wrong with it is said in `problems`.
    """
    if len(text) > MAX_CHARACTERS:
        return Diagram(problems=(f"has {len(text):,} characters, more than the {MAX_CHARACTERS:,} that are read",))
    return _READERS[language](text, offset, lines or LineIndex.of(text))
