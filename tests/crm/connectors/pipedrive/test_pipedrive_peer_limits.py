"""Limits of the local Pipedrive account."""

from __future__ import annotations

import pytest

from crm.connectors.pipedrive.pipedrive_peer_limits import PipedriveLimits, PipedrivePeerError, TokenBudget


def refused(budget: TokenBudget, tokens: int = 1) -> int:
    with pytest.raises(PipedrivePeerError) as caught:
        budget.take(tokens)
    return caught.value.status


def test_the_end_of_the_day_is_told_even_where_headers_are_left_out() -> None:
    budget = TokenBudget(PipedriveLimits(daily=20, names_day=False))
    budget.take(10)
    assert "x-daily-ratelimit-token-remaining" not in budget.headers(200)
    assert refused(budget, 20) == 429
    assert budget.headers(429)["x-daily-ratelimit-token-remaining"] == "0"
    assert budget.spent == 10


def test_a_burst_is_refused_with_or_without_a_wait_and_then_the_address_is_blocked() -> None:
    limits = PipedriveLimits(burst=2, patience=3)
    budget = TokenBudget(limits)
    budget.take(1)
    budget.take(1)
    assert [refused(budget) for _ in range(5)] == [429, 429, 429, 403, 403]
    assert budget.headers(429)["x-ratelimit-reset"] == "2"
    limits.names_wait = False
    assert "x-ratelimit-reset" not in budget.headers(429)
