"""Limits on what happens at once: they exist on the server, and a second holder waits or is told."""

import threading
import time

import pytest

from ingest.errors import KnowledgeError, KnowledgeLocked

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("prefect_server")]


def test_limits_are_on_the_server_afterwards_and_take_a_new_size() -> None:
    from flows.limits import ensure_limits

    ensure_limits({"groundwatch-test-a": 1, "groundwatch-test-b": 2})
    ensure_limits({"groundwatch-test-b": 3})

    assert (size_of("groundwatch-test-a"), size_of("groundwatch-test-b")) == (1, 3)


def test_two_processes_may_create_the_same_limit_at_once() -> None:
    from flows.limits import ensure_limits

    problems: list[BaseException] = []

    def create() -> None:
        try:
            ensure_limits({f"groundwatch-race-{number}": 1 for number in range(10)})
        except KnowledgeError as error:
            problems.append(error)

    threads = [threading.Thread(target=create) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    assert problems == []
    assert size_of("groundwatch-race-9") == 1


def test_a_second_holder_is_told_who_waits_for_what() -> None:
    from flows.limits import ensure_limits, holding

    ensure_limits({"groundwatch-test-one": 1})

    with (
        holding("groundwatch-test-one", wait=5),
        pytest.raises(KnowledgeLocked, match="'groundwatch-test-one' came free within 1 s: another run is at work"),
        holding("groundwatch-test-one", wait=1),
    ):
        pass


def test_a_second_holder_goes_on_when_the_first_lets_go() -> None:
    from flows.limits import ensure_limits, holding

    ensure_limits({"groundwatch-test-turn": 1})
    order: list[str] = []
    held = threading.Event()

    def first() -> None:
        with holding("groundwatch-test-turn", wait=5):
            held.set()
            time.sleep(0.5)
            order.append("first lets go")

    thread = threading.Thread(target=first)
    thread.start()
    held.wait(10)
    with holding("groundwatch-test-turn", wait=60):
        order.append("second holds")
    thread.join()

    assert order == ["first lets go", "second holds"]


def test_a_limit_that_somebody_deleted_is_not_passed_over() -> None:
    from flows.limits import holding

    with (
        pytest.raises(KnowledgeError, match="'groundwatch-never-made' is not on the Prefect server"),
        holding("groundwatch-never-made", wait=60),
    ):
        pass


def test_an_error_of_the_work_itself_stays_what_it_is() -> None:
    from flows.limits import ensure_limits, holding

    ensure_limits({"groundwatch-test-error": 1})

    with pytest.raises(TimeoutError, match="of the work"), holding("groundwatch-test-error", wait=5):
        raise TimeoutError("of the work")


@pytest.mark.parametrize(
    ("location", "limit"),
    [
        ("https://wiki.example.org/space", "groundwatch-fetch-wiki.example.org"),
        ("http://127.0.0.1:8090/x", "groundwatch-fetch-127.0.0.1-8090"),
        ("/srv/docs\n/srv/more", None),
        ("file:///srv/repo.git", None),
        ("https://[broken", None),
        ("nowhere", None),
        ("", None),
    ],
)
def test_only_sources_on_a_host_have_a_limit_on_fetches(location: str, limit: str | None) -> None:
    from flows.limits import fetch_limit

    assert fetch_limit(location) == limit


def size_of(name: str) -> int:
    """Return the size of a limit as the server has it."""
    from prefect.client.orchestration import get_client

    with get_client(sync_client=True) as client:
        return client.read_global_concurrency_limit_by_name(name).limit
