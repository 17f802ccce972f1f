"""Make the tables for conversations."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables; a turn goes with its conversation."""
    op.create_table(
        "conversations",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, index=True),
        sa.Column("turns", sa.Integer, nullable=False),
    )
    op.create_table(
        "turns",
        sa.Column("answer_id", sa.String(64), primary_key=True),
        sa.Column("conversation_id", sa.String(64), sa.ForeignKey("conversations.id"), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("asked_as", sa.Text, nullable=False),
        sa.Column("drawn_from", sa.Text, nullable=False),
        sa.Column("filters", sa.Text, nullable=False),
        sa.Column("generation", sa.Integer, nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.UniqueConstraint("conversation_id", "position"),
    )


def downgrade() -> None:
    """Drop the tables and what is in them."""
    op.drop_table("turns")
    op.drop_table("conversations")
