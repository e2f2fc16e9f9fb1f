"""Facts about leads for tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

import numpy as np

from store.lead_facts import Fact
from store.timestamps import stamp

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
CHANNELS = ("Paid Search", "Paid Social", "Direct")


def fact(lead_id: str, at: datetime = NOW, zone: tzinfo = UTC, **values: Any) -> Fact:
    """Return the facts of an open lead without a score."""
    return {
        "lead_id": lead_id,
        "submitted_at": stamp(at),
        "day": str(at.astimezone(zone).date()),
        "entry": "form",
        "source": "google",
        "medium": "cpc",
        "channel": "Paid Search",
        "campaign_key": "google_ads:1:7",
        "campaign_name": "brand",
        "country": "IT",
        "account_key": "",
        "matched_by": "id",
        "junk_ppm": None,
        "win_ppm": None,
        "expected_revenue_micros": None,
        "submit_win_ppm": None,
        "submit_value_micros": None,
        "value_micros": None,
        "mql_at": None,
        "sql_at": None,
        "quote_at": None,
        "won_at": None,
        "lost_at": None,
        "gone_at": None,
        "touched_at": None,
        "stage": "",
        "revenue_micros": None,
        "cost_micros": None,
        "model_version": "1",
        "known_at": stamp(at),
        **values,
    }


def random_facts(count: int, seed: int, *, days: int = 60, zone: tzinfo = UTC, ids: str = "L") -> list[Fact]:
    """Return leads of the last days, with scores, stages and outcomes."""
    rng = np.random.default_rng(seed)
    facts = []
    for number in range(count):
        at = NOW - timedelta(seconds=float(rng.integers(0, days * 86_400)))
        values: dict[str, Any] = {
            "channel": str(rng.choice(CHANNELS)),
            "campaign_key": f"google_ads:1:{rng.integers(3)}",
            "country": str(rng.choice(["IT", "DE", ""])),
        }
        if rng.random() < 0.8:
            win = int(rng.integers(0, 1_000_001))
            values |= {"junk_ppm": int(rng.integers(0, 1_000_001)), "win_ppm": win, "submit_win_ppm": win}
            values |= {"submit_value_micros": int(rng.integers(0, 10**12))}
        for name, share in (("mql_at", 0.5), ("sql_at", 0.3), ("quote_at", 0.2), ("touched_at", 0.4)):
            if rng.random() < share:
                values[name] = stamp(at + timedelta(seconds=float(rng.integers(60, 20 * 86_400))))
        outcome = rng.random()
        if outcome < 0.2:
            values |= {"won_at": stamp(at + timedelta(seconds=float(rng.integers(60, 20 * 86_400))))}
            values |= {"revenue_micros": int(rng.integers(0, 10**13)), "cost_micros": int(rng.integers(0, 10**12))}
        elif outcome < 0.4:
            values |= {"lost_at": stamp(at + timedelta(days=3))}
        elif "win_ppm" in values:
            values |= {"value_micros": int(rng.integers(0, 10**12))}
        facts.append(fact(f"{ids}{number}", at, zone, **values))
    return facts
