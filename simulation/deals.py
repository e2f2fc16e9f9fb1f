"""Revenue of a win and its delay in days; large deals take longer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from simulation.channels import Arrivals
from simulation.companies import PersonFacts, industries
from simulation.parameters import Deal, Parameters, data
from simulation.rng import Floats, stream


@dataclass(frozen=True)
class Deals:
    """Revenue and delay of each lead, given that it wins."""

    expected: Floats  # mean revenue given a win
    revenue: Floats  # the one drawn
    delay_days: Floats


def draw_deals(parameters: Parameters, arrivals: Arrivals, persons: PersonFacts, seed: int) -> Deals:
    """Draw revenue and delay of every lead, whether it wins or not."""
    rng = stream(seed, "deals")
    typical = np.maximum(_typical(parameters, arrivals, persons), parameters.deal.least)
    size = len(arrivals)
    revenue = np.round(typical * _noise(rng, parameters.deal, size), 2)
    return Deals(typical * mean_noise(parameters.deal), revenue, _delay(rng, parameters, arrivals, revenue))


def _typical(parameters: Parameters, arrivals: Arrivals, persons: PersonFacts) -> Floats:
    """Return the median revenue of the log-normal body."""
    deal = parameters.deal
    employees = np.where(np.isnan(persons.employees), 30.0, persons.employees)
    budget = np.where(np.isnan(persons.budget), 6000.0, persons.budget)
    industry = np.array([*[v[2] for v in industries().values()], -0.05])[persons.industry]
    product = np.array(data("web")["extras"]["product_deal"])[persons.product]
    channel = np.log([c.deal for c in parameters.channels.values()])[arrivals.channel]
    private_person = -0.3 * (persons.company < 0)
    log = (
        industry
        + product
        + channel
        + private_person
        + deal.employees * np.log(employees / 40)
        + deal.budget * np.log(budget / 8000)
    )
    typical: Floats = deal.median * np.exp(log)
    return typical


def _noise(rng: np.random.Generator, deal: Deal, size: int) -> Floats:
    body = np.exp(deal.sigma * rng.normal(size=size))
    top = 1 - (deal.tail_from / deal.tail_cap) ** deal.tail_alpha
    tail = deal.tail_from * (1 - rng.random(size) * top) ** (-1 / deal.tail_alpha)
    noise: Floats = np.where(rng.random(size) < deal.tail_share, tail, body)
    return noise


def mean_noise(deal: Deal) -> float:
    """Return the mean of the random factor of a deal: log-normal body and truncated Pareto tail.

    Examples
    --------
    >>> from simulation.parameters import parameters
    >>> deal = parameters().deal
    >>> drawn = _noise(stream(1, "x"), deal, 400_000).mean()
    >>> bool(0.98 < drawn / mean_noise(deal) < 1.02)
    True
    """
    alpha = deal.tail_alpha
    low = deal.tail_from
    high = deal.tail_cap
    tail: float = alpha / (alpha - 1) * low * (1 - (low / high) ** (alpha - 1)) / (1 - (low / high) ** alpha)
    return (1 - deal.tail_share) * float(np.exp(deal.sigma**2 / 2)) + deal.tail_share * tail


def _delay(rng: np.random.Generator, parameters: Parameters, arrivals: Arrivals, revenue: Floats) -> Floats:
    """Draw log-normal days, truncated between the least days and the horizon."""
    delay = parameters.delay
    channel = np.array([c.delay_days for c in parameters.channels.values()])[arrivals.channel]
    centre = np.log(channel * delay.factor) + delay.deal_power * np.log(revenue / 4000)
    low = ndtr((np.log(delay.least_days) - centre) / delay.sigma)
    high = ndtr((np.log(parameters.world.horizon_days - 1.0) - centre) / delay.sigma)
    uniform = low + (high - low) * rng.random(len(revenue))
    days: Floats = np.exp(centre + delay.sigma * ndtri(uniform.clip(1e-12, 1 - 1e-12)))
    return days.clip(delay.least_days, parameters.world.horizon_days - 1.0)
