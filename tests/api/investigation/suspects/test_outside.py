"""Causes outside of all changes, and what only looks like one."""

import numpy as np

from api.investigation.faults import FaultKind
from api.investigation.observations import SourceClass
from api.investigation.suspects.outside import outside_causes
from api.investigation.suspects.trouble import Telling, trouble_of
from api.investigation.telemetry import Happening, Series
from tests.api.investigation.incidents_at_hand import WINDOW, incident
from tests.api.investigation.recordings_at_hand import STEP, brief, series
from tests.api.investigation.suspects.troubles_at_hand import BEGAN, line, trouble


def told(title: str, at: int, detail: str = "payments api.pay.example") -> Happening:
    return Happening(SourceClass.EVENT, "provider_status", at, None, title, detail=detail)


def kinds(
    *lines: Telling, events: tuple[Happening, ...] = (), now: tuple[Series, ...] = (), files: tuple[str, ...] = ()
) -> list[FaultKind]:
    return [one.kind for one in outside_causes(incident(), trouble(*lines, now=now), events, files)]


NAMED = line("POST https://api.pay.example/v1/charge returned 503")


def test_a_provider_that_tells_trouble_and_is_named_in_lines_explains_it() -> None:
    events = (told("error rate 0.4", BEGAN - 600_000_000), told("error rate 12.7", BEGAN - 60_000_000))

    assert kinds(NAMED, events=events) == [FaultKind.DEPENDENCY_DOWN]
    assert kinds(NAMED, events=(told("Major outage", BEGAN),)) == [FaultKind.DEPENDENCY_DOWN]


def test_a_provider_that_is_well_or_that_no_line_names_explains_nothing() -> None:
    assert kinds(NAMED, events=(told("error rate 0.4", BEGAN - 10), told("error rate 0.5", BEGAN))) == []
    assert kinds(line("cart is slow"), events=(told("Major outage", BEGAN),)) == []
    assert kinds(NAMED, events=(told("Major outage", BEGAN - 86_400_000_000),)) == []


def test_what_counts_down_to_zero_at_the_onset_ran_out() -> None:
    times = np.arange(BEGAN - 20 * STEP, BEGAN + 20 * STEP, STEP, dtype=np.int64)
    left = Series("pay", "tls_cert_seconds_until_expiry", times, np.linspace(200.0, -200.0, len(times)))

    assert kinds(line("handshake failed"), now=(left,)) == [FaultKind.CREDENTIAL]


def test_a_certificate_that_a_change_touches_may_be_its_fault() -> None:
    said = line("x509: certificate has expired or is not yet valid")

    assert kinds(said) == [FaultKind.CREDENTIAL]
    assert kinds(said, files=("deploy/tls/server.crt",)) == []
    assert kinds(line("jwt validation failed: token is expired")) == []


def test_one_record_that_fails_again_and_again_is_stuck() -> None:
    text = "record validation error: lat out of range; record_id=geo-8f3a2174 offset=148820291"

    assert kinds(line(text)) == [FaultKind.DATA_ERROR]
    assert kinds(line(text, varying=frozenset({"geo-8f3a2174", "148820291"}))) == []
    assert kinds(line(text), line("another error of the same component", count=20)) == []


def surging(*every: Series) -> list[FaultKind]:
    given = brief(*every, series("shop", "error_ratio", 0.001, 0.5))
    return [one.kind for one in outside_causes(given.incident, trouble_of(given), (), ())]


def test_more_requests_everywhere_are_a_surge() -> None:
    many = (series("shop", "requests_per_sec", 100, 600), series("cart", "requests_per_sec", 80, 500))

    assert surging(*many) == [FaultKind.TRAFFIC_SURGE]
    assert surging(many[0]) == [FaultKind.TRAFFIC_SURGE]


def test_more_requests_of_one_callee_alone_are_none() -> None:
    steady = (series("shop", "requests_per_sec", 100, 100), series("cart", "requests_per_sec", 90, 90))

    assert surging(*steady, series("catalog", "requests_per_sec", 80, 500)) == []
    assert surging(series("catalog", "requests_per_sec", 80, 500)) == []


def test_requests_that_rise_only_after_the_trouble_began_can_be_retries() -> None:
    times = np.arange(0, WINDOW.end, STEP, dtype=np.int64)
    wave = np.resize([0.0, 1.0, -1.0], len(times))
    late = Series("shop", "requests_per_sec", times, np.where(times < WINDOW.start + 200_000_000, 100.0, 600.0) + wave)

    assert surging(late) == []


def test_a_neighbour_that_takes_the_host_is_found_and_own_use_is_not() -> None:
    lines = line("Throttling container shop: node CPU contended")
    host = series("node-1", "node_cpu_utilization_ratio", 0.3, 0.97)
    other, own = series("batch", "container_cpu_cores", 0.01, 5.6), series("shop", "container_cpu_cores", 0.8, 0.9)
    hungry = series("shop", "container_cpu_cores", 0.8, 6.0)

    def found(*every: Series) -> list[FaultKind]:
        read = trouble_of(brief(*every))
        whole = trouble(lines)
        whole = type(whole)((lines,), read.kinds, BEGAN, "", read.moves, read.healthy, read.now)
        return [one.kind for one in outside_causes(incident(), whole, (), ())]

    assert found(host, other, own) == [FaultKind.NOISY_NEIGHBOUR]
    assert found(host, hungry) == []
