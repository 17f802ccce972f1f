"""Telemetry of systems that run: what is asked of them, and what came, kept as a bundle."""
