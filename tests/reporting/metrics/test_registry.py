"""Every metric of the registry computes its worked example, names its inputs and is defined for any sums."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadworth.errors import ConfigurationError
from reporting.metrics.definition import define
from reporting.metrics.metric import Kind, Metric
from reporting.metrics.registry import METRICS, declared_metrics
from reporting.page.page_model import Message, Unit
from tests.reporting.metrics.input_words import INPUT_WORDS

each_metric = pytest.mark.parametrize("metric", METRICS.values(), ids=METRICS.keys())
amounts = st.one_of(st.just(0.0), st.integers(0, 10**9), st.floats(-1e12, 1e12, allow_nan=False))
bins = st.dictionaries(st.integers(-60, 250), st.integers(0, 1_000), max_size=12)
waits = st.lists(st.tuples(st.floats(0.0, 4_000.0), st.booleans()), max_size=30)

CONTRACT = """impressions clicks sessions engaged_sessions bounce_rate pages_per_session session_length impression_share
organic_traffic_value leads leads_per_quarter genuine_leads visits_per_lead traffic_to_lead raw_cpl genuine_cpl
value_per_lead value_per_visit lead_to_opportunity lead_to_win mql sql mql_to_sql cost_per_mql cost_per_sql pipeline
weighted_pipeline win_rate_closed win_rate_cohort wins revenue sales_growth margin profit cac cac_calendar clv_revenue
clv_margin clv_discounted ltv_cac payback_months churn roi_gross_profit roi_clv roi_revenue return_on_marketing
target_revenue email_delivery email_open email_unsubscribe email_click email_mql email_conversion webinar_attendance
event_attendance downloads social_engagement sign_ups log_ins response_median response_within_5 untouched_mql
velocity_mql_sql velocity_sql_quote velocity_quote_close match_rate_spend match_rate_leads junk_share
unassigned_share"""


def drawn_inputs(data: st.DataObject, metric: Metric) -> dict[str, Any]:
    inputs: dict[str, Any] = {}
    for name, example in metric.example[0].items():
        if isinstance(example, Mapping):
            inputs[name] = data.draw(bins)
        elif name.endswith("_days"):
            drawn = data.draw(waits)
            inputs[name] = [days for days, _ in drawn]
            inputs[name.replace("_days", "_reached")] = [reached for _, reached in drawn]
        elif not name.endswith("_reached"):
            inputs[name] = data.draw(amounts)
    return inputs


@each_metric
def test_the_worked_example_of_the_specification(metric: Metric) -> None:
    inputs, expected = metric.example
    assert metric.compute(**inputs) == pytest.approx(expected, rel=1e-6)
    assert set(inputs) == set(metric.inputs)


@each_metric
def test_the_formula_names_every_input(metric: Metric) -> None:
    assert [name for name in metric.inputs if INPUT_WORDS[name] not in metric.formula.text] == []
    assert not metric.formula.values
    assert not metric.title.values


@each_metric
@given(data=st.data())
def test_any_sums_give_a_finite_number_or_none(metric: Metric, data: st.DataObject) -> None:
    result = metric.compute(**drawn_inputs(data, metric))
    assert result is None or math.isfinite(result)


@each_metric
def test_nothing_at_all_gives_no_infinite_number(metric: Metric) -> None:
    nothing = {name: type(value)() for name, value in metric.example[0].items()}
    result = metric.compute(**nothing)
    assert result is None or result == 0
    if "/" in metric.formula.text and metric.unit in {Unit.SHARE, Unit.RATIO, Unit.CHANGE, Unit.SECONDS}:
        assert result is None


@each_metric
def test_a_missing_input_is_not_a_zero(metric: Metric) -> None:
    inputs = dict(metric.example[0])
    for name in inputs:
        assert metric.compute(**{**inputs, name: None}) is None


def test_every_name_that_the_parts_of_the_report_use_is_registered() -> None:
    assert set(CONTRACT.split()) - set(METRICS) == set()


def test_every_word_of_an_input_is_used() -> None:
    used = {name for metric in METRICS.values() for name in metric.inputs}
    assert set(INPUT_WORDS) == used


def test_form_fills_are_no_quality_figure_and_likes_are_off() -> None:
    assert not METRICS["leads"].is_quality
    assert not METRICS["raw_cpl"].is_quality
    assert METRICS["genuine_cpl"].is_quality
    assert {name for name, metric in METRICS.items() if metric.is_vanity} == {"inbound_links", "social_likes"}


def test_two_metrics_with_one_name_are_refused() -> None:
    def declare() -> Metric:
        @define(Message("Visits"), Kind.LEADING, Unit.COUNT, Message("visits"), ({"sessions": 1}, 1))
        def visits(sessions: int) -> float:
            return sessions

        return visits

    modules = [ModuleType("one"), ModuleType("two")]
    for module in modules:
        module.visits = declare()  # type: ignore[attr-defined]
    with pytest.raises(ConfigurationError, match="visits"):
        declared_metrics(modules)


@pytest.mark.parametrize(("share", "leads", "junk"), [(0.45, 300, 135)])
def test_a_cost_per_lead_without_junk_is_higher(share: float, leads: int, junk: int) -> None:
    genuine = junk * 0.1 + (leads - junk) * 0.98
    raw = METRICS["raw_cpl"].compute(spend=9_000.0, leads=leads)
    assert METRICS["genuine_cpl"].compute(spend=9_000.0, genuine=genuine) == pytest.approx(51.37, abs=0.005)
    assert raw == 30.0
    assert junk / leads == share
