"""Keep what people do about investigations, what came of it, and which investigation goes on from which."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns and make the table of acts."""
    op.add_column("investigations", sa.Column("steered", sa.Text))
    op.add_column("investigations", sa.Column("window", sa.Text))
    op.add_column("investigations", sa.Column("follows", sa.String(64)))
    op.create_index("ix_investigations_follows", "investigations", ["follows"])
    op.create_table(
        "investigation_acts",
        sa.Column("investigation_id", sa.String(64), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", sa.String(200), nullable=False),
        sa.Column("act", sa.Text, nullable=False),
        sa.Column("came", sa.Text, nullable=False),
        sa.Column("request_key", sa.String(200)),
        sa.UniqueConstraint("investigation_id", "request_key", name="uq_investigation_acts_request"),
    )


def downgrade() -> None:
    """Drop the table, the columns and what is in them."""
    op.drop_table("investigation_acts")
    op.drop_index("ix_investigations_follows", "investigations")
    op.drop_column("investigations", "follows")
    op.drop_column("investigations", "window")
    op.drop_column("investigations", "steered")
