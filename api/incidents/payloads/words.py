"""What senders call severities, states, heartbeats and tests."""

import re

from api.incidents.alerts import AlertStatus, Purpose, Severity

_SEVERITIES = {
    Severity.CRITICAL: "critical crit fatal emergency emerg alert disaster blocker page p0 p1 sev0 sev1 s1 severe",
    Severity.ERROR: "error err high major p2 sev2 s2",
    Severity.WARNING: "warning warn medium moderate average minor p3 sev3 s3",
    Severity.INFO: "info informational information notice low debug ok none p4 p5 sev4 sev5 s4",
}
_BY_WORD = {word: severity for severity, words in _SEVERITIES.items() for word in words.split()}
_STATES = {
    AlertStatus.FIRING: "firing active alerting alert triggered open opened problem failed failure true warn warning",
    AlertStatus.RESOLVED: "resolved ok inactive closed close recovered recovery normal false success cleared",
}
_BY_STATE = {word: status for status, words in _STATES.items() for word in words.split()}
# What kube-prometheus and others send all the time to show that the way of an alert works, or to mute others.
_HEARTBEATS = frozenset(("watchdog", "deadmansswitch", "deadmanswitch", "deadmanssnitch", "infoinhibitor", "heartbeat"))
_TESTS = frozenset(("testalert", "test", "testnotification", "testpage", "alertmanagertest"))
_TEST_TITLE = re.compile(r"\s*(?:\[(?:fake |firing:\d+\] ?\[)?test\]|test alert\b|test notification\b)", re.IGNORECASE)


def severity_of(*said: str) -> Severity:
    """Return the first severity among these words that is understood."""
    return next((found for one in said if (found := _BY_WORD.get(_plain(one)))), Severity.UNKNOWN)


def status_of(said: str) -> AlertStatus | None:
    """Return the state that a word means, or None."""
    return _BY_STATE.get(said.strip().casefold())


def purpose_of(name: str, title: str = "") -> Purpose:
    """Return what an alert is sent for, by its name and its title alone."""
    word = _plain(name)
    if word in _HEARTBEATS:
        return Purpose.HEARTBEAT
    return Purpose.TEST if word in _TESTS or _TEST_TITLE.match(title) else Purpose.REAL


def _plain(word: str) -> str:
    return re.sub(r"[^a-z0-9]", "", word.casefold())
