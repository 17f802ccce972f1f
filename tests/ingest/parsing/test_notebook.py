"""Notebooks become prose with code and its text output; what is not text is counted."""

import json

import pytest

from ingest.errors import DocumentUnreadable
from ingest.knowledge.documents import BlockKind
from ingest.parsing.notebook import MAX_OUTPUT, render_notebook
from ingest.parsing.registry import parse


def _notebook(*cells: dict[str, object], language: str = "python") -> bytes:
    metadata = {"kernelspec": {"language": language}}
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells}).encode()


def _code(source: str, *outputs: dict[str, object]) -> dict[str, object]:
    return {"cell_type": "code", "source": source, "outputs": list(outputs)}


def _markdown(source: str | list[str]) -> dict[str, object]:
    return {"cell_type": "markdown", "source": source}


def test_headings_in_cells_make_sections_and_code_is_fenced() -> None:
    data = _notebook(_markdown(["# Ledger\n", "\n", "1. Stop it"]), _code("stop()"), _markdown("## Verify\n\nLook."))

    parsed = parse("a.ipynb", data)

    assert [section.heading_path for section in parsed.sections] == [("Ledger",), ("Ledger", "Verify")]
    assert [block.kind for block in parsed.sections[0].blocks] == [BlockKind.HEADING, BlockKind.STEP, BlockKind.CODE]
    assert "```python\nstop()\n```" in parsed.text


@pytest.mark.parametrize(
    ("output", "shown"),
    [
        ({"output_type": "stream", "text": ["a\n", "b"]}, "a\nb"),
        ({"output_type": "stream", "text": " 1%\r 50%\r100%\n"}, "100%"),
        ({"output_type": "execute_result", "data": {"text/plain": "42", "text/html": "<b>42</b>"}}, "42"),
        ({"output_type": "error", "ename": "E", "evalue": "x", "traceback": ["\x1b[31mE\x1b[0m: x"]}, "E: x"),
        ({"output_type": "error", "ename": "E", "evalue": "x", "traceback": []}, "E: x"),
    ],
)
def test_text_outputs_are_fenced(output: dict[str, object], shown: str) -> None:
    assert render_notebook(_notebook(_code("x", output))).text == f"```python\nx\n```\n\n```text\n{shown}\n```"


def test_pictures_are_counted() -> None:
    picture: dict[str, object] = {
        "output_type": "display_data",
        "data": {"image/png": "AAAA", "text/plain": "<Figure>"},
    }

    rendered = render_notebook(_notebook(_code("plot()", picture)))

    assert rendered.text == "```python\nplot()\n```"
    assert rendered.warnings == ("1 picture among the outputs was not read",)


def test_long_outputs_keep_their_ends() -> None:
    rendered = render_notebook(_notebook(_code("x", {"output_type": "stream", "text": "a" * 9_000 + "end"})))

    assert len(rendered.text) < MAX_OUTPUT + 200
    assert "5,003 characters left out" in rendered.text
    assert rendered.text.endswith("end\n```")
    assert len(rendered.warnings) == 1


def test_a_cell_in_another_language_says_so() -> None:
    assert render_notebook(_notebook(_code("%%bash\nls"))).text == "```bash\n%%bash\nls\n```"


def test_what_a_cell_leaves_open_ends_with_it() -> None:
    parsed = parse(
        "a.ipynb", _notebook(_markdown("# A\n\n```sh\nls"), _markdown("# B\n\n<!-- x"), _markdown("# C\n\nc"))
    )

    assert [section.heading_path for section in parsed.sections] == [("A",), ("B",), ("C",)]


def test_format_3_is_read() -> None:
    cells = [
        {"cell_type": "heading", "level": 2, "source": "Ledger"},
        {"cell_type": "code", "language": "r", "input": "x", "outputs": [{"output_type": "pyout", "text": ["1"]}]},
    ]
    data = json.dumps({"nbformat": 3, "metadata": {}, "worksheets": [{"cells": cells}]}).encode()

    assert render_notebook(data).text == "## Ledger\n\n```r\nx\n```\n\n```text\n1\n```"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b'{"nbformat": 4, "cells": [', "damaged notebook"),
        (b"[" * 100_000, "damaged notebook"),
        (b"[1]", "no notebook"),
        (b'{"cells": []}', "no notebook"),
        (b'{"nbformat": 4, "cells": [1, {"cell_type": "code", "source": 5, "outputs": [[]]}]}', "without text"),
    ],
)
def test_what_is_no_notebook_says_what_to_do(data: bytes, reason: str) -> None:
    with pytest.raises(DocumentUnreadable, match=reason):
        render_notebook(data)
