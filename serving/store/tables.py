"""Tables of the decision store; `migrations/` brings a database to this shape."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Double, Index, Integer, LargeBinary, MetaData, String, Table, Text

metadata = MetaData()

# Times are ISO 8601 text in UTC with microseconds: they sort as they stand, and mean the same in
# every database.
MOMENT = String(32)

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
    Column("channel", Text),
    Column("campaign", Text),
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
)
