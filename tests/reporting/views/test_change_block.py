"""Why revenue changed: parts that add up, and no block without money or comparison."""

from __future__ import annotations

from pathlib import Path

import pytest

from reporting.views.change_block import change_block
from reporting.views.figure_texts import FigureMaker, PageReader
from reporting.views.metric_inputs import ScopeSums
from reporting.views.report_filters import ReportFilters
from tests.reporting.views.test_page_sums import made_sums

MAKE = FigureMaker(ReportFilters(), "EUR", PageReader())


def scope(leads: int, won: int, revenue: int) -> ScopeSums:
    return ScopeSums({"leads": leads, "won": won, "revenue_micros": revenue * 1_000_000})


def test_twice_the_leads_at_the_same_rate_is_volume_alone(tmp_path: Path) -> None:
    before, after = {"Email": scope(10, 2, 200)}, {"Email": scope(20, 4, 400), "Display": ScopeSums()}
    sums = made_sums(tmp_path, channels=after, channels_before=before, before=before["Email"])
    block = change_block(sums, MAKE)
    assert block is not None
    assert (block.before, block.after, block.currency) == (200.0, 400.0, "EUR")
    assert [part.amount for part in block.parts] == [200.0, 0.0, 0.0, 0.0]
    assert [name for name, _ in block.by_channel] == ["Email"]


def test_channels_stand_by_size_of_their_change_and_add_up(tmp_path: Path) -> None:
    before = {"Email": scope(10, 2, 200), "Display": scope(30, 3, 900)}
    after = {"Email": scope(12, 3, 330), "Display": scope(20, 1, 100), "Offline": scope(1, 1, 50)}
    sums = made_sums(tmp_path, channels=after, channels_before=before, before=ScopeSums())
    block = change_block(sums, MAKE)
    assert block is not None
    assert [name for name, _ in block.by_channel] == ["Display", "Email", "Offline"]
    assert [sum(part.amount for part in parts) for _, parts in block.by_channel] == pytest.approx([-800, 130, 50])
    assert sum(part.amount for part in block.parts) == pytest.approx(-620)


def test_no_block_without_money_comparison_or_revenue(tmp_path: Path) -> None:
    some = {"Email": scope(10, 2, 200)}
    sums = made_sums(tmp_path, channels=some, channels_before=some, before=some["Email"])
    assert change_block(sums, FigureMaker(ReportFilters(), "EUR", PageReader(money=False))) is None
    assert change_block(made_sums(tmp_path, channels=some), MAKE) is None
    none = {"Email": scope(10, 0, 0)}
    assert change_block(made_sums(tmp_path, channels=none, channels_before=none, before=ScopeSums()), MAKE) is None


def test_what_is_predicted_is_named_beside_what_is_seen(tmp_path: Path) -> None:
    before, after = scope(10, 2, 200), scope(20, 1, 100)
    young = ScopeSums({**after.leads, "open_value_micros": 900_000_000})
    sums = made_sums(tmp_path, channels={"Email": young}, channels_before={"Email": before}, total=young, before=before)
    block = change_block(sums, MAKE)
    assert block is not None
    assert block.note is not None
    assert block.note.values["amount"] == MAKE.money(900.0)
    old = made_sums(tmp_path, channels={"Email": after}, channels_before={"Email": before}, total=after, before=before)
    block = change_block(old, MAKE)
    assert block is not None
    assert block.note is None


def test_nothing_predicted_is_not_named(tmp_path: Path) -> None:
    before, after = scope(10, 2, 200), scope(20, 0, 0)
    sums = made_sums(tmp_path, channels={"Email": after}, channels_before={"Email": before}, total=after, before=before)
    block = change_block(sums, MAKE)
    assert block is not None
    assert block.note is None
