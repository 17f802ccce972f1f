"""Stretches of time on one clock: microseconds since the epoch, UTC."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from api.errors import InvalidWindow

SECOND = 1_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """From `start` up to, not including, `end`, both in microseconds since the epoch.

    Raises InvalidWindow where it ends before it starts, or is empty.
    """

    start: int
    end: int

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise InvalidWindow(
                f"window from {instant_text(self.start)!r} to {instant_text(self.end)!r} holds no time; "
                "give an end after the start"
            )

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return (self.end - self.start) / SECOND

    def __contains__(self, instant: int) -> bool:
        return self.start <= instant < self.end

    def overlap(self, other: "Window") -> "Window | None":
        """Return what both share, or None."""
        start, end = max(self.start, other.start), min(self.end, other.end)
        return Window(start, end) if start < end else None

    def before(self, seconds: float) -> "Window":
        """Return the stretch of `seconds` that ends where this one starts."""
        return Window(self.start - round(seconds * SECOND), self.start)

    def __str__(self) -> str:
        return f"{instant_text(self.start)} to {instant_text(self.end)}"


def instant_of(moment: datetime) -> int:
    """Return `moment` in microseconds since the epoch; a time without a zone counts as UTC."""
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return (aware - _EPOCH) // timedelta(microseconds=1)


def moment_of(instant: int) -> datetime:
    """Return microseconds since the epoch as a time in UTC.

    Raises InvalidWindow beyond the years that a date can hold.
    """
    try:
        return _EPOCH + timedelta(microseconds=instant)
    except OverflowError as error:
        raise InvalidWindow(f"{instant!r} is no time in microseconds since the epoch; is it in nanoseconds?") from error


def instant_text(instant: int) -> str:
    """Write an instant as RFC 3339 does, in UTC, with as many decimals as it needs."""
    try:
        moment = moment_of(instant)
    except InvalidWindow:
        return f"{instant} µs"
    return moment.isoformat(timespec="seconds" if instant % SECOND == 0 else "microseconds").replace("+00:00", "Z")
