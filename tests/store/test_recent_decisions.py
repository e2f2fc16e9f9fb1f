"""Queries of monitoring on the decision log."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
from sqlalchemy import Engine

from store import decision_log, feedback
from store.engine import open_engine
from store.migrate import upgrade
from store.recent_decisions import first_decisions, labelled_decisions, smallest_propensity, vectors
from tests.store.rows import decision_row as row

NOW = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def filled(url: str) -> Engine:
    engine = open_engine(url)
    upgrade(engine)
    leads = [
        ("old", NOW - 9 * DAY, {}),
        ("A", NOW, {"would_be": "reject", "verdict": "accept", "propensity": 0.1, "channel": "search"}),
        ("A", NOW + DAY, {"would_be": "accept"}),
        ("B", NOW + DAY, {"verdict": "reject", "propensity": 0.5, "would_be": None}),
        ("C", NOW + DAY, {"verdict": "accept", "would_be": None}),
    ]
    with engine.begin() as connection:
        for number, (lead, at, values) in enumerate(leads):
            key = f"{int(at.timestamp() * 1e9):016x}{number:016x}"
            stamp = at.isoformat(timespec="microseconds")
            decision_log.insert(connection, [row(lead, decision_id=key, scored_at=stamp, **values)])
        feedback.give(connection, "A", "engaged", given_by="key", why=None)
        feedback.give(connection, "B", "engaged", given_by="key", why=None)
        feedback.give(connection, "B", "junk", given_by="key", why=None)
    return engine


def test_first_decision_of_each_lead_by_pages(store_url: str) -> None:
    engine = filled(store_url)
    with engine.connect() as connection:
        page = first_decisions(connection, NOW - DAY, "", NOW + 2 * DAY, 2)
        assert [lead.channel for lead in page] == ["search", ""]
        assert [lead.accepted for lead in page] == [False, False]
        assert page[0].seconds == NOW.timestamp()
        [last] = first_decisions(connection, NOW - DAY, page[-1].decision_id, NOW + 2 * DAY, 2)
        assert last.accepted
        assert first_decisions(connection, NOW - DAY, last.decision_id, NOW + 2 * DAY, 2) == []
        assert len(first_decisions(connection, NOW - DAY, "", NOW + DAY, 9)) == 1  # later ones are too new
    engine.dispose()


def test_labelled_leads_have_the_newest_label(store_url: str) -> None:
    engine = filled(store_url)
    with engine.connect() as connection:
        labelled = labelled_decisions(connection, NOW - DAY)
        assert labelled.lead_id == ["A", "B"]
        assert labelled.caught.tolist() == [True, True]
        assert labelled.propensity.tolist() == [0.1, 0.5]
        assert labelled.junk.tolist() == [False, True]
        assert smallest_propensity(connection, NOW - DAY) == 0.1
        assert smallest_propensity(connection, NOW + 2 * DAY) == 1.0
        assert labelled_decisions(connection, NOW + 2 * DAY).lead_id == []
    engine.dispose()


def test_features_of_the_newest_decisions_of_a_bundle(store_url: str) -> None:
    engine = open_engine(store_url)
    upgrade(engine)
    with engine.begin() as connection:
        for number, (lead, bundle, value) in enumerate((("A", "b", 1.0), ("B", "other", 2.0), ("C", "b", 3.0))):
            vector = np.array([value, np.nan]).tobytes()
            decision_log.insert(connection, [row(lead, decision_id=f"{number:032x}", bundle_id=bundle, vector=vector)])
        decided = vectors(connection, "b", 10)
        assert decided.lead_id == ["C", "A"]
        assert decided.matrix[:, 0].tolist() == [3.0, 1.0]
        assert np.isnan(decided.age_days).all()
        assert vectors(connection, "b", 2).lead_id == ["C"]  # the two newest are C and B
        assert vectors(connection, "b", 10, datetime.now(UTC) + timedelta(days=1)).matrix.shape == (0, 0)
    engine.dispose()
