"""Scores to write to a CRM: one row per record with what it should hold and what was written last."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, case, delete, func, select, update

from leadworth.crm_records import CrmValue, RecordWriteResult, ScoreRow
from store.any_of import any_of
from store.mirror_schema import crm_records, crm_scores
from store.mirror_scope import PRESENT
from store.timestamps import moment, stamp, stamp_or_none
from store.upsert import upsert

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

_scores = crm_scores.c


class ScoreState(StrEnum):
    """State of the scores of a record."""

    PENDING = "pending"
    WRITTEN = "written"
    SET_ASIDE = "set-aside"
    """The CRM refused them, and would again."""


@dataclass(frozen=True)
class ScoreWrite:
    """Scores of one record.

    Attributes
    ----------
    wanted
        Values that the record should hold.
    written
        Values that were written last; None: never.
    written_at, modified_at
        Time of the last write, and modified time of the record after it where the CRM told it.
    reason
        Code of the CRM's refusal; empty if there is none.
    attempts
        Attempts since `wanted` changed.
    """

    record_id: str
    state: ScoreState
    wanted: Mapping[str, CrmValue]
    written: Mapping[str, CrmValue] | None = None
    written_at: datetime | None = None
    modified_at: datetime | None = None
    reason: str = ""
    attempts: int = 0


def want(connection: Connection, crm: str, object_name: str, rows: Sequence[ScoreRow], now: datetime) -> None:
    """Plan the write of scores; the caller decides what is worth a write.

    What was written last stays known until the new values are written.
    """
    common = {"crm": crm, "object": object_name, "state": ScoreState.PENDING.value, "updated_at": stamp(now)}
    parameters = [
        {
            **common,
            "record_id": row.record_id,
            "wanted": _encoded(row.values),
            "written": None,
            "written_at": None,
            "modified_at": None,
            "reason": "",
            "attempts": 0,
        }
        for row in rows
    ]
    if parameters:
        connection.execute(upsert(connection, crm_scores, keep=("written", "written_at", "modified_at")), parameters)


def pending(connection: Connection, crm: str, object_name: str, limit: int, *, after: str = "") -> list[ScoreWrite]:
    """Return scores that wait to be written, in order of the record's id.

    Parameters
    ----------
    after
        Id of the last record of the list before; empty: from the beginning.
    """
    query = (
        select(crm_scores)
        .where(
            _scores.crm == crm,
            _scores.object == object_name,
            _scores.state == ScoreState.PENDING,
            _scores.record_id > after,
        )
        .order_by(_scores.record_id)
        .limit(limit)
    )
    return [_decoded(row) for row in connection.execute(query)]


def of_records(connection: Connection, crm: str, object_name: str, ids: Sequence[str]) -> dict[str, ScoreWrite]:
    """Return record id -> scores, for the records that have any."""
    of_object = _scores.crm == crm, _scores.object == object_name
    query = select(crm_scores).where(*of_object, any_of(_scores.record_id, ids))
    return {row.record_id: _decoded(row) for row in connection.execute(query)}


def note_results(
    connection: Connection,
    crm: str,
    object_name: str,
    rows: Sequence[ScoreRow],
    results: Sequence[RecordWriteResult],
    now: datetime,
) -> None:
    """Record the CRM's answers: an empty reason is a write, any other sets the record aside or lets it wait.

    Scores that another process wanted while these were sent still wait.

    Parameters
    ----------
    rows
        What was sent, each with the result at the same place.
    """
    at = stamp(now)
    of_record = update(crm_scores).where(
        _scores.crm == crm, _scores.object == object_name, _scores.record_id == bindparam("of_record")
    )
    sent = {row.record_id: _encoded(row.values) for row in rows}
    written = [
        {"of_record": item.record_id, "remote": stamp_or_none(item.modified_at), "sent": sent[item.record_id]}
        for item in results
        if not item.reason
    ]
    refused = [
        {
            "of_record": item.record_id,
            "sent": sent[item.record_id],
            "why": item.reason,
            "then": (ScoreState.PENDING if item.may_succeed_later else ScoreState.SET_ASIDE).value,
        }
        for item in results
        if item.reason
    ]
    if written:
        done: dict[str, Any] = {
            "state": case((_scores.wanted == bindparam("sent"), ScoreState.WRITTEN.value), else_=_scores.state),
            "written": bindparam("sent"),
            "written_at": at,
            "modified_at": bindparam("remote"),
            "reason": "",
            "attempts": _scores.attempts + 1,
            "updated_at": at,
        }
        connection.execute(of_record.values(**done), written)
    if refused:
        aside: dict[str, Any] = {
            "state": bindparam("then"),
            "reason": bindparam("why"),
            "attempts": _scores.attempts + 1,
            "updated_at": at,
        }
        connection.execute(of_record.where(_scores.wanted == bindparam("sent")).values(**aside), refused)


def forget_written(connection: Connection, crm: str, object_name: str, ids: Sequence[str] | None = None) -> None:
    """Forget what was written to records, so that the next scores are written in any case.

    Parameters
    ----------
    ids
        None: all records.
    """
    statement = update(crm_scores).where(_scores.crm == crm, _scores.object == object_name)
    if ids is not None:
        statement = statement.where(any_of(_scores.record_id, ids))
    connection.execute(statement.values(written=None))


def drop_gone(connection: Connection, crm: str, object_name: str) -> None:
    """Forget scores that wait for records that the mirror knows as deleted or merged: there is nothing to write to."""
    records = crm_records.c
    gone = select(records.record_id).where(
        records.crm == crm, records.object == object_name, records.state.not_in(PRESENT)
    )
    connection.execute(
        delete(crm_scores).where(
            _scores.crm == crm,
            _scores.object == object_name,
            _scores.state == ScoreState.PENDING,
            _scores.record_id.in_(gone),
        )
    )


def scan(connection: Connection, crm: str, object_name: str, state: ScoreState) -> Iterator[list[ScoreWrite]]:
    """Yield the scores in a state, in lists, in order of the record's id."""
    after = ""
    query = select(crm_scores).where(_scores.crm == crm, _scores.object == object_name, _scores.state == state)
    while rows := connection.execute(
        query.where(_scores.record_id > after).order_by(_scores.record_id).limit(1_000)
    ).all():
        yield [_decoded(row) for row in rows]
        after = rows[-1].record_id


def counts(connection: Connection, crm: str) -> dict[ScoreState, int]:
    """Return the number of records by the state of their scores."""
    query = select(_scores.state, func.count()).where(_scores.crm == crm).group_by(_scores.state)
    return {ScoreState(state): number for state, number in connection.execute(query)}


def _encoded(values: Mapping[str, CrmValue]) -> str:
    return json.dumps(dict(values), sort_keys=True)


def _decoded(row: Row[Any]) -> ScoreWrite:
    return ScoreWrite(
        row.record_id,
        ScoreState(row.state),
        json.loads(row.wanted),
        json.loads(row.written) if row.written is not None else None,
        moment(row.written_at),
        moment(row.modified_at),
        row.reason,
        row.attempts,
    )
