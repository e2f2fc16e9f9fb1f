"""Counts bucket by bucket from files are those of one table, in every column."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from features.velocity_keys import DOMAIN, FIELDS, KINDS
from features.velocity_table import LeadKeys, VelocityTable, joined_keys, lead_keys
from serving.batch import velocity_files
from serving.batch.velocity_files import VelocityFiles, bucket_count, read_counts, write_events

DAY = 86_400_000_000


def leads_of(rows: int, seed: int) -> LeadKeys:
    """Keys of leads of few senders, some without a time, an address or any key."""
    rng = np.random.default_rng(seed)
    at = pd.to_datetime(rng.integers(0, 60 * 1_440, rows), unit="m", utc=True).to_series(index=range(rows))
    email = pd.Series([f"p{rng.integers(99)}@d{rng.integers(30)}.example" for _ in range(rows)])
    ip = pd.Series([f"10.0.{rng.integers(3)}.{rng.integers(9)}" for _ in range(rows)])
    missing = rng.random((3, rows)) < 0.1
    table = {"lead_id": pd.Series(map(str, range(rows))), "submitted_at": at.mask(missing[0])}
    table |= {"email": email.mask(missing[1]), "ip": ip.mask(missing[2])}
    return lead_keys(pd.DataFrame(table), b"secret")


def files_of(parts: list[LeadKeys], folder: Path, buckets: int) -> VelocityFiles:
    paths = [folder / f"{number}.events" for number in range(len(parts))]
    for path, part in zip(paths, parts, strict=True):
        write_events(path, part, buckets)
    return VelocityFiles(paths, buckets, folder)


@pytest.mark.parametrize("buckets", [1, 4])
def test_counts_are_those_of_one_table(tmp_path: Path, buckets: int) -> None:
    parts = [leads_of(300, 1), leads_of(0, 2), leads_of(200, 3)]
    known = [leads_of(150, 4), leads_of(50, 5)]
    domains = known[0].keys[:, DOMAIN]
    table, files = VelocityTable(), files_of(parts, tmp_path, buckets)
    for part in parts:
        table.add_keys(part)
    for events in (table, files):
        for part in known:
            events.add_known(*part)
        events.add_sightings(domains[domains != 0], np.full(np.count_nonzero(domains), -40 * DAY))
    paths = [tmp_path / f"{number}.counts" for number in range(len(parts))]
    files.write_counts(paths)
    expected = table.counts().columns(0, 500)
    counts = [read_counts(path) for path in paths]
    assert [*map(len, counts)] == [300, 0, 200]
    for name in FIELDS:
        got = np.concatenate([part.columns(0, len(part))[name] for part in counts])
        np.testing.assert_array_equal(got, expected[name])
    assert np.nanmax(expected["recent_ip_30d"]) > 5
    assert np.nanmax(expected["domain_age_days"]) > 40


def test_span_and_events_are_those_of_one_table(tmp_path: Path) -> None:
    parts = [leads_of(80, 6), leads_of(40, 7)]
    table, files = VelocityTable(), files_of(parts, tmp_path, 3)
    for part in parts:
        table.add_keys(part)
    assert files.span() == table.span()
    assert files.span(20 * DAY) == table.span(20 * DAY)
    assert files.span(-1) is None
    for got, expected in zip(files.events(10 * DAY), table.events(10 * DAY), strict=True):
        for values, wanted in zip(got, expected, strict=True):
            np.testing.assert_array_equal(values, wanted)


def test_leads_without_keys_have_no_counts(tmp_path: Path) -> None:
    nothing = joined_keys([])
    assert nothing.keys.shape == (0, len(KINDS))
    files = files_of([nothing], tmp_path, 1)
    assert files.span() is None
    files.write_counts([tmp_path / "counts"])
    assert len(read_counts(tmp_path / "counts")) == 0


def test_buckets_grow_with_the_leads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(velocity_files, "BUCKET_ROWS", 100)
    assert [bucket_count(rows) for rows in (0, 1, 100, 101, 1_000)] == [1, 1, 1, 2, 10]
