from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from store import decision_log
from store.decided_leads import decided_leads, known
from store.timestamps import stamp
from tests.store.rows import decision_row

AT = datetime(2026, 11, 1, 10, tzinfo=UTC)


def decide(connection: Connection, lead: str, at: datetime, **values: Any) -> None:
    row = {"scored_at": stamp(at), "decision_id": f"{int(at.timestamp()):032x}", "form_id": "f", "mql": False}
    decision_log.insert(connection, [decision_row(lead, **{**row, **values})])


def test_a_form_sent_again_corrects_the_decision_at_submit(connection: Connection) -> None:
    for minutes, probability in ((0, 0.1), (10, 0.2), (60, 0.3)):
        decide(connection, "A", AT + timedelta(minutes=minutes), win_probability=probability)
    [found] = decided_leads(connection, None)
    lead = found["A"]
    assert (lead.at_submit["win_probability"], lead.newest["win_probability"], lead.mql_at) == (0.2, 0.3, None)


def test_a_lead_of_a_server_keeps_its_first_decision(connection: Connection) -> None:
    decide(connection, "A", AT, form_id=None, win_probability=0.1)
    decide(connection, "A", AT + timedelta(minutes=5), form_id=None, win_probability=0.2, mql=True)
    decide(connection, "A", AT + timedelta(minutes=6), form_id=None, win_probability=0.3, mql=True)
    [found] = decided_leads(connection, None)
    assert found["A"].at_submit["win_probability"] == 0.1
    assert found["A"].mql_at == stamp(AT + timedelta(minutes=5))


def test_leads_with_a_decision_since_a_time_come_with_all_of_theirs(connection: Connection) -> None:
    decide(connection, "old", AT)
    decide(connection, "again", AT + timedelta(seconds=1))
    decide(connection, "again", AT + timedelta(days=2), age_days=2.0)
    [found] = decided_leads(connection, AT + timedelta(days=1))
    assert list(found) == ["again"]
    assert found["again"].at_submit["scored_at"] == stamp(AT + timedelta(seconds=1))
    assert known(connection, ["old", "again", "other"]) == {"old", "again"}
