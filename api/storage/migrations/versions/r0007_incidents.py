"""Make the tables for incidents."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables; alerts and history go with their incident."""
    _make_incidents()
    _make_what_goes_with_them()


def downgrade() -> None:
    """Drop the tables and what is in them."""
    op.drop_table("incident_history")
    op.drop_table("incident_alerts")
    op.drop_table("incidents")


def _make_incidents() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "incidents",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("state", sa.String(16), nullable=False, index=True),
        sa.Column("severity", sa.String(16), nullable=False),
        sa.Column("service", sa.Text),
        sa.Column("environment", sa.String(100), nullable=False),
        sa.Column("opened_at", moment, nullable=False, index=True),
        sa.Column("first_started", moment, nullable=False),
        sa.Column("last_started", moment, nullable=False, index=True),
        sa.Column("services", sa.Text, nullable=False),
        sa.Column("names", sa.Text, nullable=False),
        sa.Column("unplaced", sa.Text, nullable=False),
        sa.Column("firing", sa.String(100), nullable=False),
        sa.Column("alerts", sa.Integer, nullable=False),
        sa.Column("messages", sa.Integer, nullable=False),
        sa.Column("flaps", sa.Integer, nullable=False),
        sa.Column("reopened", sa.Integer, nullable=False),
        sa.Column("quiet_since", moment, index=True),
        sa.Column("resolved_at", moment, index=True),
        sa.Column("resolved_by", sa.String(200), nullable=False),
        sa.Column("acknowledged_at", moment),
        sa.Column("acknowledged_by", sa.String(200), nullable=False),
        sa.Column("inquest", sa.String(16), nullable=False, index=True),
        sa.Column("inquest_at", moment),
        sa.Column("inquest_attempts", sa.Integer, nullable=False),
        sa.Column("inquest_problem", sa.Text, nullable=False),
        sa.Column("investigation_id", sa.String(64), index=True),
        sa.Column("history", sa.Integer, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False, unique=True),
    )


def _make_what_goes_with_them() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "incident_alerts",
        sa.Column("incident_id", sa.String(64), sa.ForeignKey("incidents.id"), primary_key=True),
        sa.Column("key", sa.String(64), primary_key=True, index=True),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("severity_rank", sa.Integer, nullable=False),
        sa.Column("service", sa.Text),
        sa.Column("started_at", moment, nullable=False),
        sa.Column("first_seen", moment, nullable=False),
        sa.Column("last_seen", moment, nullable=False),
        sa.Column("messages", sa.Integer, nullable=False),
        sa.Column("flaps", sa.Integer, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
    )
    op.create_table(
        "incident_history",
        sa.Column("incident_id", sa.String(64), sa.ForeignKey("incidents.id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("at", moment, nullable=False),
        sa.Column("moment", sa.String(16), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("who", sa.String(200), nullable=False),
    )
