"""Metadata and column types that all tables of the store share."""

from __future__ import annotations

from sqlalchemy import MetaData, String

metadata = MetaData()

# Times are ISO 8601 text in UTC with microseconds (`store.timestamps`): they sort by time and are the same
# in every database.
MOMENT = String(32)
