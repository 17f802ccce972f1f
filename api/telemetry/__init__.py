"""Where telemetry comes from: recorded bundles, and the formats of recordings by others."""
