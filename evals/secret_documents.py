"""A made corpus with secrets in every place that a document has, each planted place known."""

import csv
import html
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from evals.secret_kinds import KINDS, SecretKind

_FILLER = "Check the dashboard first, then drain the node and restart the deployment with care.\n"


@dataclass(frozen=True, slots=True)
class Planted:
    """One secret in one document."""

    kind: str
    form: str
    path: str
    value: str


def write_documents(folder: Path, kinds: Sequence[SecretKind] = KINDS, *, seed: int = 7) -> list[Planted]:
    """Write a document for each kind in each form below `folder`, and return what was planted where."""
    random = Random(seed)
    planted = []
    for kind in kinds:
        for number, (form, (extension, render)) in enumerate(FORMS.items()):
            value = kind.make(random)
            text = kind.texts[number % len(kind.texts)]
            if form in _ONE_LINE and ("\n" in value or "\n" in text):
                continue
            path = f"{form.replace(' ', '-')}/{kind.name.replace(' ', '-')}{extension}"
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(render(text.replace("{{", "{").replace("}}", "}").replace("{}", value), kind, value))
            planted.append(Planted(kind.name, form, path, value))
    return planted


def _title(kind: SecretKind) -> str:
    return f"Runbook {kind.name}"


def _prose(text: str, kind: SecretKind, _value: str) -> bytes:
    return f"# {_title(kind)}\n\n{_FILLER}\n{text}\n\n{_FILLER}".encode()


def _windows(text: str, kind: SecretKind, value: str) -> bytes:
    return _prose(text, kind, value).replace(b"\n", b"\r\n")


def _fence(text: str, kind: SecretKind, _value: str) -> bytes:
    return f"# {_title(kind)}\n\n1. Run this\n\n```shell\n{text}\n```\n\n{_FILLER}".encode()


def _quote(text: str, kind: SecretKind, _value: str) -> bytes:
    quoted = "\n".join(f"> {line}" for line in text.split("\n"))
    return f"# {_title(kind)}\n\n{quoted}\n\n{_FILLER}".encode()


def _table(text: str, kind: SecretKind, _value: str) -> bytes:
    cell = text.replace("|", "\\|")
    return f"# {_title(kind)}\n\n| name | setting |\n| --- | --- |\n| {kind.name} | {cell} |\n\n{_FILLER}".encode()


def _heading(text: str, kind: SecretKind, _value: str) -> bytes:
    return f"# {_title(kind)}\n\n## {text}\n\n{_FILLER}".encode()


def _front_matter(text: str, kind: SecretKind, _value: str) -> bytes:
    return f"---\ntitle: {_title(kind)}\nnotes: {json.dumps(text)}\n---\n\n{_FILLER}".encode()


def _title_only(text: str, _kind: SecretKind, _value: str) -> bytes:
    return f"# {text}\n\n{_FILLER}".encode()


def _link(text: str, kind: SecretKind, _value: str) -> bytes:
    return f"# {_title(kind)}\n\nSee [the console]({_address(text)} '{text}').\n\n{_FILLER}".encode()


def _address(text: str) -> str:
    return text if "://" in text and " " not in text else f"https://shop.example/login#{text.split()[0]}"


def _image(text: str, kind: SecretKind, _value: str) -> bytes:
    return f"# {_title(kind)}\n\n![{text}](screenshot.png)\n\n{_FILLER}".encode()


def _yaml(text: str, kind: SecretKind, _value: str) -> bytes:
    body = "\n".join(f"    {line}" for line in text.split("\n"))
    return (
        f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {kind.name.replace(' ', '-')}\ndata:\n  settings: |"
        f"\n{body}\n"
    ).encode()


def _rules(text: str, kind: SecretKind, _value: str) -> bytes:
    rule = {
        "alert": "Shop" + kind.name.title().replace(" ", "").replace("-", ""),
        "expr": "up == 0",
        "for": "5m",
        "annotations": {"summary": "The shop is down", "description": text},
    }
    return json.dumps({"groups": [{"name": "shop", "rules": [rule]}]}, indent=2).encode()


def _web_page(text: str, kind: SecretKind, _value: str) -> bytes:
    title = html.escape(_title(kind))
    return (
        f"<html><head><title>{title}</title></head><body><h1>{title}</h1><p>{_FILLER}</p>"
        f"<pre>{html.escape(text, quote=False)}</pre><p>{_FILLER}</p></body></html>"
    ).encode()


def _word(text: str, kind: SecretKind, _value: str) -> bytes:
    from docx import Document

    document = Document()
    document.add_heading(_title(kind), 1)
    for line in [_FILLER.strip(), *text.split("\n"), _FILLER.strip()]:
        document.add_paragraph(line)
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def _sheet(text: str, kind: SecretKind, _value: str) -> bytes:
    written = io.StringIO()
    csv.writer(written).writerows([["service", "setting"], [kind.name, text], ["shop", "none"]])
    return written.getvalue().encode()


def _notebook(text: str, kind: SecretKind, _value: str) -> bytes:
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": [f"# {_title(kind)}\n", _FILLER]},
        {
            "cell_type": "code",
            "metadata": {},
            "source": text.splitlines(keepends=True),
            "outputs": [],
            "execution_count": 1,
        },
    ]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


def _broken_yaml(text: str, _kind: SecretKind, _value: str) -> bytes:
    return f"groups:\n  - name: shop\n    rules: [\n{text}\n  : : {{\n".encode()


def _broken_notebook(text: str, _kind: SecretKind, _value: str) -> bytes:
    return ('{"cells": [' + json.dumps(text) + ", oops").encode()


Render = Callable[[str, SecretKind, str], bytes]

FORMS: Mapping[str, tuple[str, Render]] = {
    "prose": (".md", _prose),
    "code fence": (".md", _fence),
    "quote": (".md", _quote),
    "windows lines": (".md", _windows),
    "table": (".md", _table),
    "heading": (".md", _heading),
    "title": (".md", _title_only),
    "front matter": (".md", _front_matter),
    "link": (".md", _link),
    "image text": (".md", _image),
    "manifest": (".yaml", _yaml),
    "rule file": (".json", _rules),
    "web page": (".html", _web_page),
    "word": (".docx", _word),
    "sheet": (".csv", _sheet),
    "notebook": (".ipynb", _notebook),
    "plain text": (".txt", _prose),
    "broken rules": (".yaml", _broken_yaml),
    "broken notebook": (".ipynb", _broken_notebook),
}
"""What a secret stands in, with the extension of such a file."""

_ONE_LINE = frozenset({"table", "heading", "title", "front matter", "link", "image text", "sheet", "quote"})


def texts_of_lines() -> Iterator[tuple[SecretKind, str, str]]:
    """Yield each text of each kind with a value in it: the kind, the value, and the text."""
    random = Random(11)
    for kind in KINDS:
        for text in kind.texts:
            value = kind.make(random)
            yield kind, value, text.replace("{{", "{").replace("}}", "}").replace("{}", value)
