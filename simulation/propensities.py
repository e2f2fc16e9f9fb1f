"""True win probability of a genuine lead, from what is visible at submit only."""

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
    """Probabilities of a genuine lead; the win probability is the mean over the responses of sales."""

    well_served: Floats  # of a win if contacted on the same day
    worked: Floats  # that sales works the lead
    win: Floats  # of a win, given sales as it is

    @staticmethod
    def factor(parameters: Parameters) -> float:
        """Return the mean factor of the response time on the win probability of a worked lead."""
        return sum(share * effect for share, effect in parameters.sales.speed.values())


def compute_chances(
    parameters: Parameters,
    calendar: Calendar,
    arrivals: Arrivals,
    persons: PersonFacts,
    behaviour: Behaviour,
    extra: Floats,
) -> Chances:
    """Compute the probabilities of each lead as if it were genuine.

    Parameters
    ----------
    extra
        Effect of further columns on the log-odds, one per lead.
    """
    effects = (
        _profile(persons)
        + _interest(persons, behaviour)
        + _form(persons, behaviour)
        + _together(parameters, arrivals, persons, behaviour)
        + extra
    )
    score = _drift(parameters, calendar, arrivals) + parameters.win.scale * effects
    well_served = 0.8 / (1 + np.exp(-score))
    looks = (
        0.5 * (~persons.free_mail)
        + 0.5 * persons.phone
        + 0.3 * (persons.level >= 2)
        + 0.4 * _or(behaviour.demo_requested, 0.0)
    )
    worked = 1 / (1 + np.exp(-(parameters.sales.worked + parameters.sales.looks * (looks - 0.9))))
    sales = parameters.sales
    neglected = arrivals.day >= calendar.export_day - sales.neglect_last_days
    worked = worked * np.where(neglected, 1 - sales.neglect, 1.0)
    win = well_served * (worked * Chances.factor(parameters) + (1 - worked) * sales.unworked)
    return Chances(well_served, worked, win)


def _or(values: Floats, otherwise: float) -> Floats:
    return np.where(np.isnan(values), otherwise, values)


def _at(effects: list[float], positions: Ints, unknown: float) -> Floats:
    values: Floats = np.array([*effects, unknown])[positions]
    return values


def _drift(parameters: Parameters, calendar: Calendar, arrivals: Arrivals) -> Floats:
    channels = list(parameters.channels.values())
    years = (arrivals.day - calendar.days / 2) / 365.25
    season = np.array(parameters.win.season)[calendar.months()][arrivals.day]
    quality = np.array([c.quality for c in channels])[arrivals.channel]
    yearly = np.array([c.quality_per_year for c in channels])[arrivals.channel] + parameters.win.per_year
    win = parameters.win
    step = win.step * (arrivals.day >= calendar.export_day - win.step_last_days)
    shift: Floats = win.intercept + season + quality + yearly * years + step
    return shift


def _profile(persons: PersonFacts) -> Floats:
    """Return the effect of size (best around 100 employees), industry, country, seniority and budget."""
    size = np.log(_or(persons.employees, 40.0))
    fit = (
        0.45 * np.exp(-(((size - 4.6) / 1.7) ** 2))
        - 0.32 * np.maximum(size - 4.0, 0.0)
        - 0.1 * np.isnan(persons.employees)
    )
    industry = _at([v[1] for v in industries().values()], persons.industry, -0.15)
    country = np.array([c["win"] for c in data("people")["countries"].values()])[persons.country]
    seniority = _at([-1.1, -0.1, 0.2, 0.45, 0.35], persons.level, -0.1)
    money = np.log(_or(persons.budget, 5000.0) / 8000)
    budget = 0.35 * np.tanh(money) - 0.25 * np.isnan(persons.budget)
    result: Floats = fit + industry + country + seniority + budget
    return result


def _interest(persons: PersonFacts, behaviour: Behaviour) -> Floats:
    """Return the effect of visits, pages, prices and content, with diminishing returns."""
    visits = 0.30 * np.log(_or(behaviour.visits, 1.5)) - 0.05 * (_or(behaviour.visits, 1.0) > 8)
    pages = 0.28 * np.log(_or(behaviour.pages_viewed, 3.0) / 3)
    prices = 0.40 * np.sqrt(np.minimum(_or(behaviour.pricing_views, 0.4), 4.0))
    content = 0.15 * np.minimum(_or(behaviour.content_downloads, 0.0), 3) + 0.3 * (
        _or(behaviour.webinars_attended, 0.0) > 0
    )
    mails = 0.12 * np.log1p(_or(behaviour.emails_clicked, 0.0))
    stale = -0.25 * (_or(behaviour.days_since_first_visit, 0.0) > 45)
    intents = [i["win"] for i in data("messages")["intents"].values()]
    message = _at(intents, persons.intent, -0.1) + 0.25 * np.exp(-(((persons.sentences - 3) / 2.0) ** 2)) * (
        persons.intent >= 0
    )
    result: Floats = visits + pages + prices + content + mails + stale + message
    return result


def _form(persons: PersonFacts, behaviour: Behaviour) -> Floats:
    """Return the effect of the time at the form (best: a minute or two), phone and free mail."""
    seconds = np.log(_or(behaviour.form_seconds, 60.0).clip(1, 7200))
    care = 0.35 * np.exp(-(((seconds - 4.5) / 1.2) ** 2)) - 0.2
    result: Floats = care + 0.25 * persons.phone - 0.55 * persons.free_mail
    return result


def _together(parameters: Parameters, arrivals: Arrivals, persons: PersonFacts, behaviour: Behaviour) -> Floats:
    """Return the interaction effects."""
    demo = _or(behaviour.demo_requested, 0.0) > 0
    priced = _or(behaviour.pricing_views, 0.0) > 0
    names = list(industries())
    factory = persons.industry == names.index("Manufacturing")
    software = persons.industry == names.index("Software")
    large = _or(persons.employees, 40.0) > 250
    rich = _or(persons.budget, 0.0) / (_or(persons.employees, 40.0) + 10) > 400
    product = np.array(data("web")["extras"]["product_win"])[persons.product]
    result = (
        0.45 * demo
        + 0.45 * (demo & priced)
        - 0.4 * (persons.free_mail & large)
        + 0.5 * (persons.free_mail & (persons.level == 4))
    )
    result = (
        result + product + 0.5 * (software & (persons.product == 1)) - 0.5 * (factory & persons.mobile) + 0.35 * rich
    )
    return np.asarray(result + _channel_twists(parameters, arrivals, persons, factory | large))


def _channel_twists(parameters: Parameters, arrivals: Arrivals, persons: PersonFacts, heavy: Flags) -> Floats:
    """Return the interactions with the channel: social and large firms, social and free mail, organic and long text."""
    names = list(parameters.channels)
    social = np.isin(arrivals.channel, [names.index(c) for c in ("meta_form", "linkedin") if c in names])
    organic = np.isin(arrivals.channel, [names.index(c) for c in ("organic", "referral") if c in names])
    twist = social * (0.5 * (heavy & (persons.level >= 3)) - 0.4 * persons.free_mail) + organic * 0.3 * (
        persons.sentences >= 3
    )
    return np.asarray(twist, dtype=np.float64)
