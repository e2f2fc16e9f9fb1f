"""Keep the currency of the report, the age of its files, and which of its leads the CRM no longer has."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

TABLES = ("report_refreshes", "figure_snapshots")


def upgrade() -> None:
    """Add the columns; what is stored counts as in the currency of the settings."""
    for table in TABLES:
        op.add_column(table, sa.Column("currency", sa.String(3), nullable=False, server_default=""))
    op.add_column("report_refreshes", sa.Column("files_at", sa.String(32)))
    op.add_column("lead_facts", sa.Column("gone_at", sa.String(32)))


def downgrade() -> None:
    """Drop them."""
    op.drop_column("lead_facts", "gone_at")
    op.drop_column("report_refreshes", "files_at")
    for table in TABLES:
        op.drop_column(table, "currency")
