"""The decision log: one row per score."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter
from sqlalchemy import and_, func, or_, select

from leadworth.records import SCORE_COLUMNS, Reason, Score
from store.any_of import any_of
from store.insert_ignore import insert_ignore
from store.schema import decisions

if TYPE_CHECKING:
    from sqlalchemy import Connection

Row = dict[str, Any]

_reasons = TypeAdapter(tuple[Reason, ...])
_COLUMNS = [decisions.c[name] for name in ("lead_id", *SCORE_COLUMNS)]


EMPTY: Row = dict.fromkeys(column.name for column in decisions.columns)
"""Row with every column null."""


def insert(connection: Connection, rows: Sequence[Row]) -> None:
    """Write rows; existing ones stay as they are, so writing a row twice is safe."""
    connection.execute(insert_ignore(connection, decisions), list(rows))


def latest(connection: Connection, lead_id: str) -> Score | None:
    """Return the newest score of a lead, or None if it was never scored."""
    newest = select(*_COLUMNS).where(decisions.c.lead_id == lead_id).order_by(decisions.c.decision_id.desc()).limit(1)
    row = connection.execute(newest).mappings().first()
    if row is None:
        return None
    return Score.model_validate({**row, "reasons": _reasons.validate_json(row["reasons"])})


_LOGGED = ("decision_id", "scored_at", "model_version", "verdict", "would_be", "junk_probability", "mql")


def decisions_of_lead(connection: Connection, lead_id: str) -> list[Row]:
    """Return id, time, model, verdicts, junk probability and MQL of all decisions about a lead, oldest first."""
    rows = select(*(decisions.c[name] for name in _LOGGED)).where(decisions.c.lead_id == lead_id)
    return [dict(row) for row in connection.execute(rows.order_by(decisions.c.decision_id)).mappings()]


def replayable(connection: Connection, *, decision: str | None, lead: str | None, last: int | None) -> Iterator[Row]:
    """Yield decisions with all columns, newest first: one by id, those of a lead, the `last` ones, or all."""
    rows = select(decisions).order_by(decisions.c.decision_id.desc())
    if decision is not None:
        rows = rows.where(decisions.c.decision_id == decision)
    if lead is not None:
        rows = rows.where(decisions.c.lead_id == lead)
    if last is not None:
        rows = rows.limit(last)
    for row in connection.execution_options(yield_per=1_000).execute(rows).mappings():
        yield dict(row)


CORRECTED_WITHIN = timedelta(minutes=30)
"""A form that is sent again so soon corrects the lead: the decision at submit is the last of them."""


def first_decisions(connection: Connection, leads: Sequence[str]) -> dict[str, Row]:
    """Return win probability, expected revenue, its currency, model version and verdict at submit of each lead.

    That is the first one, or the last one about a form that was sent again. The verdict is the one without exploration.
    """
    verdict = func.coalesce(decisions.c.would_be, decisions.c.verdict).label("verdict")
    names = ("win_probability", "expected_revenue", "currency", "model_version")
    of_leads = any_of(decisions.c.lead_id, leads)
    first = select(func.min(decisions.c.decision_id)).where(of_leads).group_by(decisions.c.lead_id)
    of_form = and_(decisions.c.form_id.is_not(None), decisions.c.age_days.is_(None))
    query = select(decisions.c.lead_id, decisions.c.scored_at, verdict, *(decisions.c[name] for name in names))
    query = query.where(of_leads, or_(decisions.c.decision_id.in_(first), of_form)).order_by(decisions.c.decision_id)
    result: dict[str, Row] = {}
    ended: dict[str, datetime] = {}
    for lead_id, at, *values in connection.execute(query):
        scored_at = datetime.fromisoformat(at)
        if scored_at <= ended.setdefault(lead_id, scored_at + CORRECTED_WITHIN):
            result[lead_id] = dict(zip(("verdict", *names), values, strict=True))
    return result


def first_times(connection: Connection, leads: Sequence[str]) -> dict[str, datetime]:
    """Return when each of a few leads was first scored, for those that were."""
    query = select(decisions.c.lead_id, func.min(decisions.c.scored_at)).where(decisions.c.lead_id.in_(leads))
    rows = connection.execute(query.group_by(decisions.c.lead_id))
    return {lead: datetime.fromisoformat(at) for lead, at in rows}


def count_and_newest(connection: Connection) -> tuple[int, str | None]:
    """Return the number of decisions and the time of the newest."""
    count, newest = connection.execute(select(func.count(), func.max(decisions.c.scored_at))).one()
    return int(count), newest
