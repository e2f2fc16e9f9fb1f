"""A table is counted as lead by lead."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features import event_log, velocity_table
from features.velocity_keys import FIELDS, KINDS
from features.velocity_table import VelocityTable, with_columns
from tests.features.velocity_leads import LEADS, VelocityLead, defined_counts


def arrays(leads: list[VelocityLead]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return (
        np.array([lead.at for lead in leads], dtype=np.int64),
        np.array([lead.keys.person for lead in leads], dtype=np.int64),
        np.array([lead.keys.of for lead in leads], dtype=np.int64).reshape(-1, len(KINDS)),
    )


def table_of(leads: list[VelocityLead]) -> VelocityTable:
    table = VelocityTable()
    table._append(*arrays(leads))
    table._leads = len(leads)
    table._parts = 1
    return table


@given(leads=LEADS, known=LEADS, split=st.booleans())
@settings(max_examples=80)
def test_counts_are_those_of_the_definition(leads: list[VelocityLead], known: list[VelocityLead], split: bool) -> None:
    table = table_of(leads)
    for part in (known[::2], known[1::2]) if split else (known,):
        table.add_known(*arrays(part))
    columns = table.counts().columns(0, len(leads))
    for row, lead in enumerate(leads):
        expected = defined_counts(lead, [*leads, *known])
        assert repr({name: float(columns[name][row]) for name in expected}) == repr(expected)


def test_a_small_log_gives_the_same_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    at = pd.to_datetime(rng.integers(0, 200 * 86_400, 4_000), unit="s", utc=True)
    ids = pd.Series([str(number) for number in range(4_000)])
    leads = pd.DataFrame({"lead_id": ids, "submitted_at": at, "ip": "10.0.0.1", "email": ids + "@acme.example"})
    large = VelocityTable()
    large.add(leads)
    whole = large.counts().columns(0, len(leads))
    monkeypatch.setattr(velocity_table, "EventLog", lambda kept, room: event_log.EventLog(kept, 1))
    small = VelocityTable()
    small.add(leads.iloc[:1_000])
    small.add(leads.iloc[1_000:])
    counts = small.counts()
    for name in FIELDS:
        parts = [counts.columns(0, 1_500)[name], counts.columns(1_500, 4_000)[name]]
        np.testing.assert_array_equal(np.concatenate(parts), whole[name])
    assert whole["recent_ip_30d"].max() > 400


def test_sightings_of_the_store_make_a_domain_older() -> None:
    leads = pd.DataFrame({"lead_id": ["1"], "email": ["a@acme.example"]})
    leads["submitted_at"] = pd.to_datetime(["2026-03-01"], utc=True)
    table = VelocityTable()
    table.add(leads)
    [(times, _, keys)] = table.events(0)
    table.add_sightings(keys[:, KINDS.index("domain")], times - 5 * 86_400_000_000)
    assert table.counts().columns(0, 1)["domain_age_days"].tolist() == [5.0]


def test_leads_without_a_time_have_no_counts_and_no_events() -> None:
    leads = pd.DataFrame({"lead_id": ["1", "2"], "ip": ["10.0.0.1", "10.0.0.1"]})
    leads["submitted_at"] = pd.to_datetime([None, "2026-03-01"], utc=True)
    table = VelocityTable()
    table.add(leads)
    assert sum(len(times) for times, _, _ in table.events(-(2**63))) == 1
    np.testing.assert_array_equal(table.counts().columns(0, 2)["recent_ip_10m"], [np.nan, 0.0])
    undated = VelocityTable()
    undated.add(leads.drop(columns="submitted_at"))
    assert undated.span() is None


def test_leads_come_before_known_events() -> None:
    table = VelocityTable()
    table.add_known(*arrays([]))
    with pytest.raises(RuntimeError, match="before the events"):
        table.add(pd.DataFrame({"lead_id": ["1"]}))


def test_columns_that_a_table_has_stay() -> None:
    leads = pd.DataFrame({"recent_ip_10m": [7.0]})
    counted = with_columns(leads, {"recent_ip_10m": np.array([1.0]), "recent_ip_24h": np.array([2.0])})
    assert counted.to_dict("list") == {"recent_ip_10m": [7.0], "recent_ip_24h": [2.0]}
