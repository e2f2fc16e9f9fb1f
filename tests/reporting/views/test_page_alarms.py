"""Alarms of the page that need no store: leads that wait for sales."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from reporting.page.page_model import Quantity, Unit
from reporting.statistics.response_times import response_times_of_bins
from reporting.views.figure_texts import FigureMaker, PageReader
from reporting.views.hand_over import HandOverData
from reporting.views.metric_inputs import ScopeSums
from reporting.views.page_alarms import _waiting
from reporting.views.page_sums import PageSums
from reporting.views.report_filters import ReportFilters
from tests.reporting.views.test_page_sums import made_sums

MAKE = FigureMaker(ReportFilters(), "EUR", PageReader())
DATA = HandOverData(
    True, response_times_of_bins({}, {}), {}, {}, "business", 9, 450_000_000, 300_000_000, np.empty((5, 0)), 0, 0
)


def sums_of(folder: Path, open_micros: int = 600_000_000) -> PageSums:
    return made_sums(folder, total=ScopeSums({"leads": 20, "open_value_micros": open_micros}))


def test_mqls_that_wait_and_hold_half_of_the_value_of_the_period_are_an_alarm(tmp_path: Path) -> None:
    [alarm] = _waiting(sums_of(tmp_path), DATA, MAKE)
    assert alarm.detail.values == {"count": Quantity(9), "share": Quantity(0.5, Unit.SHARE)}
    assert alarm.figure is not None
    assert alarm.figure.quantity == Quantity(450.0, Unit.MONEY, "EUR")
    [hidden] = _waiting(sums_of(tmp_path), DATA, replace(MAKE, reader=PageReader(money=False)))
    assert hidden.figure is None


@pytest.mark.parametrize("data", [replace(DATA, of_period_micros=299_000_000), replace(DATA, has_contacts=False)])
def test_less_or_unknown_contacts_are_none(tmp_path: Path, data: HandOverData) -> None:
    assert _waiting(sums_of(tmp_path), data, MAKE) == []
    assert _waiting(sums_of(tmp_path, 0), DATA, MAKE) == []
