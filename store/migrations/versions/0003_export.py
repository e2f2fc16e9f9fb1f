"""Create the outbox of conversions, with identifiers, consents, receipts and erasures."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

MOMENT = sa.String(32)
AMOUNT = sa.String(32)


def upgrade() -> None:
    """Create the tables."""
    _create_outbox()
    _create_people()
    _create_platforms()


def _create_outbox() -> None:
    op.create_table(
        "export_events",
        sa.Column("event_id", sa.String(32), primary_key=True),
        sa.Column("destination", sa.String(32), nullable=False),
        sa.Column("stage", sa.String(16), nullable=False),
        sa.Column("transaction_id", sa.String(64), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("lead_id", sa.Text, nullable=False),
        sa.Column("channel", sa.Text),
        sa.Column("campaign", sa.Text),
        sa.Column("model_version", sa.String(64)),
        sa.Column("expected", sa.Boolean, nullable=False),
        sa.Column("value", AMOUNT, nullable=False),
        sa.Column("told", AMOUNT),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("happened_at", MOMENT, nullable=False),
        sa.Column("not_before", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("first_sent_at", MOMENT),
        sa.Column("leased_by", sa.String(32)),
        sa.Column("lease_until", MOMENT),
        sa.Column("quiet_until", MOMENT),
        sa.Column("payload", sa.Text),
        sa.Column("digest", sa.String(64)),
        sa.Column("receipt", sa.String(128)),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
    )
    op.create_index("export_events_once", "export_events", ["destination", "stage", "transaction_id", "version"], unique=True)
    op.create_index("export_events_due", "export_events", ["destination", "state", "not_before"])
    op.create_index("export_events_of_transaction", "export_events", ["destination", "transaction_id"])
    op.create_index("export_events_of_lead", "export_events", ["lead_id"])
    op.create_index("export_events_of_receipt", "export_events", ["receipt"])


def _create_people() -> None:
    op.create_table(
        "export_people",
        sa.Column("lead_id", sa.Text, primary_key=True),
        sa.Column("pseudonym", sa.String(64)),
        sa.Column("sealed", sa.Text, nullable=False),
        sa.Column("region", sa.String(2)),
        sa.Column("submitted_at", MOMENT, nullable=False),
        sa.Column("keep_until", MOMENT, nullable=False),
    )
    op.create_index("export_people_of_pseudonym", "export_people", ["pseudonym"])
    op.create_index("export_people_by_end", "export_people", ["keep_until"])
    op.create_table(
        "consents",
        sa.Column("consent_id", sa.String(32), primary_key=True),
        sa.Column("lead_id", sa.Text, nullable=False),
        sa.Column("purpose", sa.String(32), nullable=False),
        sa.Column("granted", sa.Boolean, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("given_at", MOMENT, nullable=False),
    )
    op.create_index("consents_of_lead", "consents", ["lead_id", "purpose", "consent_id"])


def _create_platforms() -> None:
    op.create_table(
        "export_receipts",
        sa.Column("receipt", sa.String(128), primary_key=True),
        sa.Column("destination", sa.String(32), nullable=False),
        sa.Column("sent_at", MOMENT, nullable=False),
        sa.Column("events", sa.Integer, nullable=False),
        sa.Column("ask_at", MOMENT),
        sa.Column("asked", sa.Integer, nullable=False),
        sa.Column("processed", sa.Integer),
        sa.Column("failed", sa.Integer),
        sa.Column("reasons", sa.Text, nullable=False),
    )
    op.create_index("export_receipts_to_ask", "export_receipts", ["destination", "ask_at"])
    op.create_table(
        "export_gates",
        sa.Column("destination", sa.String(32), primary_key=True),
        sa.Column("next_at", sa.Double, nullable=False),
        sa.Column("closed_until", MOMENT),
        sa.Column("closings", sa.Integer, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
    )
    op.create_table(
        "export_approvals",
        sa.Column("model_version", sa.String(64), primary_key=True),
        sa.Column("approved_by", sa.Text, nullable=False),
        sa.Column("approved_at", MOMENT, nullable=False),
    )
    op.create_table(
        "erasures",
        sa.Column("erasure_id", sa.String(32), primary_key=True),
        sa.Column("lead_id", sa.Text, nullable=False),
        sa.Column("pseudonym", sa.String(64)),
        sa.Column("erased_at", MOMENT, nullable=False),
        sa.Column("receipt", sa.Text, nullable=False),
    )
    op.create_index("erasures_of_lead", "erasures", ["lead_id"])
    op.create_index("erasures_of_pseudonym", "erasures", ["pseudonym"])


def downgrade() -> None:
    """Drop the tables with their rows."""
    op.drop_table("erasures")
    op.drop_table("export_approvals")
    op.drop_table("export_gates")
    op.drop_table("export_receipts")
    op.drop_table("consents")
    op.drop_table("export_people")
    op.drop_table("export_events")
