"""The audit log, and the signed end of its chain."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables; the chain starts empty."""
    op.create_table(
        "audit_entries",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("origin", sa.Text, nullable=False),
        sa.Column("action", sa.String(32), nullable=False),
        sa.Column("object_kind", sa.String(32), nullable=False),
        sa.Column("object_id", sa.Text),
        sa.Column("result", sa.String(16), nullable=False),
        sa.Column("details", sa.Text, nullable=False),
        sa.Column("signed_by", sa.String(16), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
    )
    op.create_index("audit_entries_by_time", "audit_entries", ["at"])
    op.create_index("audit_entries_of_object", "audit_entries", ["object_id"])
    end = op.create_table(
        "audit_end",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("signed_by", sa.String(16), nullable=False),
        sa.Column("seal", sa.String(64), nullable=False),
    )
    op.bulk_insert(end, [{"id": 1, "number": 0, "digest": "", "signed_by": "", "seal": ""}])


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("audit_end")
    op.drop_table("audit_entries")
