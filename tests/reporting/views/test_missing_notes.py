"""Reasons of figures that are withheld."""

from __future__ import annotations

import pytest

from reporting.metrics.registry import METRICS
from reporting.views.metric_inputs import OUTCOME_INPUTS, ScopeSums
from reporting.views.missing_notes import NOTES, missing_note

SPEND = {"converted_micros": 0, "impressions": 0, "clicks": 0, "searched_impressions": 0}


@pytest.mark.parametrize(
    ("metric", "sums", "text"),
    [
        ("raw_cpl", ScopeSums({"leads": 3}), "no spend for this period"),
        ("raw_cpl", ScopeSums({}, SPEND), "not enough data"),
        ("raw_cpl", ScopeSums({}, {**SPEND, "unconverted": 1}), "some spend is in a currency without a rate"),
        ("pipeline", ScopeSums(), "no outcomes yet"),
        ("revenue", ScopeSums(unknown=OUTCOME_INPUTS), "no outcomes yet"),
        ("mql_to_sql", ScopeSums(), "no leads that are old enough"),
        ("mql_to_sql", ScopeSums(further={"mature_mql": 0.0, "mature_sql": 0.0}), "no leads that are old enough"),
        ("untouched_mql", ScopeSums(), "no leads in this period"),
        ("match_rate_leads", ScopeSums(), "no leads in this period"),
        ("unassigned_share", ScopeSums(), "no leads in this period"),
        ("leads_per_quarter", ScopeSums(), "no leads in this period"),
        ("response_median", ScopeSums(), "no lead of this period has a response time"),
    ],
)
def test_the_reason_names_what_is_missing(metric: str, sums: ScopeSums, text: str) -> None:
    assert missing_note(METRICS[metric], sums).text == text


def test_each_noted_input_is_one_of_a_metric() -> None:
    inputs = {name for metric in METRICS.values() for name in metric.inputs}
    assert set(NOTES) <= inputs


def test_inputs_that_are_known_leave_the_wait_for_more_leads() -> None:
    metric = METRICS["velocity_mql_sql"]
    known = ScopeSums(further=dict.fromkeys(metric.inputs, 1))
    assert missing_note(metric, known).text == "fewer than half have come so far"


def test_an_imported_count_that_is_missing() -> None:
    assert missing_note(METRICS["email_open"], ScopeSums()).text.startswith("not imported for this period")
