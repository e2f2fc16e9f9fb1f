"""Let SQLite choose the indexes of the CRM mirror by statistics."""

from alembic import op

from store.mirror_statistics import delete_statistics, write_statistics

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Write the statistics."""
    if op.get_bind().dialect.name == "sqlite":
        write_statistics(op.get_bind())


def downgrade() -> None:
    """Delete them."""
    if op.get_bind().dialect.name == "sqlite":
        delete_statistics(op.get_bind())
