"""Keep what other systems are told, and how far each of them has been told."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "notifications",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("id", sa.String(64), nullable=False, unique=True),
        sa.Column("event_key", sa.String(200), nullable=False),
        sa.Column("destination", sa.String(64), nullable=False),
        sa.Column("subject", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("holder", sa.String(64), nullable=False),
        sa.Column("held_until", sa.DateTime(timezone=True)),
        sa.Column("told", sa.Text, nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True)),
        sa.Column("thread", sa.String(200), nullable=False),
        sa.UniqueConstraint("event_key", "destination", name="uq_notifications_event"),
    )
    op.create_index("ix_notifications_due", "notifications", ["state", "destination", "number"])
    op.create_index("ix_investigations_ended", "investigations", ["ended_at"])
    op.create_index("ix_investigation_acts_at", "investigation_acts", ["at"])
    op.create_table(
        "notification_cursors",
        sa.Column("destination", sa.String(64), primary_key=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    """Drop the tables with what is in them."""
    op.drop_table("notification_cursors")
    op.drop_index("ix_investigation_acts_at", "investigation_acts")
    op.drop_index("ix_investigations_ended", "investigations")
    op.drop_index("ix_notifications_due", "notifications")
    op.drop_table("notifications")
