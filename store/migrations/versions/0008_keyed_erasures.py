"""Erasures as keyed digests; no digest of what was sent, which nothing read and anyone could guess.

Lead ids of earlier erasures stay clear until `store.erasures.key_earlier` has the key.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

MOMENT = sa.String(32)


def upgrade() -> None:
    """Move each lead id and each pseudonym of an erasure to a row of its own; drop the digest of sent events."""
    op.drop_column("export_events", "digest")
    op.rename_table("erasures", "erasures_before")
    op.create_table(
        "erasures",
        sa.Column("entry_id", sa.String(32), primary_key=True),
        sa.Column("erasure_id", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("erased_at", MOMENT, nullable=False),
        sa.Column("receipt", sa.Text, nullable=False),
    )
    # Pseudonyms are keyed digests already; the end of their id tells them from the lead's row.
    for suffix, kind, column in (("", "clear", "lead_id"), ("-email", "email", "pseudonym")):
        op.execute(
            sa.text(
                "INSERT INTO erasures (entry_id, erasure_id, kind, digest, erased_at, receipt) "
                f"SELECT substr(erasure_id, {1 + len(suffix)}) || '{suffix}', erasure_id, '{kind}', {column}, "
                f"erased_at, receipt FROM erasures_before WHERE {column} IS NOT NULL"
            )
        )
    op.drop_table("erasures_before")
    op.create_index("erasures_of_digest", "erasures", ["digest"])


def downgrade() -> None:
    """Create the former table, empty: digests cannot be turned into lead ids."""
    op.add_column("export_events", sa.Column("digest", sa.String(64)))
    op.drop_table("erasures")
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
