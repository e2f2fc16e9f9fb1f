"""Labels use nothing that happened or became known after the snapshot."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.labels import data_end, label

START = datetime(2025, 1, 1, tzinfo=UTC)
HORIZON = 365

days = st.one_of(st.none(), st.integers(0, 900))
row = st.fixed_dictionaries(
    {
        "submitted": st.integers(0, 600),
        "won": days,
        "lost": days,
        "junk": days,
        "engaged": days,
        "known": days,
        "dated": st.booleans(),
        "revenue": st.one_of(st.none(), st.floats(0, 1e6)),
    }
)


def _at(day: float | None) -> pd.Timestamp:
    return pd.NaT if day is None else pd.Timestamp(START + timedelta(days=day))


def _tables(rows: list[dict]) -> tuple[pd.DataFrame, pd.DataFrame]:
    leads = pd.DataFrame({"lead_id": [str(i) for i in range(len(rows))]})
    leads["submitted_at"] = pd.Series([_at(r["submitted"]) for r in rows], dtype="datetime64[us, UTC]")
    outcomes = leads[["lead_id"]].copy()
    for fact in ("won", "lost", "junk", "engaged"):
        outcomes[fact] = [r[fact] is not None for r in rows]
        outcomes[f"{fact}_at"] = pd.Series(
            [_at(r[fact]) if r["dated"] else pd.NaT for r in rows], dtype="datetime64[us, UTC]"
        )
    outcomes["known_at"] = pd.Series([_at(r["known"]) for r in rows], dtype="datetime64[us, UTC]")
    outcomes["revenue"] = [r["revenue"] for r in rows]
    outcomes["revenue"] = outcomes["revenue"].astype("float64")
    return leads, outcomes


def _as_seen(rows: list[dict], snapshot: float) -> list[dict]:
    """Rewrite each row as an export of the snapshot would have shown it."""
    seen = []
    for r in rows:
        if r["submitted"] > snapshot:
            continue
        known = r["known"] if r["known"] is not None else r["submitted"] + HORIZON
        shown = dict(r, known=r["known"] if r["known"] is not None and r["known"] <= snapshot else None)
        for fact in ("won", "lost", "junk", "engaged"):
            moment = r[fact] if r["dated"] else known
            if r[fact] is not None and moment > snapshot:
                shown[fact] = None
        seen.append(shown)
    return seen


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(row, min_size=1, max_size=12), snapshot=st.integers(0, 950))
def test_a_later_fact_changes_nothing(rows: list[dict], snapshot: int) -> None:
    as_of = START + timedelta(days=snapshot)
    # a last lead, far later, keeps the end of the data after the snapshot in both worlds
    last = dict.fromkeys(("won", "lost", "junk", "engaged", "known", "revenue")) | {"submitted": 2000.0, "dated": True}
    full = label(*_tables([*rows, last]), as_of=as_of, horizon_days=HORIZON)
    cut = label(*_tables([*_as_seen(rows, snapshot), last]), as_of=as_of, horizon_days=HORIZON)
    full, cut = full.reset_index(drop=True), cut.reset_index(drop=True)
    pd.testing.assert_frame_equal(full, cut)


@pytest.mark.parametrize(
    ("facts", "state", "disposition"),
    [
        ({}, "open", "unknown"),
        ({"won": 10.0}, "won", "engaged"),
        ({"won": 400.0}, "lost", "unknown"),
        ({"lost": 10.0}, "lost", "unknown"),
        ({"lost": 10.0, "won": 20.0}, "won", "engaged"),
        ({"junk": 10.0}, "lost", "junk"),
        ({"junk": 10.0, "engaged": 5.0}, "lost", "engaged"),
        ({"engaged": 5.0}, "open", "engaged"),
    ],
)
def test_states(facts: dict, state: str, disposition: str) -> None:
    blank = dict.fromkeys(("won", "lost", "junk", "engaged", "known", "revenue")) | {"submitted": 0.0, "dated": True}
    as_of = START + timedelta(days=500 if facts.get("won") == 400.0 else 100)
    labels = label(*_tables([blank | facts]), as_of=as_of, horizon_days=HORIZON)
    assert labels["state"].item() == state
    assert labels["disposition"].item() == disposition


def test_open_past_the_horizon_is_lost() -> None:
    blank = dict.fromkeys(("won", "lost", "junk", "engaged", "known", "revenue")) | {"submitted": 0.0, "dated": True}
    labels = label(*_tables([blank]), as_of=START + timedelta(days=HORIZON), horizon_days=HORIZON)
    assert labels["state"].item() == "lost"


def test_without_any_date_every_outcome_is_final() -> None:
    leads = pd.DataFrame({"lead_id": ["a", "b"]})
    outcomes = pd.DataFrame({"lead_id": ["a"], "won": [True]})
    labels = label(leads, outcomes, as_of=None, horizon_days=HORIZON)
    assert labels["state"].tolist() == ["won", "lost"]
    assert labels["age_days"].isna().all()


def test_open_leads_of_an_undated_snapshot_are_not_losses_where_losses_are_recorded() -> None:
    leads = pd.DataFrame({"lead_id": ["a", "b", "c"]})
    outcomes = pd.DataFrame({"lead_id": ["a", "b"], "won": [True, False], "lost": [False, True]})
    labels = label(leads, outcomes, as_of=None, horizon_days=HORIZON)
    assert labels["state"].tolist() == ["won", "lost", "open"]


def test_a_win_before_its_submit_has_no_delay() -> None:
    blank = dict.fromkeys(("lost", "junk", "engaged", "known", "revenue")) | {"submitted": 50.0, "dated": True}
    labels = label(
        *_tables([blank | {"won": 49.5}, blank | {"won": 10.0}]),
        as_of=START + timedelta(days=100),
        horizon_days=HORIZON,
    )
    assert labels["state"].tolist() == ["won", "won"]
    assert labels["delay_days"].fillna(-1).tolist() == [0.0, -1.0]


def test_dates_without_a_time_are_the_middle_of_their_day() -> None:
    submitted = pd.to_datetime(["2026-01-01 18:00"] * 25, utc=True)
    leads = pd.DataFrame({"lead_id": [str(row) for row in range(25)], "submitted_at": submitted})
    days = pd.to_datetime("2026-01-01", utc=True) + pd.to_timedelta(np.arange(1, 26), unit="D")
    outcomes = pd.DataFrame({"lead_id": leads["lead_id"], "won": True, "won_at": days})
    labels = label(leads, outcomes, as_of=days[-1], horizon_days=HORIZON)
    expected = np.append(np.arange(1, 25) - 0.25, 24.25)  # never later than the snapshot
    np.testing.assert_allclose(labels["delay_days"], expected)
    timed = outcomes.assign(won_at=days + pd.to_timedelta(np.arange(25), unit="h"))
    labels = label(leads, timed, as_of=timed["won_at"].max(), horizon_days=HORIZON)
    np.testing.assert_allclose(labels["delay_days"], np.arange(1, 26) - 0.75 + np.arange(25) / 24)


@pytest.mark.parametrize("column", ["submitted_at", "won_at", "known_at"])
def test_a_mistyped_year_does_not_make_open_leads_old(column: str) -> None:
    now = pd.Timestamp.now("UTC")
    submitted = pd.date_range(now - pd.Timedelta(days=200), now - pd.Timedelta(days=5), periods=200)
    leads = pd.DataFrame({"lead_id": [str(number) for number in range(200)], "submitted_at": submitted})
    unknown = pd.Series(pd.NaT, index=leads.index, dtype="datetime64[us, UTC]")
    outcomes = leads[["lead_id"]].assign(won=False, won_at=unknown, known_at=unknown)
    expected = data_end(leads, outcomes)
    assert expected == submitted[-1]
    table = leads if column == "submitted_at" else outcomes
    table.loc[7, column] = now + pd.Timedelta(days=900)
    outcomes.loc[7, "won"] = True

    assert data_end(leads, outcomes) == expected
    labels = label(leads, outcomes, as_of=expected, horizon_days=HORIZON)
    assert labels["state"].value_counts()["open"] >= 199


def test_many_leads_of_the_future_mean_a_wrong_clock() -> None:
    submitted = pd.Timestamp.now("UTC") + pd.to_timedelta(np.arange(100) - 50, unit="D")
    leads = pd.DataFrame({"lead_id": [str(number) for number in range(100)], "submitted_at": submitted})
    assert data_end(leads, leads[["lead_id"]]) == submitted[-1]
