"""HTML pages become text with their headings, steps, commands and tables."""

import subprocess
import sys

import pytest

from ingest.errors import DocumentUnreadable
from ingest.parsing.html import render_html


def _text(html: str) -> str:
    return render_html(html.encode()).text


def test_headings_keep_their_levels_and_paragraphs_their_code() -> None:
    page = "<h1>Ledger</h1><p>Run <code>gw  status</code> <b>first</b>.</p><h3>Deep</h3><p>More words</p>"

    assert _text(page) == "# Ledger\n\nRun `gw status` first.\n\n### Deep\n\nMore words"


def test_steps_keep_their_numbers_commands_and_nesting() -> None:
    page = """<ol start=3><li>Drain <pre><code class="language-bash">kubectl drain
  --force</code></pre> and wait</li><li><p>Check</p><ul><li>logs</li><li>traffic</li></ul></li></ol>"""

    assert _text(page).split("\n") == [
        "3. Drain",
        "",
        "   ```bash",
        "   kubectl drain",
        "     --force",
        "   ```",
        "",
        "   and wait",
        "",
        "4. Check",
        "   - logs",
        "   - traffic",
    ]


def test_tables_become_pipe_tables_with_merged_cells_repeated() -> None:
    page = (
        "<table><tr><th>Alert</th><th>Team</th></tr><tr><td>Lag | high</td><td rowspan=2>Payments</td></tr>"
        "<tr><td>Down<br>hard</td></tr></table>"
    )

    assert _text(page).split("\n")[2:] == ["| Lag \\| high | Payments |", "| Down hard | Payments |"]


def test_a_table_that_only_arranges_the_page_is_no_table() -> None:
    assert _text("<table><tr><td><h2>Restart</h2><p>Words here</p></td></tr></table>") == ("## Restart\n\nWords here")


def test_quotes_definitions_and_preformatted_line_breaks_survive() -> None:
    page = "<blockquote>Careful here</blockquote><dl><dt>lag</dt><dd>delay of it</dd></dl><pre>a<br>b</pre>"

    assert _text(page) == "> Careful here\n\n**lag**\n\ndelay of it\n\n```\na\nb\n```"


def test_navigation_scripts_and_hidden_elements_are_left_out() -> None:
    page = (
        "<body><nav>menu</nav><script>alert(1)</script><style>p{}</style><p hidden>secret words</p>"
        "<p style='display: none'>gone words</p><p>Kept words</p><footer>imprint</footer></body>"
    )

    assert _text(page) == "Kept words"


def test_only_the_main_part_of_a_page_is_kept_with_the_heading_above_it() -> None:
    words = "word " * 60
    page = f"<h1>Title</h1><div>sidebar words</div><main><p>{words}</p></main>"

    assert _text(page) == f"# Title\n\n{words.strip()}"


def test_outward_links_keep_their_address_and_inner_ones_do_not() -> None:
    page = "<p>See <a href='https://example.org/d'>the board</a> or <a href='/x'>this page</a>.</p>"

    assert _text(page) == "See [the board](https://example.org/d) or this page."


def test_front_matter_becomes_metadata_and_template_tags_go() -> None:
    rendered = render_html(b"---\ntitle: Scale up\nweight: 3\n---\n{{< banner >}}<p>Value {{ $value }}</p>")

    assert rendered.text == "Value {{ $value }}"
    assert (rendered.title, rendered.metadata["weight"]) == ("Scale up", 3)


@pytest.mark.parametrize(
    ("page", "title"),
    [
        ("<title>Restart - Handbook</title><h1>Restart</h1><p>words", "Restart"),
        ("<title>Handbook</title><h1>One</h1><h1>Two</h1><p>words", "Handbook"),
        ("<h1>One</h1><p>words", "One"),
        ("<p>words", None),
    ],
)
def test_the_title_is_that_of_the_page_without_the_name_of_the_site(page: str, title: str | None) -> None:
    assert render_html(page.encode()).title == title


def test_the_encoding_that_a_page_declares_is_used() -> None:
    assert render_html('<meta charset="iso-8859-1"><p>Größe'.encode("latin-1")).text == "Größe"


def test_unclosed_boxes_lose_nothing() -> None:
    assert _text("<div><span>" * 300 + "inner words" + "<p>last words</p>") == "inner words\n\nlast words"


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        ("<script>x()</script>", "no text"),
        ("---\ntitle: only\n---\n", "no HTML after its front matter"),
        ("<ul><li>x" * 400, "nests its elements"),
        ("<!-- only a comment -->", "cannot be read as HTML"),
    ],
)
def test_pages_that_cannot_be_read_say_why(page: str, reason: str) -> None:
    with pytest.raises(DocumentUnreadable, match=reason):
        render_html(page.encode())


def test_importing_the_parser_does_not_load_unstructured() -> None:
    script = "import sys, ingest.parsing.html; print('unstructured' in sys.modules or 'spacy' in sys.modules)"

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "False"
