"""Velocity events with keyed digests: events with unkeyed ones are deleted, since leads would count twice."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Delete the events; `leadworth train` fills the log again."""
    for table in ("velocity_events", "velocity_domains"):
        op.execute(sa.text(f"DELETE FROM {table}"))


def downgrade() -> None:
    """Delete the events."""
    upgrade()
