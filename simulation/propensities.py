"""True chance of a genuine lead to win, from what can be seen at submit and nothing else."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulation.channels import Arrivals, Calendar
from simulation.companies import PersonFacts, industries
from simulation.parameters import Parameters, data
from simulation.rng import Flags, Floats, Ints
from simulation.visitor_behaviour import Behaviour


@dataclass(frozen=True)
class Chances:
    """Chances of a genuine lead; the win probability is the mean over what sales may do."""

    well_served: Floats  # to win if contacted on the same day
    worked: Floats  # that sales works the lead
    win: Floats  # to win, sales as it is

    @staticmethod
    def factor(parameters: Parameters) -> float:
        """Return the mean factor of the response time on the chance of a worked lead."""
        return sum(share * effect for share, effect in parameters.sales.speed.values())


def chances(
    parameters: Parameters, calendar: Calendar, arrived: Arrivals, who: PersonFacts, did: Behaviour, extra: Floats
) -> Chances:
    """Compute the chances of each lead as if it were genuine.

    Parameters
    ----------
    extra
        Shift of the log-odds by further columns, one per lead.
    """
    known = _profile(who) + _interest(who, did) + _form(who, did) + _together(parameters, arrived, who, did) + extra
    score = _drift(parameters, calendar, arrived) + parameters.win.scale * known
    well_served = 0.8 / (1 + np.exp(-score))
    looks = 0.5 * (~who.free_mail) + 0.5 * who.phone + 0.3 * (who.level >= 2) + 0.4 * _or(did.demo_requested, 0.0)
    worked = 1 / (1 + np.exp(-(parameters.sales.worked + parameters.sales.looks * (looks - 0.9))))
    sales = parameters.sales
    neglected = arrived.day >= calendar.days - sales.neglect_last_days
    worked = worked * np.where(neglected, 1 - sales.neglect, 1.0)
    win = well_served * (worked * Chances.factor(parameters) + (1 - worked) * sales.unworked)
    return Chances(well_served, worked, win)


def _or(values: Floats, otherwise: float) -> Floats:
    return np.where(np.isnan(values), otherwise, values)


def _at(effects: list[float], positions: Ints, unknown: float) -> Floats:
    values: Floats = np.array([*effects, unknown])[positions]
    return values


def _drift(parameters: Parameters, calendar: Calendar, arrived: Arrivals) -> Floats:
    channels = list(parameters.channels.values())
    years = (arrived.day - calendar.days / 2) / 365.25
    season = np.array(parameters.win.season)[calendar.months()][arrived.day]
    quality = np.array([c.quality for c in channels])[arrived.channel]
    yearly = np.array([c.quality_per_year for c in channels])[arrived.channel] + parameters.win.per_year
    shift: Floats = parameters.win.intercept + season + quality + yearly * years
    return shift


def _profile(who: PersonFacts) -> Floats:
    """Size (best around 100 employees, large firms buy seldom), field, country, standing and money."""
    size = np.log(_or(who.employees, 40.0))
    fit = (
        0.45 * np.exp(-(((size - 4.6) / 1.7) ** 2)) - 0.32 * np.maximum(size - 4.0, 0.0) - 0.1 * np.isnan(who.employees)
    )
    field = _at([v[1] for v in industries().values()], who.industry, -0.15)
    land = np.array([c["win"] for c in data("people")["countries"].values()])[who.country]
    standing = _at([-1.1, -0.1, 0.2, 0.45, 0.35], who.level, -0.1)
    money = np.log(_or(who.budget, 5000.0) / 8000)
    budget = 0.35 * np.tanh(money) - 0.25 * np.isnan(who.budget)
    result: Floats = fit + field + land + standing + budget
    return result


def _interest(who: PersonFacts, did: Behaviour) -> Floats:
    """Visits, pages, prices and content, with diminishing returns."""
    visits = 0.30 * np.log(_or(did.visits, 1.5)) - 0.05 * (_or(did.visits, 1.0) > 8)
    pages = 0.28 * np.log(_or(did.pages_viewed, 3.0) / 3)
    prices = 0.40 * np.sqrt(np.minimum(_or(did.pricing_views, 0.4), 4.0))
    content = 0.15 * np.minimum(_or(did.content_downloads, 0.0), 3) + 0.3 * (_or(did.webinars_attended, 0.0) > 0)
    mails = 0.12 * np.log1p(_or(did.emails_clicked, 0.0))
    stale = -0.25 * (_or(did.days_since_first_visit, 0.0) > 45)
    intents = [i["win"] for i in data("messages")["intents"].values()]
    message = _at(intents, who.intent, -0.1) + 0.25 * np.exp(-(((who.sentences - 3) / 2.0) ** 2)) * (who.intent >= 0)
    result: Floats = visits + pages + prices + content + mails + stale + message
    return result


def _form(who: PersonFacts, did: Behaviour) -> Floats:
    """Care at the form: too fast is poor, a minute or two is best."""
    seconds = np.log(_or(did.form_seconds, 60.0).clip(1, 7200))
    care = 0.35 * np.exp(-(((seconds - 4.5) / 1.2) ** 2)) - 0.2
    result: Floats = care + 0.25 * who.phone - 0.55 * who.free_mail
    return result


def _together(parameters: Parameters, arrived: Arrivals, who: PersonFacts, did: Behaviour) -> Floats:
    """Effects that no single column shows."""
    demo = _or(did.demo_requested, 0.0) > 0
    priced = _or(did.pricing_views, 0.0) > 0
    names = list(industries())
    factory = who.industry == names.index("Manufacturing")
    software = who.industry == names.index("Software")
    large = _or(who.employees, 40.0) > 250
    rich = _or(who.budget, 0.0) / (_or(who.employees, 40.0) + 10) > 400
    product = np.array(data("web")["extras"]["product_win"])[who.product]
    result = (
        0.45 * demo + 0.45 * (demo & priced) - 0.4 * (who.free_mail & large) + 0.5 * (who.free_mail & (who.level == 4))
    )
    result = result + product + 0.5 * (software & (who.product == 1)) - 0.5 * (factory & who.mobile) + 0.35 * rich
    return np.asarray(result + _channel_twists(parameters, arrived, who, factory | large))


def _channel_twists(parameters: Parameters, arrived: Arrivals, who: PersonFacts, heavy: Flags) -> Floats:
    """Social works for heads of large firms and fails for free mail; organic for those who write much."""
    names = list(parameters.channels)
    social = np.isin(arrived.channel, [names.index(c) for c in ("meta_form", "linkedin") if c in names])
    organic = np.isin(arrived.channel, [names.index(c) for c in ("organic", "referral") if c in names])
    twist = social * (0.5 * (heavy & (who.level >= 3)) - 0.4 * who.free_mail) + organic * 0.3 * (who.sentences >= 3)
    return np.asarray(twist, dtype=np.float64)
