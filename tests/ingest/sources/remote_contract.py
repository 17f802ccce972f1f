"""What every source behind a remote API bears: rate limits, refusals, broken answers, changes under way."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Protocol

import pytest

from ingest.errors import DocumentUnavailable, SourceUnreadable
from tests.ingest.sources.contract import SourceContract, World
from tests.ingest.sources.rest_server import Reply, RestServer, cut_off, half_json, serving


class RemoteWorld(World, Protocol):
    """A place behind an API that gives its lists in several pages; its adapter takes the token from THE_TOKEN."""

    @property
    def server(self) -> RestServer:
        """The server that speaks the API."""

    @property
    def pauses(self) -> list[float]:
        """How long the adapters slept, in seconds, without doing so."""

    @property
    def first_page(self) -> str:
        """What the address of the first page of the list matches."""

    @property
    def later_page(self) -> str:
        """What the address of the second page of the list matches, and that of no first one."""

    def expire_token(self) -> None:
        """Let the API refuse the token from now on."""


class RemoteContract(SourceContract):
    """The suite of sources, and what remote ones bear beside it."""

    @pytest.fixture
    def world(self) -> RemoteWorld:
        """Return the place that the adapter under test reads."""
        raise NotImplementedError("a subclass gives the fixture 'world'")

    def test_a_list_is_read_to_its_last_page(self, world: RemoteWorld) -> None:
        world.source().snapshot()

        assert world.server.count(world.later_page) >= 1

    def test_a_rate_limit_is_waited_for_as_long_as_it_says(self, world: RemoteWorld) -> None:
        world.server.fail(world.first_page, Reply(status=429, headers=(("Retry-After", "7"),)), times=1)

        snapshot = world.source().snapshot()

        assert snapshot.complete
        assert [round(pause) for pause in world.pauses] == [7]

    def test_a_rate_limit_may_be_stated_as_a_date(self, world: RemoteWorld) -> None:
        until = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
        world.server.fail(world.later_page, Reply(status=429, headers=(("Retry-After", until),)), times=1)

        assert world.source().snapshot().complete
        assert [20 < pause <= 31 for pause in world.pauses] == [True]

    def test_a_rate_limit_of_an_hour_is_not_waited_for(self, world: RemoteWorld) -> None:
        world.server.fail(world.later_page, Reply(status=429, headers=(("Retry-After", "3600"),)))

        snapshot = world.source().snapshot()

        assert not snapshot.complete
        assert "asks to wait 3600 s" in snapshot.problems[0]
        assert world.pauses == []

    def test_a_server_that_is_overloaded_for_a_moment_is_asked_again(self, world: RemoteWorld) -> None:
        world.server.fail(world.later_page, Reply(status=503), times=2)

        assert world.source().snapshot().complete
        assert len(world.pauses) == 2

    def test_an_expired_token_is_named_with_the_next_step(self, world: RemoteWorld) -> None:
        world.expire_token()

        with pytest.raises(SourceUnreadable, match=r"make a new one and set it in THE_TOKEN") as caught:
            world.source().snapshot()
        assert world.secret not in str(caught.value)
        assert world.pauses == []

    def test_a_token_that_expires_before_a_fetch_makes_that_document_unavailable(self, world: RemoteWorld) -> None:
        source = world.source()
        path = source.snapshot().entries[0].path
        world.expire_token()

        with pytest.raises(DocumentUnavailable, match="THE_TOKEN"):
            source.fetch(path)

    def test_a_page_that_is_cut_off_makes_the_snapshot_partial(self, world: RemoteWorld) -> None:
        whole = world.source().snapshot()
        world.server.fail(world.later_page, cut_off)

        partial = world.source().snapshot()

        assert not partial.complete
        assert "cut off" in partial.problems[0]
        assert 0 < len(partial.entries) < len(whole.entries)

    def test_a_first_page_with_half_its_json_is_a_partial_snapshot_of_nothing(self, world: RemoteWorld) -> None:
        world.server.fail(world.first_page, half_json)

        snapshot = world.source().snapshot()

        assert not snapshot.complete
        assert "no answer that can be read" in snapshot.problems[0]

    def test_a_page_that_is_cut_off_once_is_asked_for_again(self, world: RemoteWorld) -> None:
        world.server.fail(world.later_page, cut_off, times=1)

        assert world.source().snapshot().complete

    def test_an_api_that_is_down_is_an_unreadable_source(self, world: RemoteWorld) -> None:
        world.server.fail("", Reply(status=503))

        with pytest.raises(SourceUnreadable, match=r"answers HTTP 503"):
            world.source().snapshot()

    def test_a_document_that_vanished_during_the_crawl_is_unavailable(self, world: RemoteWorld) -> None:
        source = world.source()
        path = source.snapshot().entries[-1].path

        world.remove(path)

        with pytest.raises(DocumentUnavailable):
            source.fetch(path)

    def test_a_change_during_the_crawl_shows_in_the_next_snapshot(self, world: RemoteWorld) -> None:
        source = world.source()
        before = source.snapshot().entries[0]

        world.change(before.path)
        source.fetch(before.path)

        assert source.snapshot().entries[0].fingerprint != before.fingerprint

    def test_what_leaves_the_list_while_it_is_read_takes_no_other_along(self, world: RemoteWorld) -> None:
        whole = {entry.path for entry in world.source().snapshot().entries}
        gone = min(whole)  # it stands on the first page, which is read by then
        world.server.asked.clear()
        world.server.before = lambda asked: world.remove(gone) if world.server.count(world.later_page) == 1 else None

        assert {entry.path for entry in world.source().snapshot().entries} >= whole - {gone}

    def test_a_redirect_to_another_host_gets_no_token(self, world: RemoteWorld) -> None:
        with serving(lambda asked: Reply.of([])) as other:
            elsewhere = other.url.replace("127.0.0.1", "localhost") + "/taken"
            world.server.fail(world.later_page, Reply(status=307, headers=(("Location", elsewhere),)))

            snapshot = world.source().snapshot()

            assert not snapshot.complete
            assert "the token is not sent" in snapshot.problems[0]
            assert other.asked == []
