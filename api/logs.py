"""How log lines look: one line each, in UTC, with key=value pairs."""

import logging
import time


class UtcFormatter(logging.Formatter):
    """Format times in UTC."""

    def converter(self, seconds: float | None = None) -> time.struct_time:
        """Return the moment in UTC."""
        return time.gmtime(seconds)
