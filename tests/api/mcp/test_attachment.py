"""Whom a process beside the API asks, while APIs come and go."""

from typing import cast

from api.assistant import Assistant
from api.mcp.attachment import Attachment


class _Opened:
    def __init__(self, name: str) -> None:
        self.name, self.closed = name, False

    def close(self) -> None:
        self.closed = True


class _World:
    def __init__(self) -> None:
        self.url: str | None = None
        self.now = 0.0
        self.looks = 0
        self.opened: list[_Opened] = []
        self.attachment = Attachment(self._find, self._open, lambda: self._open("here"), clock=lambda: self.now)

    def used(self) -> _Opened:
        return cast(_Opened, self.attachment.assistant())

    def _find(self) -> str | None:
        self.looks += 1
        return self.url

    def _open(self, name: str) -> Assistant:
        self.opened.append(_Opened(name))
        return cast(Assistant, self.opened[-1])


def test_without_an_api_the_index_is_opened_once() -> None:
    world = _World()

    assert world.used() is world.used()
    assert [one.name for one in world.opened] == ["here"]


def test_an_api_that_is_started_meanwhile_takes_over_the_index() -> None:
    world = _World()
    here = world.used()
    world.url, world.now = "http://127.0.0.1:1", 6.0

    used = world.used()

    assert used.name == "http://127.0.0.1:1"
    assert here.closed


def test_an_api_that_moved_is_found_again() -> None:
    world = _World()
    world.url = "http://127.0.0.1:1"
    before = world.used()
    world.url, world.now = "http://127.0.0.1:2", 6.0

    after = world.used()

    assert (before.name, after.name) == ("http://127.0.0.1:1", "http://127.0.0.1:2")
    assert not before.closed  # a call may still be using it


def test_it_does_not_look_at_every_call() -> None:
    world = _World()

    for _ in range(50):
        world.used()

    assert world.looks == 1


def test_closing_closes_all() -> None:
    world = _World()
    world.used()
    world.url, world.now = "http://127.0.0.1:1", 6.0
    world.used()

    world.attachment.close()

    assert all(one.closed for one in world.opened)
