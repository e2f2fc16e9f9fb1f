"""Keep fewer indexes of conversions, and those of waiting events apart; a lease is no state of its own any more."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

TABLE = "export_events"
WAITING = "state IN ('pending', 'retry')"


def upgrade() -> None:
    """Rebuild the indexes; leased events wait again, with their lease."""
    op.execute(f"UPDATE {TABLE} SET state = 'retry' WHERE state = 'leased'")
    for index in ("once", "due", "of_transaction", "of_receipt"):
        op.drop_index(f"{TABLE}_{index}", TABLE)
    op.create_index(f"{TABLE}_once", TABLE, ["destination", "transaction_id", "version", "stage"], unique=True)
    _create_partial("due", ["destination", "not_before"], WAITING)
    _create_partial("of_receipt", ["receipt"], "receipt IS NOT NULL")
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE {TABLE} SET (fillfactor = 70)")  # room to update a lease within its page


def downgrade() -> None:
    """Restore the indexes and the state."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE {TABLE} RESET (fillfactor)")
    for index in ("once", "due", "of_receipt"):
        op.drop_index(f"{TABLE}_{index}", TABLE)
    op.create_index(f"{TABLE}_once", TABLE, ["destination", "stage", "transaction_id", "version"], unique=True)
    op.create_index(f"{TABLE}_due", TABLE, ["destination", "state", "not_before"])
    op.create_index(f"{TABLE}_of_transaction", TABLE, ["destination", "transaction_id"])
    op.create_index(f"{TABLE}_of_receipt", TABLE, ["receipt"])
    op.execute(f"UPDATE {TABLE} SET state = 'leased' WHERE leased_by IS NOT NULL")


def _create_partial(index: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(f"{TABLE}_{index}", TABLE, columns, sqlite_where=where, postgresql_where=where)
