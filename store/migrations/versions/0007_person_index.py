"""Create the index of persons: keyed digests by which the leads of a person are found."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "person_index",
        sa.Column("entry_id", sa.String(32), primary_key=True),
        sa.Column("lead_id", sa.Text, nullable=False),
        sa.Column("email", sa.String(64)),
        sa.Column("phone", sa.String(64)),
        sa.Column("velocity_person", sa.BigInteger, nullable=False),
        sa.Column("velocity_at", sa.BigInteger, nullable=False),
    )
    op.create_index("person_index_of_lead", "person_index", ["lead_id"])
    op.create_index("person_index_of_email", "person_index", ["email"])
    op.create_index("person_index_of_phone", "person_index", ["phone"])
    op.create_index("person_index_by_time", "person_index", ["velocity_at"])


def downgrade() -> None:
    """Drop the table with its rows."""
    op.drop_table("person_index")
