"""Acts in the database: what people did about investigations, with what came of it, and the result as it stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from api.errors import NotFound, UsageError
from api.schemas.investigation_acts import ActRequest, ActView, Came
from api.schemas.investigations import InvestigationResult, ObservationDetail
from api.steering.acts import ActKind
from api.storage.database import Database
from api.storage.investigation_observations import keep_observations
from api.storage.investigation_tables import act_table, investigation_table
from api.storage.investigations import plain, utc
from ingest.errors import StorageFailed

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

MOST_ACTS = 2_000
"""Acts that one investigation takes."""


class ActsMoved(Exception):
    """Somebody else acted in the meantime; what came of this act is to be worked out anew."""


@dataclass(frozen=True, slots=True)
class NewAct:
    """An act to be kept: what was asked, when, with what came of it, and what it made.

    `after` is the number of the act before it, as far as the one who worked it out knows. `result` is the result as it
    stands after it; None where there is none yet.
    """

    asked: ActRequest
    at: datetime
    came: Came
    after: int
    observations: Sequence[ObservationDetail] = ()
    result: InvestigationResult | None = None
    request_key: str | None = None


class ActTable:
    """Keep acts; its methods raise StorageFailed where the database cannot be used."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def acts(self, investigation_id: str, *, after: int = 0) -> list[ActView]:
        """Return the acts above a number, in order; none for an unknown investigation."""
        table = act_table()
        wanted = table.select().where(table.c.investigation_id == investigation_id).order_by(table.c.number)
        with self._database.transaction() as connection:
            rows = connection.execute(wanted).all()
        withdrawn = {view.act.act for view in map(_view, rows) if view.act.kind is ActKind.WITHDRAW}
        views = [_view(row) for row in rows if row.number > after]
        return [one.model_copy(update={"withdrawn": one.number in withdrawn}) for one in views]

    def last(self, investigation_id: str) -> int:
        """Return the number of the last act; 0 where there is none."""
        with self._database.transaction() as connection:
            return _last(connection, investigation_id)

    def known(self, investigation_id: str, request_key: str, asked: ActRequest) -> ActView | None:
        """Return the act that the same request key asked for; raises UsageError where it asked for another one."""
        table = act_table()
        wanted = table.select().where(table.c.investigation_id == investigation_id, table.c.request_key == request_key)
        with self._database.transaction() as connection:
            row = connection.execute(wanted).one_or_none()
        if row is None:
            return None
        view = _view(row)
        if view.act != asked:
            raise UsageError(f"the Idempotency-Key {request_key!r} was used for act {view.number}; send a new key")
        return view

    def add(self, investigation_id: str, new: NewAct) -> ActView:
        """Keep an act with all that it made, or nothing of it.

        Raises ActsMoved where another one came first, NotFound, and UsageError where there are too many.
        """
        with self._database.transaction() as connection:
            last = self._locked(connection, investigation_id)
            if last != new.after:
                raise ActsMoved
            if last >= MOST_ACTS:
                raise UsageError(f"investigation {investigation_id!r} has {last:,} acts, which is the most")
            values = {
                "investigation_id": investigation_id,
                "number": last + 1,
                "at": new.at,
                "who": plain(new.asked.who),
                "act": new.asked.model_dump_json(exclude_defaults=True),
                "came": new.came.model_dump_json(exclude_defaults=True),
                "request_key": new.request_key,
            }
            connection.execute(act_table().insert().values(values))
            keep_observations(connection, investigation_id, new.observations)
            _keep_result(connection, investigation_id, new.result)
        return ActView(number=last + 1, at=new.at, act=new.asked, came=new.came)

    def settle(
        self, investigation_id: str, after: int, observations: Sequence[ObservationDetail], result: InvestigationResult
    ) -> None:
        """Keep the result as it stands after acts that came before there was one; raises ActsMoved, NotFound."""
        with self._database.transaction() as connection:
            if self._locked(connection, investigation_id) != after:
                raise ActsMoved
            keep_observations(connection, investigation_id, observations)
            _keep_result(connection, investigation_id, result)

    def _locked(self, connection: "Connection", investigation_id: str) -> int:
        """Lock an investigation for this transaction and return the number of its last act; raises NotFound."""
        from sqlalchemy import select

        table = investigation_table()
        row = connection.execute(select(table.c.id).where(table.c.id == investigation_id).with_for_update()).first()
        if row is None:
            raise NotFound(f"no investigation has the id {investigation_id[:80]!r}; it was deleted meanwhile")
        return _last(connection, investigation_id)


def _last(connection: "Connection", investigation_id: str) -> int:
    from sqlalchemy import func, select

    table = act_table()
    wanted = select(func.max(table.c.number)).where(table.c.investigation_id == investigation_id)
    return connection.execute(wanted).scalar() or 0


def _keep_result(connection: "Connection", investigation_id: str, result: InvestigationResult | None) -> None:
    if result is None:
        return
    table, cause = investigation_table(), result.verdict.cause
    values: dict[str, Any] = {
        "steered": result.model_dump_json(),
        "verdict": result.verdict.state.value,
        "component": plain(cause.component) if cause is not None else None,
    }
    connection.execute(table.update().where(table.c.id == investigation_id).values(values))


def _view(row: "Row[Any]") -> ActView:
    try:
        asked, came = ActRequest.model_validate_json(row.act), Came.model_validate_json(row.came)
    except ValidationError as error:
        raise StorageFailed(
            f"act {row.number} of investigation {row.investigation_id!r} was stored in a form that this version can't "
            f"read ({error.error_count()} fields)"
        ) from error
    return ActView(number=row.number, at=utc(row.at), act=asked, came=came)
