"""Jupyter notebooks as Markdown-like text: prose as it is, code and text outputs in fences."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ingest.errors import DocumentUnreadable
from ingest.parsing.damage import unreadable_when_damaged
from ingest.parsing.decoding import decode
from ingest.parsing.rendered import Rendered, code_block, heading, join, words

MAX_OUTPUT = 4_000
"""Characters of one output that are kept; training logs and data dumps run to megabytes."""

_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b[@-_]")
_CELL_LANGUAGE = re.compile(r"\A\s*%%(bash|sh|sql|javascript|js|html|ruby|perl)\b")
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})(.*)$", re.MULTILINE)
_PICTURE = "image/"
_NBFORMATS = range(2, 6)


def render_notebook(data: bytes) -> Rendered:
    """Render a notebook of format 3 or 4; pictures among its outputs are counted, not read.

    Raises DocumentUnreadable where the file is no notebook or holds no text.
    """
    decoded = decode(data)
    with unreadable_when_damaged("is a damaged notebook; open it in Jupyter and save it again"):
        loaded = json.loads(decoded.text)
    if not isinstance(loaded, dict) or loaded.get("nbformat") not in _NBFORMATS:
        raise DocumentUnreadable("is JSON, but no notebook of format 3 or 4; open it in Jupyter and save it again")
    writer = _Writer(_language(loaded))
    with unreadable_when_damaged("is a damaged notebook; open it in Jupyter and save it again"):
        for cell in _cells(loaded):
            writer.cell(cell)
    text = join(writer.blocks)
    if not text:
        raise DocumentUnreadable("is a notebook without text in any cell")
    title = words(_text(_mapping(loaded.get("metadata")).get("title")))
    return Rendered(text, title or None, warnings=(*decoded.warnings, *writer.warnings()))


@dataclass(slots=True)
class _Writer:
    """Write cells as blocks, and count what was left out."""

    language: str
    blocks: list[str] = field(default_factory=list)
    pictures: int = 0
    cut: int = 0

    def cell(self, cell: Mapping[str, object]) -> None:
        source = _text(cell.get("source", cell.get("input")))
        match cell.get("cell_type"):
            case "markdown":
                self.blocks.append(_closed(source.strip("\n")))
            case "heading":
                level = cell.get("level")
                self.blocks.append(heading(level if isinstance(level, int) else 1, source))
            case "code":
                self._code(cell, source)
            case _ if source.strip() and not source.lstrip().startswith("---"):
                self.blocks.append(code_block(source, "text"))

    def _code(self, cell: Mapping[str, object], source: str) -> None:
        stated = cell.get("language")
        magic = _CELL_LANGUAGE.match(source)
        language = magic.group(1) if magic else stated if isinstance(stated, str) else self.language
        if source.strip():
            self.blocks.append(code_block(source, language))
        for output in _mappings(cell.get("outputs")):
            text = self._output(output)
            if text.strip():
                self.blocks.append(code_block(self._short(text), "text"))

    def _output(self, output: Mapping[str, object]) -> str:
        """Return the text of one output: format 4 keeps it by media type, format 3 by names of its own."""
        kind = output.get("output_type")
        if kind == "stream":
            return _plain(_text(output.get("text")))
        if kind in ("error", "pyerr"):
            trace = _text(output.get("traceback"), between="\n")
            return _plain(trace) or f"{_text(output.get('ename'))}: {_text(output.get('evalue'))}"
        found = _mapping(output.get("data")) or output
        if any(str(name).startswith(_PICTURE) or name in ("png", "jpeg", "svg") for name in found):
            self.pictures += 1
            return ""
        return _plain(_text(found.get("text/plain", found.get("text"))))

    def _short(self, text: str) -> str:
        if len(text) <= MAX_OUTPUT:
            return text
        self.cut += 1
        half = MAX_OUTPUT // 2
        return f"{text[:half]}\n[… {len(text) - MAX_OUTPUT:,} characters left out …]\n{text[-half:]}"

    def warnings(self) -> tuple[str, ...]:
        told = []
        if self.pictures:
            many = "pictures among the outputs were" if self.pictures > 1 else "picture among the outputs was"
            told.append(f"{self.pictures} {many} not read")
        if self.cut:
            told.append(f"{self.cut} outputs are longer than {MAX_OUTPUT:,} characters and were cut")
        return tuple(told)


def _cells(notebook: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    yield from _mappings(notebook.get("cells"))
    for sheet in _mappings(notebook.get("worksheets")):
        yield from _mappings(sheet.get("cells"))


def _language(notebook: Mapping[str, object]) -> str:
    metadata = _mapping(notebook.get("metadata"))
    stated = _mapping(metadata.get("language_info")).get("name") or _mapping(metadata.get("kernelspec")).get("language")
    return "".join(_text(stated).split()).replace("`", "")


def _closed(source: str) -> str:
    """Return prose with the fence or comment closed that its cell leaves open, so that it ends with its cell."""
    opened = ""
    for found in _FENCE.finditer(source):
        marks, rest = found.group(1), found.group(2).strip()
        if not opened:
            opened = marks
        elif marks[0] == opened[0] and len(marks) >= len(opened) and not rest:
            opened = ""
    if opened:
        return f"{source}\n{opened}"
    return f"{source} -->" if source.rfind("<!--") > source.rfind("-->") else source


def _plain(text: str) -> str:
    # A carriage return overwrites the line, as progress bars do: what was last on it is what a person sees.
    lines = _ESCAPES.sub("", text).replace("\r\n", "\n").split("\n")
    return "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in lines)


def _text(value: object, between: str = "") -> str:
    """Return a string that the format keeps whole or as a list of lines."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return between.join(part for part in value if isinstance(part, str))
    return ""


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _mappings(value: object) -> list[Mapping[str, object]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
