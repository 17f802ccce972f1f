"""When each source is due, for a process that keeps the time itself."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ingest.errors import UsageError

_LONGEST_PAUSE = timedelta(seconds=30)
"""The clock is looked at again this often: it may be set, and a laptop sleeps."""

_MOVED_BACK = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a source is synced: every so often, or at the times of a cron line, which are in UTC."""

    every: timedelta | None = None
    cron: str | None = None

    def __str__(self) -> str:
        return f"every {self.every}" if self.every is not None else f"cron {self.cron} (UTC)"

    def next_after(self, moment: datetime) -> datetime:
        """Return the first time after `moment`, timezone-aware; raises UsageError where the cron line has none."""
        if self.every is not None:
            return moment + self.every
        from prefect.server.schemas.schedules import CronSchedule  # the very times that a Prefect server computes

        try:
            schedule = CronSchedule(cron=self.cron or "", timezone="UTC")
            found = asyncio.run(schedule.get_dates(1, start=moment + timedelta(seconds=1)))
        except ValueError as error:
            raise UsageError(f"{self.cron!r} is no cron line; write five fields, such as '0 6 * * *'") from error
        if not found:
            raise UsageError(f"the cron line {self.cron!r} names no day that comes; correct its day and month")
        return datetime.fromtimestamp(found[0].timestamp(), tz=UTC)


class Timetable:
    """The next run of each of several schedules, by name; times are timezone-aware."""

    def __init__(self, schedules: Mapping[str, Schedule], now: datetime) -> None:
        self._schedules = dict(schedules)
        self._looked = now
        self._due = {name: one.next_after(now) for name, one in self._schedules.items()}

    def due(self, now: datetime) -> list[str]:
        """Return the names that are due, the longest waiting first.

        A clock that was set back would make them all late by as much: everything is then counted anew.
        """
        if now < self._looked - _MOVED_BACK:
            self._due = {name: one.next_after(now) for name, one in self._schedules.items()}
        self._looked = now
        return sorted((name for name, at in self._due.items() if at <= now), key=self._due.__getitem__)

    def ran(self, name: str, now: datetime) -> None:
        """Note that a run ended: times that passed meanwhile are not made up for."""
        self._due[name] = self._schedules[name].next_after(now)

    @property
    def next_runs(self) -> Mapping[str, datetime]:
        """The time of the next run of each schedule, by name."""
        return dict(self._due)

    def pause(self, now: datetime) -> float:
        """Return how many seconds to sleep before looking again."""
        soonest = min(self._due.values(), default=now + _LONGEST_PAUSE)
        return max(0.0, min(_LONGEST_PAUSE, soonest - now).total_seconds())
