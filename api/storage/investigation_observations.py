"""Observations of an investigation as they are added to those that are there."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from api.schemas.investigations import ObservationDetail
from api.storage.investigation_tables import observation_table

if TYPE_CHECKING:
    from sqlalchemy import Connection

_ROWS_AT_ONCE = 200


def keep_observations(
    connection: "Connection", investigation_id: str, observations: Sequence[ObservationDetail]
) -> None:
    """Add observations after those that are there; one that is there stays as it is."""
    from sqlalchemy import func, select

    table = observation_table()
    of_it = table.c.investigation_id == investigation_id
    there = set(connection.execute(select(table.c.id).where(of_it)).scalars())
    last = connection.execute(select(func.max(table.c.position)).where(of_it)).scalar()
    new = [one for one in observations if one.id not in there]
    rows = [
        {"investigation_id": investigation_id, "id": one.id, "position": position, "detail": one.model_dump_json()}
        for position, one in enumerate(new, start=0 if last is None else last + 1)
    ]
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        connection.execute(table.insert(), rows[start : start + _ROWS_AT_ONCE])
