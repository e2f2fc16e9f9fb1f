from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection

from leadworth.crm_records import CrmRecord, RecordState, RecordWriteResult, ScoreRow
from leadworth.encryption import IdentifierCipher
from store import crm_scores
from store.crm_mirror import CrmMirror
from store.crm_scores import ScoreState

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_scores_wait_until_they_are_written_or_refused(connection: Connection) -> None:
    rows = [ScoreRow(key, {"lw_band": "A", "lw_win_probability": 0.25}) for key in "abc"]
    crm_scores.want(connection, "acme", "leads", rows, NOW)
    assert [item.record_id for item in crm_scores.pending(connection, "acme", "leads", 2)] == ["a", "b"]
    assert [item.record_id for item in crm_scores.pending(connection, "acme", "leads", 9, after="b")] == ["c"]
    results = [RecordWriteResult("a", modified_at=NOW), RecordWriteResult("b", "READ_ONLY")]
    crm_scores.note_results(connection, "acme", "leads", rows[:2], results, NOW)
    found = crm_scores.of_records(connection, "acme", "leads", ["a", "b", "c", "d"])
    assert {key: item.state for key, item in found.items()} == {
        "a": ScoreState.WRITTEN,
        "b": ScoreState.SET_ASIDE,
        "c": ScoreState.PENDING,
    }
    assert found["a"].written == rows[0].values
    assert (found["a"].written_at, found["a"].modified_at, found["a"].attempts) == (NOW, NOW, 1)
    assert (found["b"].written, found["b"].reason) == (None, "READ_ONLY")
    assert crm_scores.counts(connection, "acme") == dict.fromkeys(ScoreState, 1)


def test_a_refusal_for_now_lets_the_scores_wait(connection: Connection) -> None:
    rows = [ScoreRow("a", {"lw_band": "A"})]
    crm_scores.want(connection, "acme", "leads", rows, NOW)
    locked = RecordWriteResult("a", "LOCKED", may_succeed_later=True)
    crm_scores.note_results(connection, "acme", "leads", rows, [locked], NOW)
    (item,) = crm_scores.pending(connection, "acme", "leads", 9)
    assert (item.reason, item.attempts) == ("LOCKED", 1)
    crm_scores.note_results(connection, "acme", "leads", rows, [RecordWriteResult("a")], NOW)
    assert crm_scores.counts(connection, "acme") == {ScoreState.WRITTEN: 1}


def test_scores_that_wait_for_a_deleted_record_are_dropped(connection: Connection) -> None:
    mirror = CrmMirror(connection, "acme", IdentifierCipher(b"k" * 32))
    states = {"a": RecordState.LIVE, "b": RecordState.DELETED, "c": RecordState.MERGED, "d": RecordState.ARCHIVED}
    mirror.store("leads", [CrmRecord("leads", key, state=state) for key, state in states.items()], NOW)
    rows = [ScoreRow(key, {"lw_band": "A"}) for key in (*states, "unknown")]
    crm_scores.want(connection, "acme", "leads", rows, NOW)
    crm_scores.note_results(connection, "acme", "leads", rows[2:3], [RecordWriteResult("c")], NOW)
    crm_scores.drop_gone(connection, "acme", "leads")
    assert [item.record_id for item in crm_scores.pending(connection, "acme", "leads", 9)] == ["a", "d", "unknown"]
    assert crm_scores.counts(connection, "acme")[ScoreState.WRITTEN] == 1


def test_new_scores_keep_what_was_written_last(connection: Connection) -> None:
    first, second = ScoreRow("a", {"lw_band": "A"}), ScoreRow("a", {"lw_band": "B"})
    crm_scores.want(connection, "acme", "leads", [first], NOW)
    crm_scores.note_results(connection, "acme", "leads", [first], [RecordWriteResult("a")], NOW)
    crm_scores.want(connection, "acme", "leads", [second], NOW + timedelta(1))
    (item,) = crm_scores.pending(connection, "acme", "leads", 9)
    assert (item.wanted, item.written, item.written_at, item.attempts) == (second.values, first.values, NOW, 0)
    assert list(crm_scores.scan(connection, "acme", "leads", ScoreState.PENDING)) == [[item]]


@pytest.mark.parametrize("reason", ["", "READ_ONLY"])
def test_scores_that_are_wanted_while_others_are_sent_still_wait(connection: Connection, reason: str) -> None:
    first, second = ScoreRow("a", {"lw_band": "A"}), ScoreRow("a", {"lw_band": "B"})
    crm_scores.want(connection, "acme", "leads", [first], NOW)
    crm_scores.want(connection, "acme", "leads", [second], NOW)
    crm_scores.note_results(connection, "acme", "leads", [first], [RecordWriteResult("a", reason)], NOW)
    (item,) = crm_scores.pending(connection, "acme", "leads", 9)
    assert (item.wanted, item.written) == (second.values, None if reason else first.values)
    crm_scores.note_results(connection, "acme", "leads", [second], [RecordWriteResult("a")], NOW)
    assert crm_scores.counts(connection, "acme") == {ScoreState.WRITTEN: 1}
