"""Create the log of velocity events and the sightings of mail domains."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "velocity_events",
        sa.Column("seq", INTEGER, primary_key=True, autoincrement=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("person", sa.BigInteger, nullable=False),
        sa.Column("keys", sa.LargeBinary, nullable=False),
        sa.Column("domain", sa.BigInteger, nullable=False),
        sa.Column("nonce", sa.BigInteger),
        sa.Column("writer", sa.BigInteger, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("velocity_events_once", "velocity_events", ["at", "person", "keys"], unique=True)
    op.create_table(
        "velocity_domains",
        sa.Column("domain", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("day", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("first_at", sa.BigInteger, nullable=False),
    )
    op.create_index("velocity_domains_by_day", "velocity_domains", ["day"])


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("velocity_domains")
    op.drop_table("velocity_events")
