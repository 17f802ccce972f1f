"""From an incident and its telemetry to ranked causes with evidence, or to what would settle it."""
