"""Alarms of the page that need no store: leads that wait for sales."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from reporting.page.page_model import Quantity, Unit
from reporting.statistics.response_times import response_times_of_bins
from reporting.views.cohorts import CohortHistory
from reporting.views.figure_texts import FigureMaker, PageReader
from reporting.views.hand_over import HandOverData
from reporting.views.page_alarms import _waiting
from reporting.views.report_filters import ReportFilters
from store.report_queries import LEAD_SUMS

MAKE = FigureMaker(ReportFilters(), "EUR", PageReader())
OPEN = {**dict.fromkeys(LEAD_SUMS, 0), "open_value_micros": 600_000_000}
HISTORY = CohortHistory({(date(2026, 10, 1), "Email"): OPEN}, date(2026, 11, 28), 365)
DATA = HandOverData(True, response_times_of_bins({}, {}), {}, {}, "business", 9, 300_000_000, np.empty((5, 0)), 0, 0)


def test_mqls_that_wait_and_hold_half_of_the_value_are_an_alarm() -> None:
    [alarm] = _waiting(HISTORY, DATA, MAKE)
    assert alarm.detail.values == {"count": Quantity(9), "share": Quantity(0.5, Unit.SHARE)}
    assert alarm.figure is not None
    assert alarm.figure.quantity == Quantity(300.0, Unit.MONEY, "EUR")
    [hidden] = _waiting(HISTORY, DATA, replace(MAKE, reader=PageReader(money=False)))
    assert hidden.figure is None


@pytest.mark.parametrize("data", [replace(DATA, untouched_micros=299_000_000), replace(DATA, has_contacts=False)])
def test_less_or_unknown_contacts_are_none(data: HandOverData) -> None:
    assert _waiting(HISTORY, data, MAKE) == []
    assert _waiting(replace(HISTORY, cells={}), DATA, MAKE) == []
