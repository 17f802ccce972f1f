"""Keep what an agent did beside an investigation."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; it stays empty where no agent took part."""
    op.add_column("investigations", sa.Column("agent", sa.Text))


def downgrade() -> None:
    """Drop the column and what is in it."""
    op.drop_column("investigations", "agent")
