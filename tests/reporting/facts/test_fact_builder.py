from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from reporting.facts.fact_builder import RULES, FactBuilder, LeadOutcome, LeadParts, LeadScore, micros, ppm
from store.timestamps import stamp
from tests.store.fact_rows import fact

AT = datetime(2026, 11, 1, 10, tzinfo=UTC)
NOW = datetime(2026, 11, 20, tzinfo=UTC)
BUILDER = FactBuilder(UTC, 0.4, NOW, 365)
SCORE = LeadScore(0.25, 1_000.0, 200.0, 0.1, True, "3")
OLD = fact("A", AT)


def test_the_score_at_submit_and_the_time_of_the_mql_stay() -> None:
    first = BUILDER.build(OLD, LeadParts("A", at_submit=SCORE))
    assert (first["submit_win_ppm"], first["submit_value_micros"], first["mql_at"]) == (250_000, 200_000_000, stamp(AT))
    again = replace(SCORE, win_probability=0.9, mql=False)
    assert BUILDER.build(first, LeadParts("A", at_submit=again)) == first
    later = BUILDER.build(first, LeadParts("A", now=again))
    assert (later["submit_win_ppm"], later["win_ppm"], later["mql_at"]) == (250_000, 900_000, stamp(AT))


def test_a_closed_lead_has_no_predicted_value() -> None:
    scored = BUILDER.build(OLD, LeadParts("A", now=SCORE))
    assert scored["value_micros"] == 200_000_000
    won = BUILDER.build(scored, LeadParts("A", outcome=LeadOutcome(won_at=NOW, revenue=50.0, stage="Won")))
    assert (won["value_micros"], won["revenue_micros"], won["cost_micros"], won["stage"]) == (
        None,
        5 * 10**7,
        3 * 10**7,
        "Won",
    )
    assert BUILDER.build(won, LeadParts("A", now=SCORE))["value_micros"] is None


def test_a_lead_that_is_opened_again_loses_its_outcome() -> None:
    won = BUILDER.build(OLD, LeadParts("A", outcome=LeadOutcome(won_at=NOW, revenue=50.0)))
    opened = BUILDER.build(won, LeadParts("A", outcome=LeadOutcome()))
    assert (opened["won_at"], opened["revenue_micros"], opened["cost_micros"]) == (None, None, None)


def test_nothing_happens_before_the_submit() -> None:
    outcome = LeadOutcome(sql_at=AT - timedelta(days=1), won_at=AT - timedelta(hours=1), revenue=1.0)
    built = BUILDER.build(OLD, LeadParts("A", outcome=outcome))
    assert built["sql_at"] == built["won_at"] == OLD["submitted_at"]


def test_the_time_of_the_newest_part_moves_with_changes_only() -> None:
    assert BUILDER.build(OLD, LeadParts("A")) == OLD
    assert BUILDER.build(OLD, LeadParts("A", now=SCORE))["known_at"] == stamp(NOW)


@pytest.mark.parametrize(("value", "expected"), [(0.0, 0), (1.0000001, 1_000_000), (-1e-9, 0), (1 / 3, 333_333)])
def test_probabilities(value: float, expected: int) -> None:
    assert ppm(value) == expected


def test_money() -> None:
    assert micros(0.1 + 0.2) == 300_000


def test_a_model_replaces_what_the_rules_said() -> None:
    by_rules = BUILDER.build(OLD, LeadParts("A", at_submit=LeadScore(None, None, None, 0.7, False, RULES)))
    assert (by_rules["junk_ppm"], by_rules["model_version"], by_rules["mql_at"]) == (700_000, RULES, None)
    assert (by_rules["win_ppm"], by_rules["value_micros"], by_rules["submit_win_ppm"]) == (None, None, None)
    scored = BUILDER.build(by_rules, LeadParts("A", at_submit=SCORE))
    assert (scored["junk_ppm"], scored["submit_win_ppm"], scored["model_version"]) == (100_000, 250_000, "3")
    again = BUILDER.build(scored, LeadParts("A", at_submit=replace(SCORE, junk_probability=0.9)))
    assert again["junk_ppm"] == 100_000


def test_what_a_model_says_of_leads_it_was_trained_on_is_no_forecast() -> None:
    known = BUILDER.build(
        fact("B", NOW - timedelta(days=2)), LeadParts("B", at_submit=replace(SCORE, is_forecast=False))
    )
    assert (known["win_ppm"], known["value_micros"]) == (250_000, 200_000_000)
    assert (known["submit_win_ppm"], known["submit_value_micros"]) == (None, None)


def test_a_lead_past_the_horizon_has_no_value_left() -> None:
    at = NOW - timedelta(days=365)
    assert BUILDER.build(fact("B", at), LeadParts("B", at_submit=SCORE))["value_micros"] is None
    younger = BUILDER.build(fact("B", at + timedelta(hours=1)), LeadParts("B", at_submit=SCORE))
    assert younger["value_micros"] == 200_000_000
