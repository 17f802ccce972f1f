"""reStructuredText becomes the same Markdown-like text as every other format."""

from pathlib import Path

import pytest

from ingest.errors import DocumentUnreadable
from ingest.parsing.restructuredtext import render_rst


def _text(source: str) -> str:
    return render_rst(source.encode()).text


def test_sections_nest_by_their_underlines_and_the_first_is_the_title() -> None:
    rendered = render_rst(b"Ledger\n======\n\nWords ``gw run``.\n\nSteps\n-----\n\nMore.\n")

    assert rendered.text == "# Ledger\n\nWords `gw run`.\n\n## Steps\n\nMore."
    assert rendered.title == "Ledger"


def test_steps_keep_their_numbers_and_code() -> None:
    source = "3. Drain\n\n   .. code-block:: bash\n\n      kubectl drain\n\n4. Wait\n\n   * logs\n   * traffic\n"

    assert _text(source) == ("3. Drain\n\n   ```bash\n   kubectl drain\n   ```\n\n4. Wait\n   - logs\n   - traffic")


def test_tables_and_admonitions_are_rendered() -> None:
    source = "=====  ====\nAlert  Team\n=====  ====\nLag    Pay\n=====  ====\n\n.. warning:: It deletes data.\n"

    assert _text(source) == "| Alert | Team |\n| --- | --- |\n| Lag | Pay |\n\n**Warning:** It deletes data."


def test_roles_and_directives_of_sphinx_keep_their_text(capfd: pytest.CaptureFixture[str]) -> None:
    source = (
        "See :ref:`the guide <guide>` and :func:`run`.\n\n.. deprecated:: 2.1\n   Use the *other* one.\n\n"
        ".. toctree::\n\n   index\n\n.. code-block:: bash\n   :emphasize-lines: 1\n\n   ls\n"
    )

    assert _text(source) == ("See the guide and run.\n\n**Deprecated:** 2.1\n\nUse the other one.\n\n```bash\nls\n```")
    assert "".join(capfd.readouterr()) == ""


def test_links_keep_their_address_wherever_it_is_defined() -> None:
    source = "See `board`_ and `wiki <https://example.org/w>`_.\n\n.. _board: https://example.org/b\n"

    assert _text(source) == "See [board](https://example.org/b) and [wiki](https://example.org/w)."


def test_substitutions_are_filled_in() -> None:
    assert _text("Run |tool| now.\n\n.. |tool| replace:: ledgerctl\n") == "Run ledgerctl now."


def test_no_other_file_is_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("hidden words")
    directives = (f".. include:: {secret}", f".. raw:: html\n   :file: {secret}", f".. literalinclude:: {secret}")

    assert _text("\n\n".join(("Words.", *directives, ""))) == "Words."


def test_nesting_without_end_is_unreadable() -> None:
    source = "".join("  " * depth + "* item\n\n" for depth in range(400))

    with pytest.raises(DocumentUnreadable, match="reStructuredText"):
        render_rst(source.encode())


def test_a_file_of_directives_only_holds_no_text() -> None:
    with pytest.raises(DocumentUnreadable, match="no text"):
        render_rst(b".. toctree::\n\n   index\n")
