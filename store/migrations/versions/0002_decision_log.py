"""Store the inputs of each decision, so that it can be replayed; create the table of feedback."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

MOMENT = sa.String(32)
MORE: tuple[tuple[str, Any], ...] = (
    ("channel", sa.Text()),
    ("campaign", sa.Text()),
    ("form_id", sa.Text()),
    ("vector", sa.LargeBinary()),
    ("age_days", sa.Double()),
    ("answers", sa.Text()),
    ("junk_log_odds", sa.Double()),
    ("threshold", sa.Double()),
    ("alpha", sa.Double()),
    ("calibration_n", sa.Integer()),
    ("would_be", sa.String(16)),
    ("propensity", sa.Double()),
    ("policy_version", sa.Text()),
    ("lists_hash", sa.String(16)),
)


def upgrade() -> None:
    """Add the columns; existing rows get nulls."""
    for name, kind in MORE:
        op.add_column("decisions", sa.Column(name, kind, nullable=True))
    op.create_index("decisions_by_time", "decisions", ["scored_at"])
    op.create_table(
        "feedback",
        sa.Column("feedback_id", sa.String(32), primary_key=True),
        sa.Column("lead_id", sa.Text, nullable=False),
        sa.Column("decision_id", sa.String(32), nullable=False),
        sa.Column("label", sa.String(16), nullable=False),
        sa.Column("verdict_before", sa.String(16), nullable=False),
        sa.Column("verdict_after", sa.String(16), nullable=False),
        sa.Column("given_by", sa.Text, nullable=False),
        sa.Column("why", sa.Text, nullable=True),
        sa.Column("given_at", MOMENT, nullable=False),
    )
    op.create_index("feedback_of_lead", "feedback", ["lead_id", "feedback_id"])


def downgrade() -> None:
    """Drop the columns and the table."""
    op.drop_table("feedback")
    op.drop_index("decisions_by_time", "decisions")
    for name, _ in MORE:
        op.drop_column("decisions", name)
