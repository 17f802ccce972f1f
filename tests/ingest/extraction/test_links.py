"""Links inside a source, and pictures with their captions."""

import pytest

from ingest.extraction.links import find_links, raw_links
from ingest.extraction.pictures import find_pictures
from ingest.knowledge.extracts import Picture
from ingest.knowledge.spans import LineIndex
from tests.ingest.extraction.material import document_of, shown


def _targets(text: str, path: str = "runbooks/page.md") -> list[tuple[str, str]]:
    document = document_of(text, path)
    links = find_links(document, LineIndex.of(document.text), raw_links(document))
    return [(link.target, link.anchor) for link in links]


def _pictures(text: str) -> list[Picture]:
    document = document_of(text)
    return list(find_pictures(document, LineIndex.of(document.text), raw_links(document)))


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("[a](../db/failover.md#steps)", ("db/failover.md", "steps")),
        ('[a](other.md "title")', ("runbooks/other.md", "")),
        ("[a](/guides/x/)", ("guides/x/", "")),
        ("[a](<with space.md>)", ("runbooks/with space.md", "")),
        ("[a](with%20space.md)", ("runbooks/with space.md", "")),
        ('[a]({{< ref "guides/x" >}}#y)', ("runbooks/guides/x", "y")),
        ('<a href="x.html">x</a>', ("runbooks/x.html", "")),
        ("[the page][ref]\n\n[ref]: ../x.md", ("x.md", "")),
        ("[![pic](a.png)](x.md)", ("runbooks/x.md", "")),
    ],
)
def test_a_link_names_a_path_of_the_source(text: str, target: tuple[str, str]) -> None:
    assert target in _targets(f"# T\n\n{text}\n")


@pytest.mark.parametrize(
    "text",
    [
        "[a](https://example.org/x.md)",
        "[a](#here)",
        "[a](mailto:x@example.org)",
        "[a](../../outside.md)",
        "[a](script.sh)",
        "![a](picture.md)",
        "`[a](x.md)`",
        "```\n[a](x.md)\n```",
        "[a](page.md#anchor)",
        "[a]({{ site.url }}/x.md)",
    ],
)
def test_links_elsewhere_to_files_or_in_code_are_left_out(text: str) -> None:
    assert _targets(f"# T\n\n{text}\n") == []


def test_a_link_is_cited_with_its_words() -> None:
    document = document_of("# T\n\nSee [the other page](other.md) first.\n")

    (link,) = find_links(document, LineIndex.of(document.text), raw_links(document))

    assert shown(document, link.span) == "[the other page](other.md)"


def test_pictures_carry_alt_text_and_caption() -> None:
    text = (
        '# T\n\n![Flow of orders](flow.png)\n*Orders, from left to right*\n\n<figure><img src="b.svg" alt="B">'
        '<figcaption>The second</figcaption></figure>\n\n![c](c.png "Third")\n'
    )

    assert [(picture.target, picture.alt, picture.caption) for picture in _pictures(text)] == [
        ("flow.png", "Flow of orders", "Orders, from left to right"),
        ("b.svg", "B", "The second"),
        ("c.png", "c", "Third"),
    ]


def test_badges_and_pictures_in_code_are_left_out() -> None:
    assert _pictures('# T\n\n![build](https://img.shields.io/x.svg)\n\n```html\n<img src="x.png">\n```\n') == []
