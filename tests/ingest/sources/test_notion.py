"""Notion as a source: the contract, by search and from roots, and what a page says of itself."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import cast

import pytest
import yaml

from ingest.errors import DocumentUnavailable, SourceUnreadable, UsageError
from ingest.sources.notion import NotionSource
from ingest.sources.source import Source, SourceEntry
from tests.ingest.sources.notion_server import (
    NotionWorld,
    block,
    identifier,
    in_database,
    in_page,
    notion_world,
    text_block,
    title_property,
)
from tests.ingest.sources.remote_contract import RemoteContract
from tests.ingest.sources.rest_server import Reply

OPERATIONS, DISK, OUTAGE, SLOW, ALONE = (f"{number:032x}.md" for number in (1, 2, 4, 5, 6))


@pytest.fixture
def notes() -> Iterator[NotionWorld]:
    with notion_world() as world:
        yield world


class TestNotion(RemoteContract):
    @pytest.fixture
    def world(self, notes: NotionWorld) -> NotionWorld:
        return notes


def test_search_finds_pages_and_rows(notes: NotionWorld) -> None:
    assert sorted(entries(notes.source())) == [OPERATIONS, DISK, OUTAGE, SLOW, ALONE]


def test_rows_that_search_leaves_out_are_found_in_their_database(notes: NotionWorld) -> None:
    notes.hidden.add(identifier(4))

    assert OUTAGE in entries(notes.source())


def test_roots_are_walked_through_blocks_and_databases_and_nothing_else_is_listed(notes: NotionWorld) -> None:
    found = entries(notes.source(roots=(f"https://www.notion.so/shop/Operations-{identifier(1).replace('-', '')}",)))

    assert sorted(found) == [OPERATIONS, DISK, OUTAGE, SLOW]
    assert found[DISK].ancestors == ("Operations",)
    assert found[OUTAGE].ancestors == ("Operations", "Incidents")


def test_a_database_may_be_a_root(notes: NotionWorld) -> None:
    assert sorted(entries(notes.source(roots=(identifier(3),)))) == [OUTAGE, SLOW]


def test_titles_above_a_page_are_found_through_blocks_and_databases(notes: NotionWorld) -> None:
    found = entries(notes.source())

    assert found[DISK].ancestors == ("Operations",)
    assert found[OUTAGE].ancestors == ("Operations", "Incidents")
    assert found[ALONE].ancestors == ()


def test_what_stands_above_but_is_not_shared_is_not_named(notes: NotionWorld) -> None:
    notes.put(7, "Below", parent=in_page(0x700))

    assert entries(notes.source())[f"{7:032x}.md"].ancestors == ()


def test_pages_that_lie_in_each_other_end(notes: NotionWorld) -> None:
    notes.put(8, "Hen", parent=in_page(9))
    notes.put(9, "Egg", parent=in_page(8))

    assert len(entries(notes.source())[f"{8:032x}.md"].ancestors) == 2


def test_a_page_in_the_trash_is_left_out_and_not_fetched(notes: NotionWorld) -> None:
    notes.pages[identifier(6)]["archived"] = True
    source = notes.source()

    assert ALONE not in entries(source)
    with pytest.raises(DocumentUnavailable, match="in the trash"):
        source.fetch(ALONE)


def test_a_root_that_is_not_shared_is_named(notes: NotionWorld) -> None:
    with pytest.raises(SourceUnreadable, match="share it with the integration"):
        notes.source(roots=(identifier(0x777),)).snapshot()


def test_a_database_of_which_one_page_fails_makes_the_snapshot_partial(notes: NotionWorld) -> None:
    notes.server.fail("/query", Reply(status=500))

    snapshot = notes.source().snapshot()

    assert not snapshot.complete
    assert snapshot.problems[0].startswith("database 'Incidents': ")
    assert len(snapshot.entries) == 5


def test_an_edit_of_this_minute_is_read_again_later(notes: NotionWorld) -> None:
    now = datetime.now(UTC)
    notes.pages[identifier(6)]["last_edited_time"] = now.replace(second=0, microsecond=0).isoformat()

    assert entries(notes.source())[ALONE].fingerprint.endswith("-unsettled")
    assert not entries(notes.source())[DISK].fingerprint.endswith("-unsettled")


def test_properties_become_front_matter_and_the_blocks_the_text(notes: NotionWorld) -> None:
    properties = {
        **title_property("Outage"),
        "Severity": {"type": "select", "select": {"name": "SEV1"}},
        "Status": {"type": "status", "status": {"name": "Done"}},
        "Services": {"type": "multi_select", "multi_select": [{"name": "checkout"}, {"name": "cart"}]},
        "Date": {"type": "date", "date": {"start": "2026-03-03", "end": None}},
        "Owner": {"type": "people", "people": [{"object": "user", "name": "Anna"}]},
        "Minutes down": {"type": "number", "number": 42},
        "Empty": {"type": "select", "select": None},
        "Odd": {"type": "date", "date": "no date at all"},
        "Files": {"type": "files", "files": [{"file": {"url": "https://s3.example/x?sig=1"}}]},
    }
    notes.put(4, "Outage", text_block(0x41, "paragraph", "It was down."), parent=in_database(3), properties=properties)

    front, text = notes.source().fetch(OUTAGE).decode().removeprefix("---\n").split("---\n", 1)

    assert yaml.safe_load(front) == {
        "title": "Outage",
        "severity": "SEV1",
        "status": "Done",
        "services": ["checkout", "cart"],
        "date": "2026-03-03",
        "owner": ["Anna"],
        "minutes_down": 42,
    }
    assert text == "\nIt was down.\n"


def test_a_changed_property_changes_the_fingerprint(notes: NotionWorld) -> None:
    before = entries(notes.source())[OUTAGE].fingerprint
    properties = cast(dict[str, object], notes.pages[identifier(4)]["properties"])

    properties["Severity"] = {"type": "select", "select": {"name": "SEV1"}}

    assert entries(notes.source())[OUTAGE].fingerprint != before


def test_a_page_of_many_blocks_is_read_to_its_end(notes: NotionWorld) -> None:
    notes.put(6, "Alone", *(text_block(0x600 + number, "numbered_list_item", f"Step {number}") for number in range(7)))

    lines = notes.source().fetch(ALONE).decode().splitlines()

    assert lines[-7:] == [f"{number + 1}. Step {number}" for number in range(7)]


def test_half_a_page_is_no_document(notes: NotionWorld) -> None:
    notes.put(6, "Alone", *(text_block(0x600 + number, "paragraph", "x") for number in range(5)))
    notes.server.fail(
        "children.*start_cursor", Reply(b'{"results": [', headers=(("content-type", "application/json"),))
    )

    with pytest.raises(DocumentUnavailable, match="no answer that can be read"):
        notes.source().fetch(ALONE)


def test_a_synced_copy_shows_its_original(notes: NotionWorld) -> None:
    copy = block(0x62, "synced_block", children=True, synced_from={"type": "block_id", "block_id": identifier(0x11)})
    notes.put(6, "Alone", copy)
    notes.blocks[identifier(0x11)] = [text_block(0x111, "paragraph", "Once for all.")]

    assert "Once for all." in notes.source().fetch(ALONE).decode()


def test_a_synced_copy_whose_original_is_not_shared_says_so(notes: NotionWorld) -> None:
    copy = block(0x62, "synced_block", children=True, synced_from={"type": "block_id", "block_id": identifier(0x777)})
    notes.put(6, "Alone", copy)

    assert "whose original is not shared" in notes.source().fetch(ALONE).decode()


def test_a_page_without_blocks_still_has_its_title(notes: NotionWorld) -> None:
    notes.put(6, "Alone")

    assert notes.source().fetch(ALONE).decode().endswith("# Alone\n")


def test_a_root_that_is_no_id_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="'runbooks' is no id"):
        NotionSource(name="notes", token="t", roots=("runbooks",))


def entries(source: Source) -> dict[str, SourceEntry]:
    snapshot = source.snapshot()
    return {entry.path: entry for entry in snapshot.entries}
