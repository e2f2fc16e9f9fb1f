"""Tables of the report's rollups of times from stage to stage and of attribution credit."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, String, Table, Text

from store.schema_base import metadata

DAY = String(10)
STAGE_COUNTS = ("reached", "lost", "lost_by_age", "open")
CREDITS = tuple(f"{model}_micros" for model in ("first", "last", "linear", "u", "w", "decay"))
"""Columns of revenue by the attribution models of the report."""


def _count(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False, server_default="0")


# Minutes from stage to stage of the MQLs submitted on a day, in the same bins: reached, lost before (by the time to the
# loss, and by the age), still open (by the age).
stage_days = Table(
    "stage_days",
    metadata,
    Column("day", DAY, primary_key=True),
    Column("channel", String(64), primary_key=True),
    Column("stage", String(16), primary_key=True),  # mql_sql, sql_quote, quote_close
    Column("bin", Integer, primary_key=True),
    *(_count(name) for name in STAGE_COUNTS),
)

stage_months = Table(
    "stage_months",
    metadata,
    Column("month", String(7), primary_key=True),
    Column("channel", String(64), primary_key=True),
    Column("stage", String(16), primary_key=True),
    Column("bin", Integer, primary_key=True),
    *(_count(name) for name in STAGE_COUNTS),
)

# Revenue of the channels that a won lead has touched, by each attribution model.
credit_days = Table(
    "credit_days",
    metadata,
    Column("basis", String(8), primary_key=True),  # submit or win: what the day is of
    Column("day", DAY, primary_key=True),
    Column("channel", String(64), primary_key=True),  # of the lead, as its campaign and country
    Column("campaign_key", Text, primary_key=True),
    Column("country", String(2), primary_key=True),
    Column("touched", String(64), primary_key=True),  # channel that has the credit
    *(_count(name) for name in CREDITS),
)

credit_months = Table(
    "credit_months",
    metadata,
    Column("basis", String(8), primary_key=True),
    Column("month", String(7), primary_key=True),
    Column("channel", String(64), primary_key=True),
    Column("touched", String(64), primary_key=True),
    *(_count(name) for name in CREDITS),
)
