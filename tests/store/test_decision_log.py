"""The decision log."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from store import decision_log
from tests.store.rows import decision_row


def test_row_written_twice_is_there_once(connection: Connection) -> None:
    row = decision_row("A", vector=b"\x00\x01")
    for _ in range(2):
        decision_log.insert(connection, [row, decision_row("B")])
    [stored] = decision_log.replayable(connection, decision=row["decision_id"], lead=None, last=None)
    assert stored == row
    assert decision_log.count_and_newest(connection)[0] == 3


def test_newest_score_of_a_lead(connection: Connection) -> None:
    decision_log.insert(connection, [decision_row("A", win_probability=0.1), decision_row("A", win_probability=0.7)])
    newest = decision_log.latest(connection, "A")
    assert newest is not None
    assert newest.win_probability == 0.7
    assert decision_log.latest(connection, "B") is None
    assert len(decision_log.decisions_of_lead(connection, "A")) == 2


def test_first_decision_of_each_lead_with_the_verdict_without_exploration(connection: Connection) -> None:
    decision_log.insert(
        connection,
        [
            decision_row("A", verdict="accept", would_be="reject", win_probability=0.1),
            decision_row("A", verdict="accept", win_probability=0.7),
            decision_row("B", verdict="review"),
        ],
    )
    first = decision_log.first_decisions(connection, ["A", "B", "C"])
    assert {lead: (row["verdict"], row["win_probability"]) for lead, row in first.items()} == {
        "A": ("reject", 0.1),
        "B": ("review", 0.1),
    }


def test_decisions_to_replay(connection: Connection) -> None:
    decision_log.insert(connection, [decision_row(lead) for lead in "ABA"])
    assert [row["lead_id"] for row in decision_log.replayable(connection, decision=None, lead="A", last=None)] == [
        "A"
    ] * 2
    assert [row["lead_id"] for row in decision_log.replayable(connection, decision=None, lead=None, last=2)] == [
        "A",
        "B",
    ]


def test_empty_log(connection: Connection) -> None:
    assert decision_log.count_and_newest(connection) == (0, None)


def test_the_decision_at_submit_is_the_last_about_a_form_sent_again(connection: Connection) -> None:
    at = datetime.now(UTC) - timedelta(days=2)

    def decided(minutes: float, win_probability: float, **columns: object) -> decision_log.Row:
        scored_at = (at + timedelta(minutes=minutes)).isoformat(timespec="microseconds")
        return decision_row("A", scored_at=scored_at, win_probability=win_probability, **columns)

    rows = [decided(0, 0.1, form_id="f"), decided(3, 0.2, form_id="f"), decided(4, 0.3, form_id="f", age_days=1.0)]
    decision_log.insert(connection, [*rows, decided(5, 0.4), decided(45, 0.5, form_id="f"), decision_row("B")])
    first = decision_log.first_decisions(connection, ["A", "B", "C"])
    assert {lead: row["win_probability"] for lead, row in first.items()} == {"A": 0.2, "B": 0.1}
    assert decision_log.first_times(connection, ["A", "C"]) == {"A": at}
