"""Velocity counts of a history, and near-duplicate messages."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from features.velocity_counter import VelocityCounter
from features.velocity_keys import SECRET_PURPOSE, keys_of, micros
from leadworth.key_derivation import key_for
from leadworth.settings import Settings
from leadworth.velocity_retention import KEPT_DAYS, REMEMBERED_DAYS
from store import velocity_events
from store.engine import open_store
from tests.features.leads import payloads
from training.velocity_backfill import fill_store, near_duplicates, with_velocity


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


@settings(max_examples=100)
@given(rows=st.lists(payloads(), min_size=1, max_size=4))
def test_any_payload_is_counted_online_and_in_training(rows: list[str]) -> None:
    at = pd.to_datetime(np.arange(len(rows)) * 60, unit="s", utc=True)
    table = pd.DataFrame({"lead_id": [str(row) for row in range(len(rows))], "submitted_at": at, "lw_data": rows})
    trained = with_velocity(table)
    counter = VelocityCounter()
    for row, text in enumerate(rows):
        found = counter.observe(keys_of({"lead_id": str(row), "lw_data": text}), 60_000_000 * row)
        expected = trained["recent_behaviour_24h"][row] if "recent_behaviour_24h" in trained else np.nan
        np.testing.assert_equal(found["recent_behaviour_24h"], expected)


def test_the_store_is_filled_with_the_latest_leads(tmp_path: Path, store_url: str) -> None:
    config = Settings(currency="EUR", leads={}, serving={"store": store_url}, folder=tmp_path)
    days = pd.to_datetime("2026-01-01", utc=True) + pd.to_timedelta(np.arange(400), unit="D")
    leads = pd.DataFrame({"lead_id": [str(day) for day in range(400)], "submitted_at": days})
    leads["email"] = "lead" + leads["lead_id"] + "@acme.example"
    fill_store(leads, config)
    fill_store(leads, config)
    with open_store(config) as engine, engine.connect() as connection:
        rows = velocity_events.after(connection, 0)
        domains, times = velocity_events.sightings(connection)
    assert len(rows) == KEPT_DAYS
    assert len(set(domains.tolist())) == 1
    assert rows.times.min() - times.min() == REMEMBERED_DAYS * 86_400_000_000
    fill_store(leads.drop(columns="submitted_at"), config)


def test_training_counts_are_those_of_the_service_after_it(tmp_path: Path) -> None:
    """A service that starts on the filled store counts the leads of the history as training did."""
    config = Settings(currency="EUR", leads={}, serving={"store": f"sqlite:///{tmp_path}/s.db"}, folder=tmp_path)
    rng = np.random.default_rng(3)
    at = pd.to_datetime("2026-01-01", utc=True) + pd.to_timedelta(rng.integers(0, 300 * 1_440, 600), unit="min")
    leads = pd.DataFrame({"lead_id": [str(row) for row in range(600)], "submitted_at": at})
    leads["email"] = [f"p{rng.integers(200)}@d{rng.integers(9)}.example" for _ in range(600)]
    leads["ip"] = [f"10.0.{rng.integers(3)}.{rng.integers(9)}" for _ in range(600)]
    trained = with_velocity(leads)
    fill_store(leads, config)
    counter = VelocityCounter()
    with open_store(config) as engine, engine.connect() as connection:
        rows = velocity_events.after(connection, 0)
        counter.add(rows.times, rows.persons, rows.keys)
        counter.add_sightings(*velocity_events.sightings(connection))
    secret = key_for(config, SECRET_PURPOSE)
    late = np.flatnonzero(at > at.max() - pd.Timedelta(days=59))
    assert len(late) > 50
    for row in late.tolist():
        found = counter.observe(keys_of(leads.iloc[row].to_dict(), secret), micros(at[row].to_pydatetime()))
        for name in ("recent_ip_10m", "recent_ip_30d", "recent_net_24h", "recent_domain_30d", "domain_age_days"):
            assert found[name] == trained[name][row], name
