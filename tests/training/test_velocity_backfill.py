"""Velocity counts of a history, and near-duplicate messages."""

from __future__ import annotations

import numpy as np
import pandas as pd

from training.velocity_backfill import near_duplicates, with_velocity


def _leads(times: list[str | None]) -> pd.DataFrame:
    leads = pd.DataFrame({"lead_id": [str(row) for row in range(len(times))], "ip": "10.0.0.1"}, dtype="str")
    leads["submitted_at"] = pd.to_datetime(pd.Series(times), utc=True)
    return leads


def test_only_earlier_leads_are_counted() -> None:
    leads = with_velocity(_leads(["2026-01-01 00:02", "2026-01-01 00:00", None, "2026-01-01 00:01"]))
    np.testing.assert_array_equal(leads["recent_ip_10m"], [2.0, 0.0, np.nan, 1.0])


def test_stored_velocity_columns_stay() -> None:
    leads = _leads(["2026-01-01 00:00", "2026-01-01 00:01"]).assign(recent_ip_10m=[7.0, 8.0])
    assert with_velocity(leads)["recent_ip_10m"].tolist() == [7.0, 8.0]
    undated = _leads([None, None])
    assert with_velocity(undated) is undated


def test_near_duplicates_share_a_number() -> None:
    text = "We would like a demo of your product for our sales team of about forty people next week"
    leads = pd.DataFrame({"message": [text, "Please call me about the invoice of last month", text + "!", None]})
    groups = near_duplicates(leads)
    assert groups[0] == groups[2]
    assert len(set(groups)) == 3
    assert len(set(near_duplicates(leads.drop(columns="message")))) == 4
