"""Behaviour of the visitor before and at the form."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulation.bot_traffic import Classes, is_browsing, is_human, of_attack
from simulation.channels import Arrivals
from simulation.companies import PersonFacts
from simulation.parameters import Parameters
from simulation.rng import Flags, Floats, Ints, chance, stream


@dataclass(frozen=True)
class Behaviour:
    """Behaviour summary; nan where the form is not on the site or the lead was imported."""

    on_site: Flags
    token: Ints  # index in TOKEN_STATES, NO_STATE where there is no page
    seconds: Floats  # at the form, as measured by the browser
    form_seconds: Floats
    session_seconds: Floats
    pages_viewed: Floats
    visits: Floats
    days_since_first_visit: Floats
    content_downloads: Floats
    webinars_attended: Floats
    emails_clicked: Floats
    pricing_views: Floats
    demo_requested: Floats
    honeypot_filled: Floats
    webdriver: Floats


def draw_behaviour(
    parameters: Parameters, arrivals: Arrivals, classes: Classes, persons: PersonFacts, seed: int
) -> Behaviour:
    """Draw the behaviour of each lead; interested people return, read more and ask for prices."""
    rng = stream(seed, "behaviour")
    size = len(arrivals)
    warm = persons.warmth
    junk = classes.junk
    instant = np.array([c.instant_form for c in parameters.channels.values()])[arrivals.channel]
    on_site = ~instant & ~arrivals.imported
    scripted = junk & ~is_browsing(parameters, classes)
    visits = 1.0 + rng.poisson(np.exp(-0.1 + 0.45 * warm).clip(0.05, 15))
    pages = 1.0 + rng.poisson(np.exp(1.0 + 0.3 * warm).clip(0.2, 40))
    seconds = _form_seconds(rng, parameters, classes, size)
    token = draw_tokens(parameters, classes, seconds, seed)
    driven = chance(rng, of_attack(parameters, "webdriver", classes.attack, 0.0005), size)
    driven |= classes.automated & ~junk & chance(rng, 0.7, size)
    honeypot = np.where(
        is_human(parameters, classes, "autofill"), 0.3, of_attack(parameters, "honeypot", classes.attack, 0.003)
    )
    values: dict[str, Floats | Flags | Ints] = {
        "form_seconds": np.where(token.timed, seconds, np.nan),
        "session_seconds": seconds + pages * np.exp(rng.normal(3.4, 0.7, size)) * np.where(scripted, 0.1, 1.0),
        "pages_viewed": np.where(scripted, 1.0 + rng.poisson(0.4, size), pages),
        "visits": np.where(scripted, 1.0, visits),
        "days_since_first_visit": np.where(scripted, 0.0, np.round((visits - 1) * rng.exponential(6.0, size), 1)),
        "pricing_views": rng.poisson(np.exp(-0.9 + 0.5 * warm).clip(0.02, 8)) * ~scripted,
        "demo_requested": chance(rng, 1 / (1 + np.exp(1.6 - 0.7 * warm)), size) & ~scripted,
        "honeypot_filled": chance(rng, honeypot, size),
        "webdriver": driven,
    }
    tracked_values: dict[str, Ints] = {
        "content_downloads": rng.poisson(np.exp(-1.0 + 0.4 * warm).clip(0.02, 6), size) * ~junk,
        "webinars_attended": rng.poisson(np.exp(-1.9 + 0.4 * warm).clip(0.01, 4), size) * ~junk,
        "emails_clicked": rng.poisson(np.exp(-0.8 + 0.4 * warm).clip(0.02, 10), size) * ~junk,
    }
    on_page = {name: np.where(on_site, value.astype(np.float64), np.nan) for name, value in values.items()}
    tracked = {
        name: np.where(arrivals.imported, np.nan, value.astype(np.float64)) for name, value in tracked_values.items()
    }
    state = np.where(on_site, token.state, NO_STATE)
    return Behaviour(on_site=on_site, token=state, seconds=np.where(on_site, seconds, np.nan), **on_page, **tracked)


TOKEN_STATES = ("ok", "missing", "expired", "replayed")
OK, MISSING, EXPIRED, REPLAYED = range(len(TOKEN_STATES))
NO_STATE = -1
FRESH_SECONDS = 7_200.0


@dataclass(frozen=True)
class TokenStates:
    """State of each form token, and whether the time at the form is tracked_values from it."""

    state: Ints
    timed: Flags


def draw_tokens(parameters: Parameters, classes: Classes, seconds: Floats, seed: int) -> TokenStates:
    """Draw the state of each form token."""
    rng = stream(seed, "tokens")
    size = len(seconds)
    drawn = rng.random(size)
    without = np.where(is_human(parameters, classes, "no_script"), 1.0, 0.004)
    without = np.where(classes.junk, of_attack(parameters, "no_token", classes.attack, 0.0), without)
    again = of_attack(parameters, "replayed", classes.attack, 0.0)
    state = np.where(drawn < without, MISSING, np.where(drawn < without + again, REPLAYED, OK))
    state = np.where(is_human(parameters, classes, "cached_page"), EXPIRED, state)
    return TokenStates(state, (state == OK) & (seconds < FRESH_SECONDS))


def _form_seconds(rng: np.random.Generator, parameters: Parameters, classes: Classes, size: int) -> Floats:
    """Draw the seconds at the form: people log-normal around a minute, some autofill, some leave the tab open."""
    person = 5.0 + np.exp(rng.normal(4.0, 0.9, size))
    person = np.where(chance(rng, 0.13, size), 2 + person * 0.15, person)
    person = np.where(is_human(parameters, classes, "overnight"), 3600.0 * rng.uniform(8, 16, size), person)
    median = np.array([*[a.seconds[0] for a in parameters.attacks.values()], 1.0])[classes.attack]
    sigma = np.array([*[a.seconds[1] for a in parameters.attacks.values()], 0.0])[classes.attack]
    machine = median * np.exp(sigma * rng.normal(size=size))
    seconds: Floats = np.round(np.where(classes.junk, machine, person), 2).astype(np.float64)
    return seconds
