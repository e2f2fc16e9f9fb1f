"""The decision log."""

from __future__ import annotations

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
