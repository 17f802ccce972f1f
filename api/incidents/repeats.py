"""What a message about an alert is, against what is known of it: later word, one that comes late, or a new run."""

from dataclasses import replace
from datetime import timedelta

from api.incidents.alerts import Alert, AlertStatus
from api.incidents.incidents import KeptAlert


def newer(known: Alert, said: Alert) -> Alert:
    """Return what a later message says; a service that it leaves out stays, and so does the earliest start."""
    return replace(said, service=said.service or known.service, started_at=min(known.started_at, said.started_at))


def is_late(known: KeptAlert, said: Alert) -> bool:
    """Tell whether a message was overtaken by one that is known: webhooks may come late, twice and in any order.

    It was where the sender says that it said it before its last word, or where it ends a run that was over before the
    one that goes on began.
    """
    last = known.alert.told_at
    if said.told_at is not None and last is not None and said.told_at < last:
        return True
    ended = said.ended_at if said.status is AlertStatus.RESOLVED and known.fires else None
    return ended is not None and max(ended, said.started_at) < known.alert.started_at


def begins_anew(known: KeptAlert, said: Alert, silence: timedelta) -> bool:
    """Tell whether an alert that is thought to fire began again after nothing was heard of it for `silence`.

    Its end was then never told: some senders tell none, and a message can be lost.
    """
    return said.started_at - known.last_seen > silence
