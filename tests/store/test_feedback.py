"""Log of feedback: the newest label of a lead overrides its verdict."""

from __future__ import annotations

from typing import get_args

import pytest
from sqlalchemy import Connection

from store import decision_log, feedback, outbox, outbox_queries
from store.feedback import Label
from tests.store.rows import decision_row, event


def give(connection: Connection, lead: str, label: Label) -> None:
    assert feedback.give(connection, lead, label, given_by="key", why=None)


@pytest.mark.parametrize("label", get_args(Label))
def test_label_sets_the_verdict(connection: Connection, label: Label) -> None:
    decision_log.insert(connection, [decision_row("A", verdict="review")])
    give(connection, "A", label)
    expected = "reject" if label == "junk" else "accept"
    assert feedback.current(connection, "A") == {**feedback.current(connection, "A"), "verdict": expected}
    [entry] = feedback.history_of(connection, "A")
    assert (entry["verdict_before"], entry["verdict_after"], entry["label"]) == ("review", expected, label)


def test_newest_label_counts(connection: Connection) -> None:
    decision_log.insert(connection, [decision_row(lead) for lead in "ABC"])
    for lead, label in (("A", "junk"), ("B", "junk"), ("A", "engaged")):
        give(connection, lead, label)
    assert {latest.lead_id: latest.label for latest in feedback.latest_labels(connection)} == {
        "A": "engaged",
        "B": "junk",
    }
    assert feedback.verdicts_of_leads(connection, ["A", "B", "C"]) == {"A": "accept", "B": "reject"}
    listed = feedback.list_leads(connection, None, 10, None)
    assert [(row["lead_id"], row["verdict"], row["feedback"]) for row in listed] == [
        ("C", "accept", None),
        ("B", "reject", "junk"),
        ("A", "accept", "engaged"),
    ]
    assert [row["lead_id"] for row in feedback.list_leads(connection, "reject", 10, None)] == ["B"]
    assert [row["lead_id"] for row in feedback.list_leads(connection, None, 10, listed[1]["decision_id"])] == ["A"]


def test_lead_that_was_never_scored_takes_no_label(connection: Connection) -> None:
    assert feedback.give(connection, "A", "junk", given_by="key", why=None) is None
    assert feedback.latest_labels(connection) == []


def test_junk_withdraws_waiting_events(connection: Connection) -> None:
    decision_log.insert(connection, [decision_row("A")])
    outbox.add(connection, {"export_events": [event("A"), event("A", destination="google"), event("B")]})
    give(connection, "A", "junk")
    rows = outbox_queries.events_of_leads(connection, ["A", "B"])
    assert sorted((row["lead_id"], row["state"], row["code"]) for row in rows) == [
        ("A", "suppressed", "junk"),
        ("A", "suppressed", "junk"),
        ("B", "pending", ""),
    ]
