"""Parameters of the ad market, from `data/auction.toml`."""

from __future__ import annotations

from functools import cache

from pydantic import Field

from leadworth.errors import ConfigurationError
from simulation.parameters import Part, Share, data


class CellParameters(Part):
    """How leads fall into the cells of the platforms."""

    hours: tuple[int, ...]
    countries: tuple[tuple[str, ...], ...]
    sizes: tuple[float, ...]
    heavy: tuple[str, ...]
    noise: Share
    open_people: Share
    open_bots: Share


class PriceParameters(Part):
    """Bids of the competitors."""

    sigma: float = Field(gt=0)
    cell_sigma: float = Field(ge=0)
    human_power: float
    value_power: float
    per_year: float
    seasons: tuple[float, ...] = Field(min_length=12, max_length=12)
    bot_click_to_lead: Share


class BudgetParameters(Part):
    """Daily budget."""

    share: Share


class PlatformRules(Part):
    """What a platform accepts and needs."""

    window_days: int
    least_conversions: int
    least_values: int


class BidderParameters(Part):
    """How a platform learns and bids; see `data/auction.toml` for the meaning of the numbers."""

    learn_every_days: int = Field(gt=0)
    memory_days: float = Field(gt=0)
    history_days: int = Field(gt=0)
    prior_conversions: float = Field(gt=0)
    daily_change: float = Field(gt=0)
    floor: Share
    exploration: float = Field(ge=0)
    pacing: float = Field(gt=0)
    pacing_limit: float = Field(gt=0)


class ChannelChange(Part):
    """What changes in a channel on the day of the change; missing parts stay."""

    quality: float | None = None
    price: float = 1.0
    flood_share: Share = 0.0
    flood_growth: float = 1.0


class AuctionParameters(Part):
    """All parameters of the ad market."""

    warm_up_months: float = Field(gt=0)
    run_months: float = Field(gt=0)
    leads: int = Field(gt=0)
    shift_day: int = Field(gt=0)
    cells: CellParameters
    prices: PriceParameters
    budget: BudgetParameters
    platforms: dict[str, PlatformRules]
    bidder: BidderParameters
    scenarios: dict[str, dict[str, ChannelChange]]

    def changes(self, scenario: str) -> dict[str, ChannelChange]:
        """Return what changes in each channel in a scenario."""
        if scenario not in self.scenarios:
            raise ConfigurationError(f"no market scenario {scenario!r}", allowed=", ".join(self.scenarios))
        return self.scenarios[scenario]


@cache
def auction_parameters() -> AuctionParameters:
    """Return the parameters of the package.

    Examples
    --------
    >>> sorted(auction_parameters().scenarios)
    ['calm', 'flood', 'shift']
    """
    return AuctionParameters(**data("auction"))
