"""Rename the outbox columns `told` to `sent_value` and `quiet_until` to `in_doubt_until`."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

RENAMED = {"told": "sent_value", "quiet_until": "in_doubt_until"}


def upgrade() -> None:
    """Rename the columns."""
    _rename(RENAMED)


def downgrade() -> None:
    """Restore the old names."""
    _rename({new: old for old, new in RENAMED.items()})


def _rename(names: dict[str, str]) -> None:
    with op.batch_alter_table("export_events") as table:
        for old, new in names.items():
            table.alter_column(old, new_column_name=new)
