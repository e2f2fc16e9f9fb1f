"""Revenue of a win and its delay in days; large deals take longer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from simulation.channels import Arrivals
from simulation.companies import PersonFacts, industries
from simulation.parameters import Deal, Parameters, data
from simulation.rng import Floats, chance, stream

_NODES = 40


@dataclass(frozen=True)
class Deals:
    """Revenue and delay of each lead, given that it wins."""

    typical: Floats  # median revenue of the body, given a win
    expected: Floats  # mean revenue given a win
    revenue: Floats  # the one drawn
    delay_days: Floats


def draw_deals(parameters: Parameters, arrivals: Arrivals, persons: PersonFacts, seed: int) -> Deals:
    """Draw revenue and delay of every lead, whether it wins or not."""
    rng = stream(seed, "deals")
    typical = np.maximum(_typical(parameters, arrivals, persons), parameters.deal.least)
    size = len(arrivals)
    revenue = np.round(typical * _noise(rng, parameters.deal, size), 2)
    delay_days = _delay(rng, parameters, arrivals, revenue, seed)
    return Deals(typical, typical * mean_noise(parameters.deal), revenue, delay_days)


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
    tail = _tail(deal, rng.random(size))
    noise: Floats = np.where(rng.random(size) < deal.tail_share, tail, body)
    return noise


def _tail(deal: Deal, quantile: Floats) -> Floats:
    """Return the quantiles of the truncated Pareto tail."""
    top = 1 - (deal.tail_from / deal.tail_cap) ** deal.tail_alpha
    tail: Floats = deal.tail_from * (1 - quantile * top) ** (-1 / deal.tail_alpha)
    return tail


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


def revenue_nodes(deal: Deal) -> tuple[Floats, Floats]:
    """Return multiples of the typical revenue, and the weights with which means over them are those of a deal.

    Gauss-Hermite nodes for the log-normal body, Gauss-Legendre nodes in the quantiles for the tail.

    Examples
    --------
    >>> from simulation.parameters import parameters
    >>> multiples, weights = revenue_nodes(parameters().deal)
    >>> bool(abs((multiples * weights).sum() / mean_noise(parameters().deal) - 1) < 1e-6)
    True
    """
    normal, body = np.polynomial.hermite_e.hermegauss(_NODES)
    uniform, tail = np.polynomial.legendre.leggauss(_NODES)
    multiples = np.concatenate([np.exp(deal.sigma * normal), _tail(deal, (uniform + 1) / 2)])
    shares = (1 - deal.tail_share) * body / body.sum(), deal.tail_share * tail / tail.sum()
    return multiples, np.concatenate(shares)


def delay_centre(parameters: Parameters, arrivals: Arrivals, revenue: Floats) -> Floats:
    """Return the mean log delay of a win of each revenue (the last axis is that of the leads), before truncation."""
    delay = parameters.delay
    channel = np.array([c.delay_days for c in parameters.channels.values()])[arrivals.channel]
    years = arrivals.day / 365.25
    centre: Floats = np.log(channel * delay.factor) + delay.per_year * years + delay.deal_power * np.log(revenue / 4000)
    return centre


def share_after(parameters: Parameters, centre: Floats, days: Floats) -> Floats:
    """Return the probability that a win takes longer than `days`, given its mean log delay.

    Log-normal, truncated between the least days and the horizon.
    """
    delay = parameters.delay
    low, high = _bounds(parameters, centre)
    within = ndtr((np.log(np.maximum(days, delay.least_days)) - centre) / delay.sigma)
    after: Floats = ((high - within) / (high - low)).clip(0.0, 1.0)
    return after


def _bounds(parameters: Parameters, centre: Floats) -> tuple[Floats, Floats]:
    """Return the probabilities below the least days and below the horizon, before truncation."""
    delay = parameters.delay
    low = ndtr((np.log(delay.least_days) - centre) / delay.sigma)
    high = ndtr((np.log(_last_day(parameters)) - centre) / delay.sigma)
    return low, high


def _last_day(parameters: Parameters) -> float:
    return parameters.world.horizon_days - 1.0


def _delay(rng: np.random.Generator, parameters: Parameters, arrivals: Arrivals, revenue: Floats, seed: int) -> Floats:
    """Draw the days of each win."""
    delay = parameters.delay
    size = len(revenue)
    quick = chance(stream(seed, "quick wins"), delay.quick_share, size)
    centre = delay_centre(parameters, arrivals, revenue) + quick * np.log(delay.quick_factor)
    low, high = _bounds(parameters, centre)
    uniform = low + (high - low) * rng.random(size)
    days: Floats = np.exp(centre + delay.sigma * ndtri(uniform.clip(1e-12, 1 - 1e-12)))
    return days.clip(delay.least_days, _last_day(parameters))
