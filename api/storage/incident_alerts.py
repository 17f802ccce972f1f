"""Alerts read by their keys, from the incidents that they are in or once were."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from api.incidents.incidents import KeptAlert
from api.storage.incident_rows import kept_of
from api.storage.incident_tables import incident_alert_table

if TYPE_CHECKING:
    from sqlalchemy import Connection

_AT_ONCE = 500  # values in one statement


def latest_alerts(connection: "Connection", keys: Sequence[str]) -> list[KeptAlert]:
    """Return the alerts with these keys, each in the incident that it came to last."""
    from sqlalchemy import and_, func, select

    table = incident_alert_table()
    found: dict[str, KeptAlert] = {}
    for part in in_parts(keys):
        last = select(table.c.key, func.max(table.c.last_seen).label("seen")).where(table.c.key.in_(part))
        newest = last.group_by(table.c.key).subquery()
        joined = table.join(newest, and_(table.c.key == newest.c.key, table.c.last_seen == newest.c.seen))
        wanted = select(table).select_from(joined).order_by(table.c.first_seen, table.c.incident_id)
        found |= {row.key: kept_of(row) for row in connection.execute(wanted)}
    return list(found.values())


def alerts_in(connection: "Connection", keys: Sequence[str], ids: Sequence[str]) -> list[KeptAlert]:
    """Return the alerts with these keys that are, or once were, in these incidents."""
    table = incident_alert_table()
    return [
        kept_of(row)
        for some in in_parts(ids)
        for part in in_parts(keys)
        for row in connection.execute(
            table.select().where(table.c.incident_id.in_(some), table.c.key.in_(part))
        )
    ]  # fmt: skip


def in_parts(names: Sequence[str]) -> Iterator[Sequence[str]]:
    """Give values in parts that one statement takes."""
    return (names[start : start + _AT_ONCE] for start in range(0, len(names), _AT_ONCE))
