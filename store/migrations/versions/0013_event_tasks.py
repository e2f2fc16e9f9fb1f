"""Add what an event of a CRM asks for."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

TABLE = "crm_events"
INDEX = "crm_events_waiting"


def upgrade() -> None:
    """Add the column; events that wait ask for reading."""
    op.drop_index(INDEX, TABLE)
    with op.batch_alter_table(TABLE) as batch:
        batch.add_column(sa.Column("task", sa.String(8), nullable=False, server_default="read"))
    with op.batch_alter_table(TABLE) as batch:
        batch.alter_column("task", server_default=None)
    op.create_index(INDEX, TABLE, ["crm", "worked_at", "task", "object", "received_at"])


def downgrade() -> None:
    """Drop the column, and the requests to score, which have no meaning without it."""
    op.execute("DELETE FROM crm_events WHERE task = 'score'")
    op.drop_index(INDEX, TABLE)
    with op.batch_alter_table(TABLE) as batch:
        batch.drop_column("task")
    op.create_index(INDEX, TABLE, ["crm", "worked_at", "received_at"])
