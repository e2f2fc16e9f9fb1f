"""Velocity counts of a file: its leads and the store, whatever the order of the rows."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from features.feature_spec import FeatureSpec
from features.lead_cells import fit_spec
from leadworth.settings import Settings
from serving.batch.file_velocity import count_file
from store import velocity_events
from store.engine import open_store
from training.velocity_backfill import fill_store, with_velocity

COLUMNS = {"email": "email", "ip": "ip"}


def made_up_leads(rows: int, seed: int, prefix: str = "") -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    minutes = rng.integers(0, 60 * 1_440, rows)
    return pd.DataFrame(
        {
            "lead_id": [f"{prefix}{row}" for row in range(rows)],
            "submitted_at": pd.Timestamp("2026-01-01", tz="UTC") + pd.to_timedelta(minutes, unit="min"),
            "email": [f"p{rng.integers(99)}@d{rng.integers(9)}.example" for _ in range(rows)],
            "ip": [f"10.0.0.{rng.integers(4)}" for _ in range(rows)],
        }
    )


def settings_in(folder: Path, store: str, **columns: str) -> Settings:
    leads = {"submitted_at": "submitted_at", "columns": {**COLUMNS, **columns}}
    return Settings(currency="EUR", leads=leads, serving={"store": store}, folder=folder)


@pytest.fixture(scope="module")
def spec() -> FeatureSpec:
    """Features of leads with velocity."""
    return fit_spec(with_velocity(made_up_leads(200, seed=1)), {})


def written(leads: pd.DataFrame, folder: Path) -> Path:
    leads.to_csv(folder / "leads.csv", index=False)
    return folder / "leads.csv"


def events(settings: Settings) -> int:
    with open_store(settings) as engine, engine.connect() as connection:
        return len(velocity_events.after(connection, 0))


def test_counts_are_those_of_the_file_and_the_store_together(tmp_path: Path, store_url: str, spec: FeatureSpec) -> None:
    settings = settings_in(tmp_path, store_url)
    earlier, leads = made_up_leads(150, seed=2, prefix="H"), made_up_leads(150, seed=3)
    fill_store(earlier, settings)
    expected = with_velocity(pd.concat([earlier, leads], ignore_index=True)).iloc[150:]
    for _ in range(2):  # the second time, the store has the leads of the file
        velocity = count_file(written(leads, tmp_path), settings, spec, write=True)
        assert velocity.counts is not None
        assert velocity.warnings == ()
        columns = velocity.counts.columns(0, 150)
        for name in ("recent_ip_10m", "recent_ip_30d", "recent_net_24h", "recent_domain_30d", "domain_age_days"):
            np.testing.assert_array_equal(columns[name], expected[name])
    assert events(settings) == 300


def test_only_leads_within_the_retention_are_written(tmp_path: Path, store_url: str, spec: FeatureSpec) -> None:
    settings = settings_in(tmp_path, store_url)
    leads = made_up_leads(50, seed=4)
    leads.loc[:9, "submitted_at"] -= pd.Timedelta(days=400)
    leads.loc[10:14, "submitted_at"] = datetime(2199, 1, 1, tzinfo=UTC)
    assert count_file(written(leads, tmp_path), settings, spec, write=True).counts is not None
    assert events(settings) == 35


def test_without_writing_a_store_is_neither_made_nor_changed(tmp_path: Path, spec: FeatureSpec) -> None:
    settings = settings_in(tmp_path, f"sqlite:///{tmp_path}/s.db")
    leads = made_up_leads(50, seed=5)
    velocity = count_file(written(leads, tmp_path), settings, spec, write=False)
    assert velocity.counts is not None
    np.testing.assert_array_equal(
        velocity.counts.columns(0, 50)["recent_ip_30d"], with_velocity(leads)["recent_ip_30d"]
    )
    assert not (tmp_path / "s.db").exists()


def test_without_a_store_the_file_is_counted_alone_with_a_warning(tmp_path: Path, spec: FeatureSpec) -> None:
    settings = settings_in(tmp_path, "postgresql://nobody@127.0.0.1:1/none")
    leads = made_up_leads(50, seed=6)
    velocity = count_file(written(leads, tmp_path), settings, spec, write=True)
    assert velocity.counts is not None
    np.testing.assert_array_equal(
        velocity.counts.columns(0, 50)["recent_ip_30d"], with_velocity(leads)["recent_ip_30d"]
    )
    [warning] = velocity.warnings
    assert "those of the file alone" in warning
    assert "nobody" not in warning


def test_a_file_without_times_is_named(tmp_path: Path, spec: FeatureSpec) -> None:
    settings = settings_in(tmp_path, f"sqlite:///{tmp_path}/s.db")
    path = written(made_up_leads(5, seed=7).drop(columns="submitted_at"), tmp_path)
    velocity = count_file(path, settings, spec, write=True)
    assert velocity.counts is None
    assert "needs velocity" in velocity.warnings[0]


def test_a_model_without_velocity_reads_the_file_once(tmp_path: Path) -> None:
    blind = fit_spec(made_up_leads(200, seed=1), {})
    assert blind.needs == {"lead"}
    velocity = count_file(tmp_path / "absent.csv", settings_in(tmp_path, "sqlite://"), blind, write=True)
    assert (velocity.counts, velocity.warnings) == (None, ())


def test_rejected_rows_do_not_shift_the_counts(tmp_path: Path, spec: FeatureSpec) -> None:
    settings = settings_in(tmp_path, f"sqlite:///{tmp_path}/s.db")
    leads = made_up_leads(60, seed=8)
    expected = with_velocity(leads)["recent_ip_30d"].to_numpy()
    table = leads.astype({"submitted_at": "str"})
    table.insert(0, "row", range(60))
    bad = table.iloc[[3, 30]].assign(submitted_at="no date", row=[3.5, 30.5])
    table = pd.concat([table, bad]).sort_values("row").drop(columns="row")
    velocity = count_file(written(table, tmp_path), settings, spec, write=True)
    assert velocity.counts is not None
    np.testing.assert_array_equal(velocity.counts.columns(0, 60)["recent_ip_30d"], expected)
