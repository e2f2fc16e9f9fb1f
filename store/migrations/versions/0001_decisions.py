"""Create the tables of decisions, idempotency records and API keys."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

MOMENT = sa.String(32)


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "decisions",
        sa.Column("decision_id", sa.String(32), primary_key=True),
        sa.Column("lead_id", sa.Text, nullable=False),
        sa.Column("scored_at", MOMENT, nullable=False),
        sa.Column("model_version", sa.String(64), nullable=False),
        sa.Column("bundle_id", sa.String(64), nullable=False),
        sa.Column("features_hash", sa.String(64), nullable=False),
        sa.Column("win_probability", sa.Double, nullable=False),
        sa.Column("expected_revenue", sa.Double, nullable=False),
        sa.Column("predicted_value", sa.Double, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("junk_probability", sa.Double, nullable=False),
        sa.Column("automation_probability", sa.Double, nullable=False),
        sa.Column("verdict", sa.String(16), nullable=False),
        sa.Column("mql", sa.Boolean, nullable=False),
        sa.Column("mql_reason", sa.Text, nullable=False),
        sa.Column("reasons", sa.Text, nullable=False),
        sa.Column("request_id", sa.String(128), nullable=False),
        sa.Column("idempotency_key", sa.String(64), nullable=True),
    )
    op.create_index("decisions_of_lead", "decisions", ["lead_id", "decision_id"])
    op.create_table(
        "answers",
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("body_hash", sa.String(64), nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("answered_at", MOMENT, nullable=False),
    )
    op.create_index("answers_by_time", "answers", ["answered_at"])
    op.create_table(
        "api_keys",
        sa.Column("key_id", sa.String(16), primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("scopes", sa.Text, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("revoked_at", MOMENT, nullable=True),
    )


def downgrade() -> None:
    """Drop the tables with their rows."""
    for table in ("api_keys", "answers", "decisions"):
        op.drop_table(table)
