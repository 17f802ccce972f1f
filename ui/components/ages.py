"""Points in time in words: how long ago, and exactly when."""

from datetime import UTC, datetime

from markupsafe import Markup

_STEPS = (("year", 365), ("month", 30), ("week", 7), ("day", 1))


def age(moment: datetime, now: datetime | None = None) -> str:
    """Return how long ago `moment` was in its largest whole unit, from minutes to years."""
    seconds = ((now or datetime.now(UTC)) - moment).total_seconds()
    if seconds < 0:
        return "in the future"
    days = int(seconds // 86_400)
    for unit, length in _STEPS:
        if days >= length:
            return _ago(days // length, unit)
    if seconds >= 3_600:
        return _ago(int(seconds // 3_600), "hour")
    return _ago(int(seconds // 60), "minute") if seconds >= 60 else "just now"


def age_markup(moment: datetime | None, *, exact: bool = False) -> Markup:
    """Return age and date of `moment` in UTC; with the time of day where `exact`."""
    if moment is None:
        return Markup('<span class="gw-muted">no date</span>')
    utc = moment.astimezone(UTC)
    shown = utc.strftime("%Y-%m-%d %H:%M UTC" if exact else "%Y-%m-%d")
    return Markup('<time datetime="{}">{}, {}</time>').format(utc.isoformat(), age(moment), shown)


def _ago(count: int, unit: str) -> str:
    return f"{count} {unit}{'' if count == 1 else 's'} ago"
