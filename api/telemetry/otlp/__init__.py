"""Telemetry that is sent to us by OTLP: taken in, kept for some hours, and read as a source like any other."""
