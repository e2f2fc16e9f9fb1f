"""Recent decisions as arrays."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
from sqlalchemy import Connection

from store import decision_log, feedback
from store.recent_decisions import recent, vectors
from store.timestamps import stamp
from tests.store.rows import NOW, decision_row

DAY = timedelta(days=1)


def test_first_decision_of_each_lead_in_the_period(connection: Connection) -> None:
    decision_log.insert(
        connection,
        [
            decision_row("old", scored_at=stamp(NOW - 9 * DAY)),
            decision_row("A", scored_at=stamp(NOW), would_be="reject", propensity=0.1, channel="search"),
            decision_row("A", scored_at=stamp(NOW + DAY), would_be="accept"),
            decision_row("B", scored_at=stamp(NOW + DAY), verdict="reject"),
            decision_row("C", scored_at=stamp(NOW + DAY)),
        ],
    )
    feedback.give(connection, "A", "engaged", given_by="key", why=None)
    feedback.give(connection, "B", "junk", given_by="key", why=None)
    decisions = recent(connection, NOW - DAY)
    assert decisions.lead_id.tolist() == ["A", "B", "C"]
    assert decisions.seconds[0] == NOW.timestamp()
    assert decisions.channel.tolist() == ["search", "", ""]
    assert decisions.caught.tolist() == [True, True, False]
    assert decisions.propensity.tolist() == [0.1, 1.0, 1.0]
    assert decisions.labelled.tolist() == [True, True, False]
    assert decisions.junk.tolist() == [False, True, False]


def test_period_without_decisions(connection: Connection) -> None:
    assert len(recent(connection, NOW).lead_id) == 0


def test_features_of_the_newest_decisions_of_a_bundle(connection: Connection) -> None:
    rows = [
        decision_row(lead, bundle_id=bundle, vector=np.array([value, np.nan]).tobytes())
        for lead, bundle, value in (("A", "b", 1.0), ("B", "other", 2.0), ("C", "b", 3.0))
    ]
    decision_log.insert(connection, [*rows, decision_row("D", bundle_id="b")])
    matrix, leads = vectors(connection, "b", 10)
    assert leads == ["C", "A"]
    assert matrix[:, 0].tolist() == [3.0, 1.0]
    assert vectors(connection, "b", 1)[1] == ["C"]
