"""Tables of the store; `migrations/` creates them and brings older databases to this schema.

Those of the mirror of CRMs are in `store.mirror_schema`, those of the report in `store.report_schema` and
`store.credit_schema`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    event,
    insert,
    literal_column,
)

import store.credit_schema
import store.mirror_schema
import store.report_schema  # noqa: F401 - they add their tables to the metadata
from store.event_state import WAITING
from store.schema_base import MOMENT, metadata

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

__all__ = ["metadata"]

decisions = Table(
    "decisions",
    metadata,
    Column("decision_id", String(32), primary_key=True),
    Column("lead_id", Text, nullable=False),
    Column("scored_at", MOMENT, nullable=False),
    Column("model_version", String(64), nullable=False),
    Column("bundle_id", String(64), nullable=False),
    Column("features_hash", String(64), nullable=False),
    Column("win_probability", Double, nullable=False),
    Column("expected_revenue", Double, nullable=False),
    Column("predicted_value", Double, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("junk_probability", Double, nullable=False),
    Column("automation_probability", Double, nullable=False),
    Column("verdict", String(16), nullable=False),
    Column("mql", Boolean, nullable=False),
    Column("mql_reason", Text, nullable=False),
    Column("reasons", Text, nullable=False),
    Column("request_id", String(128), nullable=False),
    Column("idempotency_key", String(64), nullable=True),
    Column("source", Text),
    Column("medium", Text),
    Column("channel", Text),
    Column("campaign", Text),
    Column("campaign_id", Text),
    Column("click_platform", String(32)),
    Column("click", String(64)),
    Column("country", String(2)),
    Column("entry", String(16)),
    Column("account_key", String(64)),
    Column("submitted_at", MOMENT),
    Column("form_id", Text),
    Column("vector", LargeBinary),
    Column("age_days", Double),
    Column("answers", Text),
    Column("junk_log_odds", Double),
    Column("threshold", Double),
    Column("alpha", Double),
    Column("calibration_n", Integer),
    Column("would_be", String(16)),
    Column("propensity", Double),
    Column("policy_version", Text),
    Column("lists_hash", String(16)),
    Index("decisions_by_time", "scored_at"),
    Index("decisions_of_lead", "lead_id", "decision_id"),
)

feedback = Table(
    "feedback",
    metadata,
    Column("feedback_id", String(32), primary_key=True),
    Column("lead_id", Text, nullable=False),
    Column("decision_id", String(32), nullable=False),
    Column("label", String(16), nullable=False),
    Column("verdict_before", String(16), nullable=False),
    Column("verdict_after", String(16), nullable=False),
    Column("given_by", Text, nullable=False),
    Column("why", Text),
    Column("given_at", MOMENT, nullable=False),
    Index("feedback_of_lead", "lead_id", "feedback_id"),
)

# The outbox of conversions. Amounts are decimal numbers as text, so that sums are exact.
AMOUNT = String(32)

export_events = Table(
    "export_events",
    metadata,
    Column("event_id", String(32), primary_key=True),
    Column("destination", String(32), nullable=False),
    Column("stage", String(16), nullable=False),
    Column("transaction_id", String(64), nullable=False),
    Column("version", Integer, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("lead_id", Text, nullable=False),
    Column("channel", Text),
    Column("campaign", Text),
    Column("model_version", String(64)),
    Column("expected", Boolean, nullable=False),
    Column("value", AMOUNT, nullable=False),
    Column("sent_value", AMOUNT),
    Column("currency", String(3), nullable=False),
    Column("happened_at", MOMENT, nullable=False),
    Column("not_before", MOMENT, nullable=False),
    Column("expires_at", MOMENT, nullable=False),
    Column("state", String(16), nullable=False),
    Column("code", String(64), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("first_sent_at", MOMENT),
    Column("leased_by", String(32)),
    Column("lease_until", MOMENT),
    Column("in_doubt_until", MOMENT),
    Column("payload", Text),
    Column("receipt", String(128)),
    Column("consent", Text),
    Column("repairs", Text),
    Column("created_at", MOMENT, nullable=False),
    Column("updated_at", MOMENT, nullable=False),
    Index("export_events_once", "destination", "transaction_id", "version", "stage", unique=True),
    Index("export_events_of_lead", "lead_id"),
)


def is_waiting() -> ColumnElement[bool]:
    """Return the condition that an event is still to be sent.

    It is the condition of the index of waiting events, word for word: databases use a partial index only for a query
    that repeats its condition.
    """
    return export_events.c.state.in_([literal_column(f"'{state.value}'") for state in WAITING])


def _where(condition: ColumnElement[bool]) -> dict[str, Any]:
    return {"sqlite_where": condition, "postgresql_where": condition}


Index("export_events_due", export_events.c.destination, export_events.c.not_before, **_where(is_waiting()))
_has_receipt = export_events.c.receipt.is_not(None)
Index("export_events_of_receipt", export_events.c.receipt, **_where(_has_receipt))

export_people = Table(
    "export_people",
    metadata,
    Column("lead_id", Text, primary_key=True),
    Column("pseudonym", String(64)),
    Column("sealed", Text, nullable=False),
    Column("region", String(2)),
    Column("submitted_at", MOMENT, nullable=False),
    Column("keep_until", MOMENT, nullable=False),
    Index("export_people_of_pseudonym", "pseudonym"),
    Index("export_people_by_end", "keep_until"),
)

consents = Table(
    "consents",
    metadata,
    Column("consent_id", String(32), primary_key=True),
    Column("lead_id", Text, nullable=False),
    Column("purpose", String(32), nullable=False),
    Column("granted", Boolean, nullable=False),
    Column("source", Text, nullable=False),
    Column("origin", String(16)),
    Column("given_at", MOMENT, nullable=False),
    Index("consents_of_lead", "lead_id", "purpose", "consent_id"),
)

export_receipts = Table(
    "export_receipts",
    metadata,
    Column("receipt", String(128), primary_key=True),
    Column("destination", String(32), nullable=False),
    Column("sent_at", MOMENT, nullable=False),
    Column("events", Integer, nullable=False),
    Column("ask_at", MOMENT),
    Column("asked", Integer, nullable=False),
    Column("processed", Integer),
    Column("failed", Integer),
    Column("reasons", Text, nullable=False),
    Index("export_receipts_to_ask", "destination", "ask_at"),
)

export_gates = Table(
    "export_gates",
    metadata,
    Column("destination", String(32), primary_key=True),
    Column("next_at", Double, nullable=False),
    Column("closed_until", MOMENT),
    Column("closings", Integer, nullable=False),
    Column("why", Text, nullable=False),
)

export_approvals = Table(
    "export_approvals",
    metadata,
    Column("model_version", String(64), primary_key=True),
    Column("approved_by", Text, nullable=False),
    Column("approved_at", MOMENT, nullable=False),
)

# The leads of a person, found by keyed digests of the e-mail address and the phone number.
person_index = Table(
    "person_index",
    metadata,
    Column("entry_id", String(32), primary_key=True),
    Column("lead_id", Text, nullable=False),
    Column("email", String(64)),
    Column("phone", String(64)),
    Column("velocity_person", BigInteger, nullable=False),
    Column("velocity_at", BigInteger, nullable=False),
    Index("person_index_of_lead", "lead_id"),
    Index("person_index_of_email", "email"),
    Index("person_index_of_phone", "phone"),
    Index("person_index_by_time", "velocity_at"),
)

# One row for each lead, address and phone number of an erased person, as keyed digests.
erasures = Table(
    "erasures",
    metadata,
    Column("entry_id", String(32), primary_key=True),
    Column("erasure_id", String(32), nullable=False),
    Column("kind", String(8), nullable=False),
    Column("digest", Text, nullable=False),
    Column("erased_at", MOMENT, nullable=False),
    Column("receipt", Text, nullable=False),
    Index("erasures_of_digest", "digest"),
)

answers = Table(
    "answers",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("body_hash", String(64), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("answered_at", MOMENT, nullable=False),
    Index("answers_by_time", "answered_at"),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("key_id", String(16), primary_key=True),
    Column("name", Text, nullable=False),
    Column("scopes", Text, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("revoked_at", MOMENT, nullable=True),
    Column("expires_at", MOMENT),
    Column("last_used_at", MOMENT),
    Column("replaced_by", String(16)),
)

# Append-only (`store.audit_log`).
audit_entries = Table(
    "audit_entries",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", MOMENT, nullable=False),
    Column("who", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("action", String(32), nullable=False),
    Column("object_kind", String(32), nullable=False),
    Column("object_id", Text),
    Column("result", String(16), nullable=False),
    Column("details", Text, nullable=False),
    Column("signed_by", String(16), nullable=False),
    Column("digest", String(64), nullable=False),
    Index("audit_entries_by_time", "at"),
    Index("audit_entries_of_object", "object_id"),
)

# One row: the newest audit entry. Its update is the lock under which an entry gets its number.
audit_end = Table(
    "audit_end",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("signed_by", String(16), nullable=False),
    Column("seal", String(64), nullable=False),
)
event.listen(
    audit_end,
    "after_create",
    lambda table, connection, **_: connection.execute(
        insert(table).values(id=1, number=0, digest="", signed_by="", seal="")
    ),
)

# One row: which secret the digests and encrypted columns of this store were made with (`store.secret_check`).
secret_fingerprints = Table(
    "secret_fingerprints",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("fingerprint", String(32), nullable=False),
)

# Times of velocity events are microseconds since 1970, because they are compared and subtracted by the million.
# A primary key that is never used again: a reader asks for the rows after the last one that it saw.
velocity_events = Table(
    "velocity_events",
    metadata,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("at", BigInteger, nullable=False),
    Column("person", BigInteger, nullable=False),
    Column("keys", LargeBinary, nullable=False),
    Column("domain", BigInteger, nullable=False),
    Column("nonce", BigInteger),
    Column("writer", BigInteger, nullable=False),
    Index("velocity_events_once", "at", "person", "keys", unique=True),
    sqlite_autoincrement=True,
)

velocity_domains = Table(
    "velocity_domains",
    metadata,
    Column("domain", BigInteger, primary_key=True, autoincrement=False),
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("first_at", BigInteger, nullable=False),
    Index("velocity_domains_by_day", "day"),
)
