"""What a source does not say is missing, not 0."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from datetime import date
from decimal import Decimal
from typing import get_args

import pytest

from reporting.imports.import_rows import METRIC_NAMES, ImportBatch, ImportKind, SpendRow, TrafficRow
from reporting.metrics.registry import METRICS

DAY = date(2026, 10, 1)
SPENT = SpendRow("meta", "act_1", "", "Brand", "", "", DAY, "EUR", Decimal("1.20"))


def test_counts_that_are_not_given_are_missing() -> None:
    assert (SPENT.impressions, SPENT.clicks, SPENT.invalid_clicks, SPENT.eligible_impressions) == (None,) * 4
    assert SPENT.eligible_is_bound is False
    visits = TrafficRow("1", DAY, "a", "b", "", "", "", None, sessions=2, engaged_sessions=1)
    assert (visits.users, visits.views, visits.session_seconds, visits.key_events) == (None,) * 4


def test_rows_are_values() -> None:
    assert SpendRow("meta", "act_1", "", "Brand", "", "", DAY, "EUR", Decimal("1.2")) == SPENT
    with pytest.raises(FrozenInstanceError):
        SPENT.clicks = 0  # type: ignore[misc]


def test_a_batch_sets_nothing_aside_and_states_no_total_by_default() -> None:
    batch = ImportBatch("spend", "meta", "act_1", "interface", "", DAY, DAY, [SPENT], rows_read=1)
    assert (batch.rows_set_aside, batch.source_total, batch.quality, batch.covers) == (0, None, "", ())


def test_names() -> None:
    assert set(get_args(ImportKind)) == {"spend", "traffic", "metrics", "queries"}
    assert len(set(METRIC_NAMES)) == len(METRIC_NAMES)
    email = METRICS["email_open"].inputs + METRICS["email_delivery"].inputs
    assert set(email) <= set(METRIC_NAMES)
