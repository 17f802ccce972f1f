"""What is presumed of a feature that no case taught."""

import pytest

from api.investigation.presumptions import presumed


def test_what_a_component_does_itself_outweighs_what_reaches_it() -> None:
    assert presumed("metrics.metric.cpu") > presumed("metrics.metric.outgoing_latency") > 0
    assert presumed("traces.trace.self_time") > presumed("logs.log.log_rate") > 0


def test_where_the_excess_of_the_symptom_begins_weighs_most() -> None:
    assert presumed("metrics.metric.excess") > presumed("metrics.metric.latency")


@pytest.mark.parametrize("signal", ["availability", "network_sent"])
def test_a_component_that_answers_or_sends_less_is_in_trouble(signal: str) -> None:
    assert presumed(f"metrics.metric.{signal}.fall") > presumed("metrics.metric.cpu.fall")


def test_signals_are_presumed_for_specialists_that_no_case_had() -> None:
    assert presumed("somebody.event.restart") == presumed("events.metric.memory")


@pytest.mark.parametrize("name", ["", "callee", "metrics.any", "a.b.c", "symptom", "metrics.metric"])
def test_what_is_no_signal_of_a_component_is_presumed_to_say_nothing(name: str) -> None:
    assert presumed(name) == 0.0
