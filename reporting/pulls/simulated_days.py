"""Days of a simulated account: what a local peer serves, and what the store must hold after a pull."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

DAYS = 45
Sums = Mapping[tuple[str, date], Decimal]
"""Name of a sum, and day -> sum."""


@dataclass(frozen=True)
class SimulatedCampaign:
    """Campaign of a simulated account; `kind` and `network` are spelt as the peer's platform does."""

    campaign_id: str
    name: str
    kind: str = ""
    network: str = ""
    country: str = ""


@dataclass(frozen=True)
class SpendLine:
    """One day of a campaign; `cost` has whole cents."""

    campaign: SimulatedCampaign
    day: date
    cost: Decimal
    impressions: int
    clicks: int
    invalid_clicks: int

    @property
    def is_zero(self) -> bool:
        """Whether nothing happened on the day."""
        return not (self.cost or self.impressions or self.clicks or self.invalid_clicks)


def spend_lines(campaigns: Iterable[SimulatedCampaign], last_day: date, seed: int) -> list[SpendLine]:
    """Return 45 days of campaigns up to `last_day`: a part of the days is without spend, one has a credit."""
    draw = random.Random(seed)
    lines = []
    for position, campaign in enumerate(campaigns):
        for offset in range(DAYS):
            day = last_day - timedelta(days=offset)
            if draw.random() < 0.2:
                lines.append(SpendLine(campaign, day, Decimal(0), 0, 0, 0))
                continue
            impressions = draw.randint(1, 40_000)
            clicks = draw.randint(0, impressions // 20)
            cost = Decimal(draw.randint(1, 90_000)).scaleb(-2)
            credit = Decimal("-3.21") if position == 0 and offset == 7 else Decimal(0)
            lines.append(SpendLine(campaign, day, cost + credit, impressions, clicks, draw.randint(0, 9)))
    return lines


def restated(lines: Iterable[SpendLine], day: date) -> list[SpendLine]:
    """Return lines of which those of one day have another cost and more invalid clicks, as platforms restate."""
    return [
        replace(line, cost=line.cost + Decimal("0.07"), invalid_clicks=line.invalid_clicks + 1, clicks=line.clicks + 2)
        if line.day == day
        else line
        for line in lines
    ]


def spend_sums(lines: Iterable[SpendLine]) -> Sums:
    """Return cost, impressions and clicks by day."""
    sums: dict[tuple[str, date], Decimal] = defaultdict(Decimal)
    for line in lines:
        sums["cost", line.day] += line.cost
        sums["impressions", line.day] += line.impressions
        sums["clicks", line.day] += line.clicks
    return sums
