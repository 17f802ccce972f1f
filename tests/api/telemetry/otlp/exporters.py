"""OpenTelemetry's own exporters for Python, sending to a store behind a real server."""

import threading
import time
from contextlib import closing
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from api.investigation.windows import Window
from api.routes.otlp import otlp_routes
from api.routes.workers import Workers
from api.telemetry.live.sources import Scope
from api.telemetry.otlp.source import OtlpSource
from api.telemetry.otlp.store import OtlpStore


def delivered(folder: Path) -> tuple[set[str], set[str], set[str]]:
    """Return the operations, lines and metrics that a store holds after one of each was exported over HTTP."""
    with closing(OtlpStore(folder)) as store:
        app = FastAPI()
        app.include_router(otlp_routes(store, Workers(2)))
        server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning"))
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        try:
            export(f"http://127.0.0.1:{port}/otlp")
        finally:
            server.should_exit = True
            thread.join(10)
        now = int(time.time() * 1e6)
        window = Window(now - 600_000_000, now + 60_000_000)
        told = OtlpSource(store).telemetry(Scope(window, None))
        spans = {one.names[code] for one in told.spans(window) for code in one.operation}
        lines = {text for one in told.logs(window) for text in one.text}
        return spans, lines, {one.metric for one in told.series(window)}


def export(base: str) -> None:
    """Send one span, one line and some points of three metrics."""
    from opentelemetry._logs import LogRecord, SeverityNumber
    from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk._logs import LoggerProvider
    from opentelemetry.sdk._logs.export import SimpleLogRecordProcessor
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor

    resource = Resource.create({"service.name": "cart"})
    tracers = TracerProvider(resource=resource)
    tracers.add_span_processor(SimpleSpanProcessor(OTLPSpanExporter(f"{base}/v1/traces")))
    with tracers.get_tracer("test").start_as_current_span("GET /cart"):
        pass
    tracers.shutdown()

    loggers = LoggerProvider(resource=resource)
    loggers.add_log_record_processor(SimpleLogRecordProcessor(OTLPLogExporter(f"{base}/v1/logs")))
    line = LogRecord(timestamp=time.time_ns(), severity_number=SeverityNumber.ERROR, body="payment failed")
    loggers.get_logger("cart").emit(line)
    loggers.shutdown()

    reader = PeriodicExportingMetricReader(OTLPMetricExporter(f"{base}/v1/metrics"), export_interval_millis=1e6)
    meters = MeterProvider([reader], resource=resource)
    meter = meters.get_meter("test")
    meter.create_gauge("queue.size").set(3)
    orders, latency = meter.create_counter("orders"), meter.create_histogram("latency")
    for _ in range(2):  # a growing sum tells its growth from the second point on
        orders.add(5)
        latency.record(7.0)
        reader.force_flush()
        time.sleep(0.02)
    meters.shutdown()
