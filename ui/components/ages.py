"""Points in time and lengths of time in words."""

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


def until(moment: datetime, now: datetime | None = None) -> str:
    """Return how long it is until `moment` in its largest whole unit; "due now" once it has come."""
    seconds = (moment - (now or datetime.now(UTC))).total_seconds()
    if seconds < 60:
        return "due now" if seconds <= 0 else "in less than a minute"
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        count = int(seconds // length)
        if count:
            return f"in {count} {unit}{'' if count == 1 else 's'}"
    return "due now"


def until_markup(moment: datetime) -> Markup:
    """Return how long it is until `moment`, and its date and time in UTC."""
    utc = moment.astimezone(UTC)
    return Markup('<time datetime="{}">{}, {}</time>').format(
        utc.isoformat(), until(moment), utc.strftime("%Y-%m-%d %H:%M UTC")
    )


def duration(seconds: float) -> str:
    """Return a length of time: tenths of a second below a minute, whole seconds above, minutes above an hour."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def age_markup(moment: datetime | None, *, exact: bool = False) -> Markup:
    """Return age and date of `moment` in UTC; with the time of day where `exact`."""
    if moment is None:
        return Markup('<span class="gw-muted">no date</span>')
    utc = moment.astimezone(UTC)
    shown = utc.strftime("%Y-%m-%d %H:%M UTC" if exact else "%Y-%m-%d")
    return Markup('<time datetime="{}">{}, {}</time>').format(utc.isoformat(), age(moment), shown)


def _ago(count: int, unit: str) -> str:
    return f"{count} {unit}{'' if count == 1 else 's'} ago"
