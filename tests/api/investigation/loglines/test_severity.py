"""Severities of many loggers in one order."""

import pytest

from api.investigation.loglines.severity import Scale, Severity, scale_of, severity_in, severity_of


@pytest.mark.parametrize(
    ("word", "severity"),
    [("WARNING", Severity.WARN), ("SEVERE", Severity.ERROR), ("dpanic", Severity.ERROR), ("E", Severity.ERROR),
     ("ERROR2", Severity.ERROR), ("crit", Severity.FATAL), ("notice", Severity.INFO), ("17", Severity.ERROR),
     ("no such word", Severity.UNKNOWN), ("", Severity.UNKNOWN), ("٣", Severity.UNKNOWN)],
)  # fmt: skip
def test_a_word_or_number_has_its_severity(word: str, severity: Severity) -> None:
    assert severity_of(word) is severity


def test_numbers_are_read_by_the_scale_that_all_of_them_fit() -> None:
    syslog, bunyan = scale_of(["3", "6"]), scale_of(["30", "50"])

    assert (syslog, bunyan) == (Scale.SYSLOG, Scale.BUNYAN)
    assert (severity_of("3", syslog), severity_of("50", bunyan)) == (Severity.ERROR, Severity.ERROR)


def test_a_line_that_states_its_severity_has_it() -> None:
    assert severity_in("2024-01-02 03:04:05 [ERROR] no") is Severity.ERROR
