"""Index the rollups by campaign, and the wins without an amount."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

UNPRICED = sa.text("won_at IS NOT NULL AND revenue_micros IS NULL")


def upgrade() -> None:
    """Create the indexes."""
    op.create_index("campaign_days_of_campaign", "campaign_days", ["campaign_key", "day"])
    op.create_index("campaign_months_of_campaign", "campaign_months", ["campaign_key", "month"])
    op.create_index("lead_facts_unpriced", "lead_facts", ["day"], sqlite_where=UNPRICED, postgresql_where=UNPRICED)


def downgrade() -> None:
    """Drop them."""
    op.drop_index("lead_facts_unpriced", "lead_facts")
    op.drop_index("campaign_months_of_campaign", "campaign_months")
    op.drop_index("campaign_days_of_campaign", "campaign_days")
