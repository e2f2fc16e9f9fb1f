"""Exports of ad platforms and GA4 have the notation of each, and the sums of the simulation."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from simulation import simulate
from simulation.platform_exports import campaign_id, write_exports


def _rows(path: Path, encoding: str, skip: int, delimiter: str = ",") -> list[dict[str, str]]:
    lines = path.read_text(encoding=encoding).splitlines()[skip:]
    return list(csv.DictReader(lines, delimiter=delimiter))


def test_the_exports_have_the_sums_of_the_simulation(tmp_path: Path) -> None:
    world = simulate(leads=1_500, months=8)
    counts = write_exports(world, tmp_path)
    cost = world.spend.groupby(world.spend["channel"].map(lambda name: world.parameters.channels[name].platform))[
        "cost"
    ].sum()
    google = _rows(tmp_path / "google-ads.csv", "utf-16", 2, "\t")
    assert len(google) == counts["google-ads.csv"] + 1
    *days, total = google
    assert total["Day"] == "Total: Account"
    summed = sum(float(row["Cost"].replace(",", "")) for row in days)
    assert summed == pytest.approx(cost["google"])
    assert float(total["Cost"].replace(",", "")) == pytest.approx(summed)
    meta = _rows(tmp_path / "meta-ads.csv", "utf-8-sig", 0)
    assert sum(float(row["Amount spent (EUR)"]) for row in meta) == pytest.approx(cost["meta"])
    linkedin = _rows(tmp_path / "linkedin-ads.csv", "utf-8", 0)
    assert sum(float(row["Total Spent"]) for row in linkedin) == pytest.approx(cost["linkedin"])
    sessions = _rows(tmp_path / "ga4.csv", "utf-8", 5)
    assert sum(int(row["Sessions"]) for row in sessions) == world.sessions["sessions"].sum()


def test_campaign_ids_are_those_of_the_platform() -> None:
    assert campaign_id("google", "brand") != campaign_id("meta", "brand")
    assert campaign_id("google", "brand").isdecimal()


def test_a_world_without_costs_has_no_files(tmp_path: Path) -> None:
    world = simulate("no-back-end-data", leads=300, months=4, changes={"channels": {}})
    free = world.spend.iloc[:0]
    object.__setattr__(world, "spend", free)
    object.__setattr__(world, "sessions", world.sessions.iloc[:0])
    assert write_exports(world, tmp_path) == {}


def test_scenarios_of_the_report_name_sources_as_links_do() -> None:
    assert set(simulate("cheap-lead-poor-return", leads=200, months=3).leads["Lead Source"].dropna()) <= {
        "google",
        "facebook",
    }
