"""Make the tables for investigations."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables; steps and observations go with their investigation."""
    op.create_table(
        "investigations",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("bundle", sa.Text, nullable=False),
        sa.Column("state", sa.String(16), nullable=False, index=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, index=True),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("request_key", sa.String(200), unique=True),
        sa.Column("request_digest", sa.String(64), nullable=False),
        sa.Column("holder", sa.String(300), nullable=False),
        sa.Column("held_until", sa.DateTime(timezone=True)),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("steps", sa.Integer, nullable=False),
        sa.Column("verdict", sa.String(32)),
        sa.Column("component", sa.Text),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("result", sa.Text),
    )
    op.create_table(
        "investigation_steps",
        sa.Column("investigation_id", sa.String(64), sa.ForeignKey("investigations.id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("stage", sa.String(32), nullable=False),
        sa.Column("specialist", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("ref", sa.Text, nullable=False),
    )
    op.create_table(
        "investigation_observations",
        sa.Column("investigation_id", sa.String(64), sa.ForeignKey("investigations.id"), primary_key=True),
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
    )


def downgrade() -> None:
    """Drop the tables and what is in them."""
    op.drop_table("investigation_observations")
    op.drop_table("investigation_steps")
    op.drop_table("investigations")
