"""Funnel steps: the step between two series, and where a longer way broke."""

from __future__ import annotations

from itertools import pairwise

import pytest

from reporting.metrics.funnel_steps import SERIES, STEP_NAMES, broken_step


def test_every_step_has_a_name() -> None:
    assert set(STEP_NAMES) == set(pairwise(SERIES))


def test_sessions_up_and_leads_down_is_the_form() -> None:
    assert STEP_NAMES[broken_step("sessions", "leads", {}, {})].text == "landing page to form"


def test_the_step_whose_conversion_fell_most() -> None:
    before = {"sessions": 1_000, "leads": 50, "mql": 25, "sql": 20}
    after = {"sessions": 1_400, "leads": 70, "mql": 10, "sql": 8}
    assert broken_step("sessions", "sql", before, after) == ("leads", "mql")


@pytest.mark.parametrize(("leading", "follower"), [("leads", "sessions"), ("leads", "leads")])
def test_a_follower_comes_later(leading: str, follower: str) -> None:
    with pytest.raises(ValueError, match="after"):
        broken_step(leading, follower, {}, {})
