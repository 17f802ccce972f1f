"""The tables of investigations, their steps and their observations, as the newest migration leaves them."""

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Table


LARGE = frozenset({"result", "agent", "steered"})
"""Columns of an investigation that may be large: who only lists does not read them."""


@cache
def investigation_table() -> "Table":
    """Return the table of investigations; `holder` is the process that works on one.

    `result`, `agent`, `steered` (the result after what people did) and `window` (other than the bundle's) are JSON,
    `follows` is the id of the one that it goes on from.
    """
    from sqlalchemy import Column, DateTime, Integer, MetaData, String, Table, Text

    return Table(
        "investigations",
        MetaData(),
        Column("id", String(64), primary_key=True),
        Column("title", Text, nullable=False),
        Column("bundle", Text, nullable=False),
        Column("state", String(16), nullable=False),
        Column("created_at", DateTime(timezone=True), nullable=False),
        Column("ended_at", DateTime(timezone=True)),
        Column("request_key", String(200), unique=True),
        Column("request_digest", String(64), nullable=False),
        Column("holder", String(300), nullable=False),
        Column("held_until", DateTime(timezone=True)),
        Column("attempts", Integer, nullable=False),
        Column("steps", Integer, nullable=False),
        Column("verdict", String(32)),
        Column("component", Text),
        Column("error", Text, nullable=False),
        Column("result", Text),
        Column("agent", Text),
        Column("steered", Text),
        Column("window", Text),
        Column("follows", String(64)),
    )


@cache
def step_table() -> "Table":
    """Return the table of steps."""
    from sqlalchemy import Column, Integer, MetaData, String, Table, Text

    return Table(
        "investigation_steps",
        MetaData(),
        Column("investigation_id", String(64), primary_key=True),
        Column("number", Integer, primary_key=True),
        Column("stage", String(32), nullable=False),
        Column("specialist", Text, nullable=False),
        Column("text", Text, nullable=False),
        Column("ref", Text, nullable=False),
    )


@cache
def observation_table() -> "Table":
    """Return the table of observations; `detail` is JSON with the rows."""
    from sqlalchemy import Column, Integer, MetaData, String, Table, Text

    return Table(
        "investigation_observations",
        MetaData(),
        Column("investigation_id", String(64), primary_key=True),
        Column("id", String(64), primary_key=True),
        Column("position", Integer, nullable=False),
        Column("detail", Text, nullable=False),
    )


@cache
def act_table() -> "Table":
    """Return the table of acts; `act` and `came` are JSON."""
    from sqlalchemy import Column, DateTime, Integer, MetaData, String, Table, Text

    return Table(
        "investigation_acts",
        MetaData(),
        Column("investigation_id", String(64), primary_key=True),
        Column("number", Integer, primary_key=True),
        Column("at", DateTime(timezone=True), nullable=False),
        Column("who", String(200), nullable=False),
        Column("act", Text, nullable=False),
        Column("came", Text, nullable=False),
        Column("request_key", String(200)),
    )
