"""The tables of incidents, their alerts and their history, as the newest migration leaves them."""

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Table

INCIDENTS_LOCK = 7236253
"""Number of PostgreSQL's advisory lock under which incidents change, so that revisions appear in their order."""


@cache
def incident_table() -> "Table":
    """Return the table of incidents; `services`, `names` and `unplaced` are JSON, `firing` counts with commas."""
    from sqlalchemy import BigInteger, Column, DateTime, Integer, MetaData, String, Table, Text

    return Table(
        "incidents",
        MetaData(),
        Column("id", String(64), primary_key=True),
        Column("title", Text, nullable=False),
        Column("state", String(16), nullable=False),
        Column("severity", String(16), nullable=False),
        Column("service", Text),
        Column("environment", String(100), nullable=False),
        Column("opened_at", DateTime(timezone=True), nullable=False),
        Column("first_started", DateTime(timezone=True), nullable=False),
        Column("last_started", DateTime(timezone=True), nullable=False),
        Column("services", Text, nullable=False),
        Column("names", Text, nullable=False),
        Column("unplaced", Text, nullable=False),
        Column("firing", String(100), nullable=False),
        Column("alerts", Integer, nullable=False),
        Column("messages", Integer, nullable=False),
        Column("flaps", Integer, nullable=False),
        Column("reopened", Integer, nullable=False),
        Column("quiet_since", DateTime(timezone=True)),
        Column("resolved_at", DateTime(timezone=True)),
        Column("resolved_by", String(200), nullable=False),
        Column("acknowledged_at", DateTime(timezone=True)),
        Column("acknowledged_by", String(200), nullable=False),
        Column("inquest", String(16), nullable=False),
        Column("inquest_at", DateTime(timezone=True)),
        Column("inquest_attempts", Integer, nullable=False),
        Column("inquest_problem", Text, nullable=False),
        Column("investigation_id", String(64)),
        Column("history", Integer, nullable=False),
        Column("revision", BigInteger, nullable=False, unique=True),
    )


@cache
def incident_alert_table() -> "Table":
    """Return the table of alerts; `detail` is the alert as JSON, `key` the same for all messages about one trouble."""
    from sqlalchemy import Column, DateTime, Integer, MetaData, String, Table, Text

    return Table(
        "incident_alerts",
        MetaData(),
        Column("incident_id", String(64), primary_key=True),
        Column("key", String(64), primary_key=True),
        Column("status", String(16), nullable=False),
        Column("severity_rank", Integer, nullable=False),
        Column("service", Text),
        Column("started_at", DateTime(timezone=True), nullable=False),
        Column("first_seen", DateTime(timezone=True), nullable=False),
        Column("last_seen", DateTime(timezone=True), nullable=False),
        Column("messages", Integer, nullable=False),
        Column("flaps", Integer, nullable=False),
        Column("detail", Text, nullable=False),
    )


@cache
def incident_history_table() -> "Table":
    """Return the table of what happened to incidents."""
    from sqlalchemy import Column, DateTime, Integer, MetaData, String, Table, Text

    return Table(
        "incident_history",
        MetaData(),
        Column("incident_id", String(64), primary_key=True),
        Column("number", Integer, primary_key=True),
        Column("at", DateTime(timezone=True), nullable=False),
        Column("moment", String(16), nullable=False),
        Column("text", Text, nullable=False),
        Column("who", String(200), nullable=False),
    )
