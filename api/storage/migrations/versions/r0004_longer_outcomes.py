"""Make room for the longest outcome beside feedback."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Widen the column; SQLite keeps no limit on text."""
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("feedback", "outcome", type_=sa.String(32))


def downgrade() -> None:
    """Narrow the column again; the outcomes that do not fit are cut."""
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("feedback", "outcome", type_=sa.String(16), postgresql_using="substr(outcome, 1, 16)")
