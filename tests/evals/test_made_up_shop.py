"""The made-up shop: the same telemetry for the same moment, with trouble where it says so."""

from api.telemetry.otlp.requests import OtlpSignal, request_of
from evals.made_up_shop import GUILTY, telemetry

NOW = 1_790_000_000.0


def test_the_same_moment_gives_the_same_requests() -> None:
    first, again = (list(telemetry(NOW, healthy_minutes=2, trouble_minutes=1)) for _ in range(2))

    assert first == again
    assert {signal for signal, _ in first} == set(OtlpSignal)


def test_only_the_guilty_service_fails_of_itself_and_only_at_the_end() -> None:
    lines = [
        (resource.resource.attributes[0].value.string_value, line.time_unix_nano / 1e9)
        for signal, body in telemetry(NOW, healthy_minutes=5, trouble_minutes=2)
        if signal is OtlpSignal.LOGS
        for resource in request_of(signal, body, "application/x-protobuf").resource_logs
        for line in resource.scope_logs[0].log_records
        if line.severity_number >= 17
    ]

    assert {name for name, _ in lines} == {GUILTY}
    assert min(at for _, at in lines) >= NOW - 120
