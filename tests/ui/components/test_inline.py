"""Tests of inline text: Markdown that is shown, and everything that must stay text."""

import pytest

from ui.components.inline import inline_markup, plain_label, web_address, without_list_marker


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("run `kubectl get` now", "run <code>kubectl get</code> now"),
        ("ask its **owner** first", "ask its <strong>owner</strong> first"),
        ("the *old* way", "the <em>old</em> way"),
        ("*.log and *.txt", "*.log and *.txt"),
        ("2 * 3 * 4", "2 * 3 * 4"),
        ("snake_case_name stays", "snake_case_name stays"),
        ("a \\* star", "a * star"),
        ("see [the page](other.md)", "see the page"),
        ("`<script>` stays", "<code>&lt;script&gt;</code> stays"),
        ("two\n  lines", "two lines"),
        ("`**not bold**`", "<code>**not bold**</code>"),
    ],
)
def test_inline_markdown_is_shown_as_written(text: str, expected: str) -> None:
    assert inline_markup(text) == expected


def test_a_web_link_opens_outside() -> None:
    assert inline_markup("[x](https://a.example/?a=1&b=2)") == (
        '<a href="https://a.example/?a=1&amp;b=2" target="_blank">x</a>'
    )


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "//evil.example", "", None])
def test_only_web_addresses_are_linked(url: str | None) -> None:
    assert web_address(url) is None
    assert "href" not in inline_markup(f"[x]({url or 'a.md'})")


@pytest.mark.parametrize("text", ["<img src=x onerror=alert(1)>", "a</span><script>b</script>", '" onclick="x'])
def test_markup_in_a_document_stays_text(text: str) -> None:
    shown = inline_markup(text)

    assert "<" not in shown
    assert '"' not in shown


@pytest.mark.parametrize(
    ("text", "expected"),
    [("1. Do", "Do"), ("12) Do", "Do"), ("- [ ] Do", "Do"), ("* Do", "Do"), ("Do - it", "Do - it")],
)
def test_the_marker_of_a_list_is_taken_off(text: str, expected: str) -> None:
    assert without_list_marker(text) == expected


def test_a_label_shows_markdown_letter_for_letter() -> None:
    assert plain_label("a [b](c) $x$ :red[d]") == r"a \[b\]\(c\) \$x\$ \:red\[d\]"
