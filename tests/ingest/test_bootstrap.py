"""From what a person asks for to the sources and options of a run."""

from pathlib import Path

import pytest

from ingest.bootstrap import SourceRequest, Undertaking, open_workshop, requests_of, undertake
from ingest.building import Workshop
from ingest.errors import UsageError
from ingest.knowledge.documents import DocumentKind
from ingest.knowledge.edge_store import EdgeStore
from ingest.knowledge.manifest import SourceTerms
from ingest.knowledge.server_store import QdrantServerStore
from ingest.pipeline import ingest
from ingest.settings import KnowledgeSettings


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder of two folders with a document each."""
    for name in ("wiki", "runbooks"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.md").write_text(f"# About {name}\n\nText.\n")
        (tmp_path / name / "b.txt").write_text("More text.\n")
    return tmp_path


def test_each_path_is_a_source_named_by_its_folder(workshop: Workshop, folder: Path) -> None:
    planned = plan(workshop, requests_of([folder / "wiki", folder / "runbooks"], None))

    assert [(source.name, source.location) for source in planned.sources] == [
        ("wiki", str(folder / "wiki")),
        ("runbooks", str(folder / "runbooks")),
    ]


def test_paths_with_a_name_are_one_source(workshop: Workshop, folder: Path) -> None:
    planned = plan(workshop, requests_of([folder / "wiki", folder / "runbooks"], "all"))

    assert [(source.name, source.location) for source in planned.sources] == [
        ("all", f"{folder / 'wiki'}\n{folder / 'runbooks'}")
    ]


def test_two_folders_of_one_name_have_to_be_told_apart(workshop: Workshop, folder: Path) -> None:
    (folder / "other" / "wiki").mkdir(parents=True)

    with pytest.raises(UsageError, match=r"both be source 'wiki'; .*--source NAME"):
        plan(workshop, requests_of([folder / "wiki", folder / "other" / "wiki"], None))


def test_no_request_before_anything_was_ingested_says_what_to_run(workshop: Workshop) -> None:
    with pytest.raises(UsageError, match="run: groundwatch ingest PATH"):
        plan(workshop, [])


def test_no_request_means_all_known_sources_on_the_terms_they_were_ingested_on(
    workshop: Workshop, folder: Path
) -> None:
    first = SourceRequest((str(folder / "wiki"),), None, "runbook", "https://wiki.example", ("*.txt",))
    run(workshop, [first, *requests_of([folder / "runbooks"], None)])

    again = plan(workshop, [])

    assert [(source.name, source.url_prefix) for source in again.sources] == [
        ("runbooks", None),
        ("wiki", "https://wiki.example"),
    ]
    assert again.options.kind_of("wiki") is DocumentKind.RUNBOOK
    assert [len(source.snapshot().entries) for source in again.sources] == [2, 1]
    assert run(workshop, []) == 0


def test_what_is_not_said_again_stays_and_what_is_said_replaces_it(workshop: Workshop, folder: Path) -> None:
    path = (str(folder / "wiki"),)
    run(workshop, [SourceRequest(path, None, "runbook", "https://wiki.example", ("*.txt",))])

    kept = plan(workshop, [SourceRequest(path)])
    changed = plan(workshop, [SourceRequest(path, None, "auto", "https://new.example", ("x",))])

    assert kept.options.terms == {"wiki": SourceTerms("runbook", ("*.txt",))}
    assert kept.sources[0].url_prefix == "https://wiki.example"
    assert changed.options.terms == {"wiki": SourceTerms(None, ("x",))}
    assert changed.sources[0].url_prefix == "https://new.example"


def test_a_name_that_was_another_folder_before_is_warned_of(workshop: Workshop, folder: Path) -> None:
    run(workshop, requests_of([folder / "wiki"], "docs"))

    planned = plan(workshop, requests_of([folder / "runbooks"], "docs"))

    assert len(planned.warnings) == 1
    assert "was ingested from" in planned.warnings[0]
    assert "use --source NAME" in planned.warnings[0]


def test_a_known_folder_that_is_gone_does_not_hold_up_the_others(workshop: Workshop, folder: Path) -> None:
    run(workshop, requests_of([folder / "wiki", folder / "runbooks"], None))
    (folder / "wiki").rename(folder / "moved")

    planned = plan(workshop, [])

    assert [source.name for source in planned.sources] == ["runbooks"]
    assert "source 'wiki' was left out" in planned.warnings[0]


def test_all_known_folders_gone_is_an_error(workshop: Workshop, folder: Path) -> None:
    run(workshop, requests_of([folder / "wiki"], None))
    (folder / "wiki").rename(folder / "moved")

    with pytest.raises(UsageError, match="'wiki' was left out: no such file or folder"):
        plan(workshop, [])


def test_an_unknown_kind_is_refused_with_the_known_ones(workshop: Workshop, folder: Path) -> None:
    with pytest.raises(UsageError, match=r"unknown kind 'guide'; use one of: runbook, .*, auto"):
        plan(workshop, [SourceRequest((str(folder / "wiki"),), None, "guide")])


def test_the_settings_choose_the_store_and_load_no_model(tmp_path: Path) -> None:
    edge = open_workshop(KnowledgeSettings(data_dir=tmp_path))
    server = open_workshop(KnowledgeSettings(data_dir=tmp_path, qdrant_url="http://127.0.0.1:1"))

    assert isinstance(edge.store, EdgeStore)
    assert isinstance(server.store, QdrantServerStore)
    edge.close()
    server.close()


def plan(workshop: Workshop, requests: list[SourceRequest]) -> Undertaking:
    return undertake(workshop, requests, KnowledgeSettings())


def run(workshop: Workshop, requests: list[SourceRequest]) -> int:
    """Run the requests and return how many passages were embedded."""
    planned = plan(workshop, requests)
    return ingest(workshop, planned.sources, planned.options).embedded
