"""Columns for the consent that allowed an event, the repairs of its fields, and the origin of a consent."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ADDED = (
    ("export_events", "consent", sa.Text()),
    ("export_events", "repairs", sa.Text()),
    ("consents", "origin", sa.String(16)),
)


def upgrade() -> None:
    """Add the columns."""
    for table, name, kind in ADDED:
        op.add_column(table, sa.Column(name, kind))


def downgrade() -> None:
    """Drop the columns."""
    for table, name, _ in ADDED:
        with op.batch_alter_table(table) as altered:
            altered.drop_column(name)
