"""Make the table for counts of retrievals."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "retrievals",
        sa.Column("document_id", sa.String(64), primary_key=True),
        sa.Column("retrieved", sa.Integer, nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    """Drop the table and what is in it."""
    op.drop_table("retrievals")
