"""Tables of the mirror of CRMs; contents of records and personal values of fields are encrypted."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, String, Table, Text

from store.schema_base import MOMENT, metadata

CRM = String(32)
OBJECT = String(64)

crm_records = Table(
    "crm_records",
    metadata,
    Column("crm", CRM, primary_key=True),
    Column("object", OBJECT, primary_key=True),
    Column("record_id", Text, primary_key=True),
    Column("state", String(16), nullable=False),
    Column("created_at", MOMENT),
    Column("modified_at", MOMENT),
    Column("modified_by", Text, nullable=False),
    Column("merged_into", Text, nullable=False),
    Column("absorbed", Text, nullable=False),
    Column("contents", Text, nullable=False),
    Column("digest", String(32), nullable=False),
    Column("known_at", MOMENT, nullable=False),
    Column("erased_at", MOMENT),
    Index("crm_records_by_known", "crm", "object", "known_at"),
)

crm_persons = Table(
    "crm_persons",
    metadata,
    Column("crm", CRM, primary_key=True),
    Column("object", OBJECT, primary_key=True),
    Column("record_id", Text, primary_key=True),
    Column("digest", String(40), primary_key=True),
    Index("crm_persons_of_digest", "digest"),
)

crm_changes = Table(
    "crm_changes",
    metadata,
    Column("crm", CRM, primary_key=True),
    Column("object", OBJECT, primary_key=True),
    Column("record_id", Text, primary_key=True),
    Column("field", Text, primary_key=True),
    Column("valid_at", MOMENT, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("value", Text, nullable=False),
    Column("changed_by", Text, nullable=False),
    Column("known_at", MOMENT, nullable=False),
)

crm_links = Table(
    "crm_links",
    metadata,
    Column("crm", CRM, primary_key=True),
    Column("object", OBJECT, primary_key=True),
    Column("record_id", Text, primary_key=True),
    Column("to_object", OBJECT, primary_key=True),
    Column("to_id", Text, primary_key=True),
    Column("label", Text, primary_key=True),
    Column("known_at", MOMENT, nullable=False),
    Index("crm_links_to", "crm", "to_object", "to_id"),
)

crm_aliases = Table(
    "crm_aliases",
    metadata,
    Column("crm", CRM, primary_key=True),
    Column("object", OBJECT, primary_key=True),
    Column("old_id", Text, primary_key=True),
    Column("new_id", Text, nullable=False),
    Column("known_at", MOMENT, nullable=False),
    Index("crm_aliases_of", "crm", "object", "new_id"),
)

crm_cursors = Table(
    "crm_cursors",
    metadata,
    Column("crm", CRM, primary_key=True),
    Column("object", OBJECT, primary_key=True),
    Column("stream", String(16), primary_key=True),
    Column("at", MOMENT),
    Column("window_start", MOMENT),
    Column("window_end", MOMENT),
    Column("bookmark", Text, nullable=False),
    Column("updated_at", MOMENT, nullable=False),
)

crm_fields = Table(
    "crm_fields",
    metadata,
    Column("crm", CRM, primary_key=True),
    Column("object", OBJECT, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("label", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("options", Text, nullable=False),
    Column("calculated", Boolean, nullable=False),
    Column("writable", Boolean, nullable=False),
    Column("seen_at", MOMENT, nullable=False),
    Column("vanished_at", MOMENT),
)

crm_stages = Table(
    "crm_stages",
    metadata,
    Column("crm", CRM, primary_key=True),
    Column("object", OBJECT, primary_key=True),
    Column("pipeline", Text, primary_key=True),
    Column("value", Text, primary_key=True),
    Column("label", Text, nullable=False),
    Column("meaning", String(8), nullable=False),
    Column("position", Integer, nullable=False),
)

crm_scores = Table(
    "crm_scores",
    metadata,
    Column("crm", CRM, primary_key=True),
    Column("object", OBJECT, primary_key=True),
    Column("record_id", Text, primary_key=True),
    Column("state", String(16), nullable=False),
    Column("wanted", Text, nullable=False),
    Column("written", Text),
    Column("written_at", MOMENT),
    Column("modified_at", MOMENT),
    Column("reason", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("updated_at", MOMENT, nullable=False),
    Index("crm_scores_by_state", "crm", "object", "state"),
)

crm_events = Table(
    "crm_events",
    metadata,
    Column("crm", CRM, primary_key=True),
    Column("event_id", String(255), primary_key=True),
    Column("task", String(8), nullable=False),
    Column("object", OBJECT, nullable=False),
    Column("record_id", Text, nullable=False),
    Column("occurred_at", MOMENT),
    Column("received_at", MOMENT, nullable=False),
    Column("worked_at", MOMENT),
    Index("crm_events_waiting", "crm", "worked_at", "task", "object", "received_at"),
)

crm_runs = Table(
    "crm_runs",
    metadata,
    Column("run_id", String(32), primary_key=True),
    Column("crm", CRM, nullable=False),
    Column("started_at", MOMENT, nullable=False),
    Column("ended_at", MOMENT, nullable=False),
    Column("requests", Integer, nullable=False),
    Column("stored", Integer, nullable=False),
    Column("result", String(16), nullable=False),
    Column("message", Text, nullable=False),
    Column("counts", Text, nullable=False),
    Index("crm_runs_of", "crm", "run_id"),
)
