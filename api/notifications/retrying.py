"""When a message is tried again, and when no more."""

import random
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Patience:
    """Up to `attempts` tries within `within`; the pauses double from `first` to `longest`, and vary by half.

    The jitter keeps many messages that failed together from coming back together.
    """

    attempts: int = 12
    within: timedelta = timedelta(hours=24)
    first: float = 2.0
    longest: float = 3600.0

    def pause(self, attempts: int, told: float | None, chance: random.Random) -> float:
        """Return the seconds until the next try after so many, at least those that the other side told."""
        doubled = min(self.longest, self.first * 2.0 ** min(attempts - 1, 30))
        wait = doubled * (0.5 + chance.random() / 2)
        return max(wait, told or 0.0)

    def is_over(self, attempts: int, age: timedelta, pause: float) -> bool:
        """Tell whether there is no next try after so many, at an age, with this pause before it."""
        return attempts >= self.attempts or age + timedelta(seconds=pause) > self.within
