"""Create the mirror of CRMs."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

MOMENT = sa.String(32)
CRM = sa.String(32)
OBJECT = sa.String(64)
TABLES = ("crm_runs", "crm_events", "crm_scores", "crm_stages", "crm_fields", "crm_cursors", "crm_aliases", "crm_links", "crm_changes", "crm_persons", "crm_records")


def upgrade() -> None:
    """Create the tables."""
    _create_records()
    _create_course()
    _create_exchange()


def downgrade() -> None:
    """Drop the tables."""
    for table in TABLES:
        op.drop_table(table)


def _create_records() -> None:
    """Create the tables of records, their changes, associations and merges."""
    op.create_table(
        "crm_records",
        sa.Column("crm", CRM, primary_key=True),
        sa.Column("object", OBJECT, primary_key=True),
        sa.Column("record_id", sa.Text, primary_key=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("created_at", MOMENT),
        sa.Column("modified_at", MOMENT),
        sa.Column("modified_by", sa.Text, nullable=False),
        sa.Column("merged_into", sa.Text, nullable=False),
        sa.Column("absorbed", sa.Text, nullable=False),
        sa.Column("contents", sa.Text, nullable=False),
        sa.Column("digest", sa.String(32), nullable=False),
        sa.Column("known_at", MOMENT, nullable=False),
        sa.Column("erased_at", MOMENT),
    )
    op.create_index("crm_records_by_known", "crm_records", ["crm", "object", "known_at"])
    op.create_table(
        "crm_persons",
        sa.Column("crm", CRM, primary_key=True),
        sa.Column("object", OBJECT, primary_key=True),
        sa.Column("record_id", sa.Text, primary_key=True),
        sa.Column("digest", sa.String(40), primary_key=True),
    )
    op.create_index("crm_persons_of_digest", "crm_persons", ["digest"])
    op.create_table(
        "crm_changes",
        sa.Column("crm", CRM, primary_key=True),
        sa.Column("object", OBJECT, primary_key=True),
        sa.Column("record_id", sa.Text, primary_key=True),
        sa.Column("field", sa.Text, primary_key=True),
        sa.Column("valid_at", MOMENT, primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("changed_by", sa.Text, nullable=False),
        sa.Column("known_at", MOMENT, nullable=False),
    )
    op.create_table(
        "crm_links",
        sa.Column("crm", CRM, primary_key=True),
        sa.Column("object", OBJECT, primary_key=True),
        sa.Column("record_id", sa.Text, primary_key=True),
        sa.Column("to_object", OBJECT, primary_key=True),
        sa.Column("to_id", sa.Text, primary_key=True),
        sa.Column("label", sa.Text, primary_key=True),
        sa.Column("known_at", MOMENT, nullable=False),
    )
    op.create_index("crm_links_to", "crm_links", ["crm", "to_object", "to_id"])
    op.create_table(
        "crm_aliases",
        sa.Column("crm", CRM, primary_key=True),
        sa.Column("object", OBJECT, primary_key=True),
        sa.Column("old_id", sa.Text, primary_key=True),
        sa.Column("new_id", sa.Text, nullable=False),
        sa.Column("known_at", MOMENT, nullable=False),
    )
    op.create_index("crm_aliases_of", "crm_aliases", ["crm", "object", "new_id"])


def _create_course() -> None:
    """Create the tables of cursors, fields and stages."""
    op.create_table(
        "crm_cursors",
        sa.Column("crm", CRM, primary_key=True),
        sa.Column("object", OBJECT, primary_key=True),
        sa.Column("stream", sa.String(16), primary_key=True),
        sa.Column("at", MOMENT),
        sa.Column("window_start", MOMENT),
        sa.Column("window_end", MOMENT),
        sa.Column("bookmark", sa.Text, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
    )
    op.create_table(
        "crm_fields",
        sa.Column("crm", CRM, primary_key=True),
        sa.Column("object", OBJECT, primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("options", sa.Text, nullable=False),
        sa.Column("calculated", sa.Boolean, nullable=False),
        sa.Column("writable", sa.Boolean, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Column("vanished_at", MOMENT),
    )
    op.create_table(
        "crm_stages",
        sa.Column("crm", CRM, primary_key=True),
        sa.Column("object", OBJECT, primary_key=True),
        sa.Column("pipeline", sa.Text, primary_key=True),
        sa.Column("value", sa.Text, primary_key=True),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("meaning", sa.String(8), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
    )


def _create_exchange() -> None:
    """Create the tables of scores, events and runs."""
    op.create_table(
        "crm_scores",
        sa.Column("crm", CRM, primary_key=True),
        sa.Column("object", OBJECT, primary_key=True),
        sa.Column("record_id", sa.Text, primary_key=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("wanted", sa.Text, nullable=False),
        sa.Column("written", sa.Text),
        sa.Column("written_at", MOMENT),
        sa.Column("modified_at", MOMENT),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
    )
    op.create_index("crm_scores_by_state", "crm_scores", ["crm", "object", "state"])
    op.create_table(
        "crm_events",
        sa.Column("crm", CRM, primary_key=True),
        sa.Column("event_id", sa.String(255), primary_key=True),
        sa.Column("object", OBJECT, nullable=False),
        sa.Column("record_id", sa.Text, nullable=False),
        sa.Column("occurred_at", MOMENT),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("worked_at", MOMENT),
    )
    op.create_index("crm_events_waiting", "crm_events", ["crm", "worked_at", "received_at"])
    op.create_table(
        "crm_runs",
        sa.Column("run_id", sa.String(32), primary_key=True),
        sa.Column("crm", CRM, nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=False),
        sa.Column("requests", sa.Integer, nullable=False),
        sa.Column("stored", sa.Integer, nullable=False),
        sa.Column("result", sa.String(16), nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("counts", sa.Text, nullable=False),
    )
    op.create_index("crm_runs_of", "crm_runs", ["crm", "run_id"])
