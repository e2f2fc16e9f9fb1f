"""API keys with an expiry, the time of their last use, and the key that replaces them."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

COLUMNS = (("expires_at", 32), ("last_used_at", 32), ("replaced_by", 16))


def upgrade() -> None:
    """Add the columns; keys made before do not expire."""
    for name, length in COLUMNS:
        op.add_column("api_keys", sa.Column(name, sa.String(length)))


def downgrade() -> None:
    """Drop the columns."""
    for name, _ in COLUMNS:
        op.drop_column("api_keys", name)
