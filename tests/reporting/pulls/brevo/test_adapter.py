"""Brevo: numbers that cannot be right are set aside."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from reporting.pulls.brevo.peer import BrevoPeer
from tests.reporting.pulls.pull_bench import pull_bench


def test_a_campaign_with_more_opens_than_deliveries_is_set_aside_with_its_reason(tmp_path: Path) -> None:
    with pull_bench("brevo", tmp_path) as bench:
        assert isinstance(bench.peer, BrevoPeer)
        first, *rest = bench.peer.mailings
        bench.peer.mailings = [replace(first, opens=first.sent), *rest]
        result = bench.pull()
        assert not result.is_complete
        assert "more opens than deliveries" in result.aside[0]
        assert first.sent_at.date() not in {day for _, day in bench.sums()}
        assert result.read["metrics"] == result.rows["metrics"] + 1
