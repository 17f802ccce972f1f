"""What the pipeline relies on in every source: one suite that each adapter passes over a world of its own.

Plug an adapter in with a subclass whose name starts with `Test`, and its fixture `world`:

    class TestNotion(SourceContract):
        @pytest.fixture
        def world(self, tmp_path: Path) -> Iterator[World]:
            with notion_world(tmp_path) as world:
                yield world
"""

import pickle
from typing import Protocol

import pytest

from ingest.errors import DocumentUnreadable
from ingest.sources.source import Snapshot, Source


class World(Protocol):
    """The place that a source reads, as a test changes it; it starts with at least two documents."""

    @property
    def secret(self) -> str:
        """The credential that the adapter was given; "" where it takes none."""

    def source(self) -> Source:
        """Return a new adapter over this place, built as for a run of its own."""

    def add(self) -> None:
        """Add one more document."""

    def change(self, path: str) -> None:
        """Change the content of the document that is listed under `path`."""

    def remove(self, path: str) -> None:
        """Take the document that is listed under `path` away."""


class SourceContract:
    """The suite; `world` is the one thing a subclass gives."""

    @pytest.fixture
    def world(self) -> World:
        """Return the place that the adapter under test reads."""
        raise NotImplementedError("a subclass gives the fixture 'world'")

    def test_a_snapshot_lists_every_document_once_and_in_order_of_paths(self, world: World) -> None:
        source = world.source()

        snapshot = source.snapshot()

        paths = [entry.path for entry in snapshot.entries]
        assert (snapshot.source, snapshot.complete, snapshot.problems) == (source.name, True, ())
        assert len(paths) >= 2
        assert paths == sorted(set(paths))

    def test_what_is_said_of_an_entry_can_be_stored_and_compared(self, world: World) -> None:
        for entry in world.source().snapshot().entries:
            parts = entry.path.split("/")

            assert all(part not in ("", ".", "..") for part in parts), entry.path
            assert "." in parts[-1], f"{entry.path!r} ends in no extension"
            assert entry.fingerprint
            assert entry.size >= 0
            assert entry.updated_at is None or entry.updated_at.tzinfo is not None
            str((entry.path, entry.url, entry.title, *entry.ancestors, *entry.labels)).encode("utf-8")

    def test_every_listed_document_can_be_fetched(self, world: World) -> None:
        source = world.source()

        for entry in source.snapshot().entries:
            assert entry.problem is None
            assert source.fetch(entry.path)

    def test_the_same_document_is_fetched_as_the_same_bytes(self, world: World) -> None:
        first, second = world.source(), world.source()
        path = first.snapshot().entries[0].path
        second.snapshot()

        assert first.fetch(path) == first.fetch(path) == second.fetch(path)

    def test_fingerprints_stay_while_nothing_changes(self, world: World) -> None:
        source = world.source()
        before = _fingerprints(source.snapshot())

        assert _fingerprints(source.snapshot()) == before
        assert _fingerprints(world.source().snapshot()) == before

    def test_a_change_alters_the_fingerprint_and_bytes_of_its_document_and_of_no_other(self, world: World) -> None:
        old = world.source()
        before = _fingerprints(old.snapshot())
        path = min(before)
        text = old.fetch(path)

        world.change(path)

        new = world.source()
        after = _fingerprints(new.snapshot())
        assert {one for one in before if after.get(one) != before[one]} == {path}
        assert after.keys() == before.keys()
        assert new.fetch(path) != text

    def test_a_removed_document_leaves_the_snapshot_and_takes_no_other_along(self, world: World) -> None:
        before = _fingerprints(world.source().snapshot())
        path = max(before)

        world.remove(path)

        snapshot = world.source().snapshot()
        assert snapshot.complete
        assert _fingerprints(snapshot) == {one: mark for one, mark in before.items() if one != path}

    def test_an_added_document_is_listed_and_fetched_and_leaves_the_others_as_they_are(self, world: World) -> None:
        before = _fingerprints(world.source().snapshot())

        world.add()

        source = world.source()
        after = _fingerprints(source.snapshot())
        (added,) = after.keys() - before.keys()
        assert {one: after[one] for one in before} == before
        assert source.fetch(added)

    @pytest.mark.parametrize("path", ["nowhere/no-such-document.md", "../../../etc/passwd", "/etc/passwd", ""])
    def test_a_path_that_was_not_listed_is_an_unreadable_document(self, world: World, path: str) -> None:
        source = world.source()
        source.snapshot()

        with pytest.raises(DocumentUnreadable):
            source.fetch(path)

    def test_an_instance_works_after_it_was_pickled_before_its_first_use(self, world: World) -> None:
        copy: Source = pickle.loads(pickle.dumps(world.source()))

        snapshot = copy.snapshot()

        assert _fingerprints(snapshot) == _fingerprints(world.source().snapshot())
        assert copy.fetch(snapshot.entries[0].path)

    def test_a_copy_pickled_after_the_snapshot_fetches_what_it_listed(self, world: World) -> None:
        source = world.source()
        path = source.snapshot().entries[-1].path

        copy: Source = pickle.loads(pickle.dumps(source))

        assert copy.fetch(path) == source.fetch(path)

    def test_name_and_location_are_said_before_anything_is_read(self, world: World) -> None:
        source = world.source()

        assert source.name
        assert source.location
        assert source.url_prefix is None or source.url_prefix

    def test_no_credential_shows_in_what_is_stored_of_a_source(self, world: World) -> None:
        source = world.source()
        snapshot = source.snapshot()

        shown = f"{source.location} {source.url_prefix} {source!r} {snapshot!r}"
        assert not world.secret or world.secret not in shown
        assert "@" not in source.location.split("//", 1)[-1].split("/", 1)[0]


def _fingerprints(snapshot: Snapshot) -> dict[str, str]:
    return {entry.path: entry.fingerprint for entry in snapshot.entries}
