"""URLs and paths lead to the document they mean, or nowhere."""

import pytest

from ingest.knowledge.dead_links import dead_links
from ingest.knowledge.document_links import LinkResolver
from ingest.knowledge.documents import DocumentFacts, DocumentKind
from ingest.knowledge.extracts import DocumentExtract, Extract, InternalLink
from ingest.knowledge.spans import Span
from tests.ingest.extraction.material import facts_of

_HERE = Span(0, 1, 1, 1)


def _resolved(url: str, *documents: DocumentFacts, near: DocumentFacts | None = None) -> tuple[str, str, str] | None:
    paths = {each.id: f"{each.source}/{each.path}" for each in documents}
    found = LinkResolver(documents).resolve(url, near=near)
    return (paths[found.document_id], found.anchor, found.how) if found else None


@pytest.mark.parametrize(
    "url",
    [
        "https://git.example.org/acme/ops/blob/main/runbooks/cart.md",
        "https://git.example.org/acme/ops/tree/9f2b1c/runbooks/cart.md",
        "https://git.example.org/acme/ops/-/blob/main/runbooks/cart.md",
        "https://git.example.org/acme/ops/edit/main/runbooks/Cart",
        "https://www.git.example.org/acme/ops/raw/main/runbooks/cart.html",
    ],
)
def test_every_view_of_a_repository_means_the_same_document(url: str) -> None:
    cart = facts_of("runbooks/cart.md", url="https://git.example.org/acme/ops/blob/abc123/runbooks/cart.md")

    assert _resolved(f"{url}#fix", cart) == ("wiki/runbooks/cart.md", "fix", "url")


def test_a_page_of_a_site_is_found_with_and_without_slash_or_index() -> None:
    page = facts_of("start/index.md", url="https://docs.example.org/start/")

    for url in ("https://docs.example.org/start", "https://docs.example.org/start/index.html"):
        assert _resolved(url, page) == ("wiki/start/index.md", "", "url")


def test_a_relative_link_counts_from_its_page() -> None:
    page, other = facts_of("runbooks/a.md"), facts_of("db/failover.md")

    assert _resolved("../db/failover.md#x", page, other, near=page) == ("wiki/db/failover.md", "x", "path")


def test_the_runbook_of_a_site_is_found_by_the_end_of_its_path_whatever_its_case() -> None:
    runbook = facts_of("content/runbooks/kubernetes/KubePodCrashLooping.md", source="prom-runbooks")
    other = facts_of("alerts/other/KubePodCrashLooping.md", source="their-runbooks")

    found = _resolved("https://runbooks.prom.dev/runbooks/kubernetes/kubepodcrashlooping", runbook, other)

    assert found == ("prom-runbooks/content/runbooks/kubernetes/KubePodCrashLooping.md", "", "suffix")


def test_a_repository_of_another_name_with_the_same_layout_is_not_taken() -> None:
    page = facts_of("docs/installation.md", source="thanos")

    assert _resolved("https://github.com/other/project/blob/main/docs/installation.md", page) is None
    assert _resolved("https://github.com/thanos-io/thanos/blob/main/docs/installation.md", page) is not None


def test_a_document_that_says_where_it_stands_is_not_taken_for_one_elsewhere() -> None:
    page = facts_of("runbooks/CartDown.md", url="https://github.com/acme/ops/blob/main/runbooks/CartDown.md")

    assert _resolved("https://github.com/other/ops/blob/main/runbooks/CartDown.md", page) is None


def test_two_equal_candidates_are_none() -> None:
    pages = facts_of("a/runbooks/CartDown.md", source="one"), facts_of("b/runbooks/CartDown.md", source="two")

    assert _resolved("https://wiki.example.org/runbooks/CartDown", *pages) is None


@pytest.mark.parametrize(
    "url",
    [
        "",
        "#here",
        "mailto:x@example.org",
        "https://github.com/VictoriaMetrics/VictoriaMetrics",
        "https://example.org/docs/v1.24/",
        "https://example.org/readme",
        "https://[broken/",
    ],
)
def test_links_that_tell_no_document_resolve_to_none(url: str) -> None:
    pages = [facts_of(path) for path in ("victoriametrics.md", "release/v1.24.md", "README.md", "a/readme.md")]

    assert _resolved(url, *pages) is None


def _dead(page: DocumentFacts, target: str, *others: DocumentFacts, listed: tuple[str, ...] = ()) -> bool:
    extract = DocumentExtract(page.id, Extract(links=(InternalLink(target, _HERE),)))
    return bool(dead_links([page, *others], [extract], listed={"wiki": listed}))


def test_a_link_to_a_page_that_is_not_there_is_dead() -> None:
    assert _dead(facts_of("runbooks/a.md"), "runbooks/gone.md")


def test_pages_folders_index_pages_and_listed_files_are_alive() -> None:
    page, other = facts_of("docs/a.md"), facts_of("docs/guide/_index.md", kind=DocumentKind.REFERENCE)

    assert not _dead(page, "docs/guide/", other)
    assert not _dead(page, "docs/guide", other)
    assert not _dead(page, "docs/A.html", other)
    assert not _dead(page, "docs/failed.md", other, listed=("docs/failed.md",))


def test_a_link_counted_from_the_page_as_a_folder_is_alive() -> None:
    page, other = facts_of("docs/a/b.md"), facts_of("docs/a/c.md")

    assert not _dead(page, "docs/c", other, facts_of("docs/x.md"))


def test_a_link_into_a_folder_without_documents_is_left_alone() -> None:
    assert not _dead(facts_of("docs/a.md"), "scripts/tool.md")
