"""HTTP request of each lead: address, its country and network, browser, order of headers.

Addresses are from private and test ranges only. People share them in offices and behind gateways; attacks use few.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from simulation.bot_traffic import Classes, is_human, is_style, of_attack
from simulation.channels import ALONE, FLOOD, Arrivals
from simulation.companies import PersonFacts, country_codes
from simulation.parameters import Parameters, data
from simulation.rng import Flags, Floats, Ints, blank, chance, digits_of, join, pick, put, stream
from simulation.visitor_behaviour import Behaviour

OFFICE_SHARE = 0.4
ABROAD = ("US", "NL", "DE")
DATABASE_ERROR = 0.04


def draw_request(
    parameters: Parameters, classes: Classes, arrivals: Arrivals, persons: PersonFacts, behaviour: Behaviour, seed: int
) -> dict[str, pa.Array]:
    """Return the columns of the request by standard field; null rows there was none."""
    rng = stream(seed, "request")
    away = ~behaviour.on_site
    machines = chance(rng, of_attack(parameters, "hosting", classes.attack, 0.003), len(away))
    foreign = chance(rng, of_attack(parameters, "vpn", classes.attack, 0.01), len(away))
    foreign |= machines | is_human(parameters, classes, "roaming")
    away_from_home = is_human(parameters, classes, "traveller")
    of_travel, _ = destinations(len(away), seed)
    agent = _agent(parameters, rng, classes, persons)
    languages = [data("web")["languages"][c["language"]] for c in data("people")["countries"].values()]
    language = pick(languages, persons.country)
    script = is_style(parameters, "agent", "script", classes.attack)
    columns = {
        "ip": _address(parameters, rng, classes, arrivals, persons, machines),
        "ip_country": put(_country(rng, persons, foreign), away_from_home, of_travel.filter(pa.array(away_from_home))),
        "asn": _network(parameters, rng, classes, persons, machines),
        "user_agent": agent,
        "accept_language": blank(language, script),
        "headers": _headers(parameters, rng, classes, agent),
    }
    return {name: blank(column, away) for name, column in columns.items()}


def destinations(size: int, seed: int) -> tuple[pa.Array, pa.Array]:
    """Return country and time zone of the place to which the sender of each lead would travel."""
    places = data("networks")["abroad"]
    drawn = stream(seed, "destinations").integers(0, len(places), size)
    return pick(list(places), drawn), pick(list(places.values()), drawn)


def _spread(values: Ints, salt: int) -> Ints:
    """Return well-mixed numbers from 0 to 2**31 - 1, the same for the same value."""
    mixed = (values.astype(np.uint64) + np.uint64(salt)) * np.uint64(0x9E3779B97F4A7C15)
    return ((mixed >> np.uint64(33)) & np.uint64(0x7FFFFFFF)).astype(np.int64)


def shared(parameters: Parameters, rng: np.random.Generator, classes: Classes, name: str) -> Ints:
    """Return which of its few addresses, phones or devices an attack uses for each lead; -1: one of its own."""
    pool = of_attack(parameters, name, classes.attack, 0.0).astype(np.int64)
    drawn = (rng.random(len(pool)) * np.maximum(pool, 1)).astype(np.int64)
    return np.where(pool > 0, classes.attack * 10_000 + drawn, -1)


def _address(
    parameters: Parameters,
    rng: np.random.Generator,
    classes: Classes,
    arrivals: Arrivals,
    persons: PersonFacts,
    machines: Flags,
) -> pa.Array:
    size = len(machines)
    own = rng.integers(0, 2**24, size)
    office = (persons.company >= 0) & ~persons.mobile & chance(rng, OFFICE_SHARE, size)
    own = np.where(office, _spread(np.maximum(persons.company, 0), 1) % 2**24, own)
    own = np.where(is_human(parameters, classes, "private_relay"), 2**23 + rng.integers(0, 400, size), own)
    own = np.where(is_human(parameters, classes, "gateway"), 2**22 + rng.integers(0, 60, size), own)
    own = np.where(arrivals.gathered > FLOOD, _spread(arrivals.gathered, 2) % 2**24, own)
    raid = (_spread(ALONE - arrivals.gathered, 5) % 2**16) * 256 + rng.integers(0, 8, size)
    own = np.where(arrivals.gathered < ALONE, raid, own)
    few = shared(parameters, rng, classes, "addresses")
    own = np.where(few >= 0, _spread(few, 3) % 2**24, own)
    parts = [digits_of((own >> shift) & 255) for shift in (16, 8, 0)]
    at_home = join("10", *parts, sep=".")
    machine = join("198", digits_of(18 + ((own >> 16) & 1)), parts[1], parts[2], sep=".")
    return pc.if_else(pa.array(machines), machine, at_home)


def _country(rng: np.random.Generator, persons: PersonFacts, foreign: Flags) -> pa.Array:
    size = len(foreign)
    here = pick(country_codes(), persons.country)
    elsewhere = pick(ABROAD, rng.integers(0, len(ABROAD), size))
    return pc.if_else(pa.array(foreign | chance(rng, DATABASE_ERROR, size)), elsewhere, here)


def _network(
    parameters: Parameters, rng: np.random.Generator, classes: Classes, persons: PersonFacts, machines: Flags
) -> pa.Array:
    content = data("networks")
    size = len(machines)
    access = [content["access"][code] for code in country_codes()]
    counts = np.array([len(numbers) for numbers in access])
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    index = starts[persons.country] + (rng.random(size) * counts[persons.country]).astype(np.int64)
    numbers = np.array([number for numbers in access for number in numbers])[index]
    special = {
        "hosting": machines,
        "relay": is_human(parameters, classes, "private_relay"),
        "gateway": is_human(parameters, classes, "gateway"),
    }
    for name, rows in special.items():
        pool = np.array(content["machines"][name])
        numbers = np.where(rows, pool[rng.integers(0, len(pool), size)], numbers)
    return pa.array(numbers)


def _agent(parameters: Parameters, rng: np.random.Generator, classes: Classes, persons: PersonFacts) -> pa.Array:
    content = data("web")
    size = len(classes.attack)
    agents = content["agents"]
    names = [a["name"] for a in agents]
    steps = {}
    few = shared(parameters, rng, classes, "devices")
    drawn: Floats = np.where(few >= 0, (_spread(few, 4) % 10_000) / 10_000, rng.random(size))
    for device in ("desktop", "mobile"):
        weights = np.cumsum([a["share"] * (a["device"] == device) for a in agents])
        steps[device] = np.searchsorted(weights / weights[-1], drawn, side="right")
    agent = pick(names, np.where(persons.mobile, steps["mobile"], steps["desktop"]))
    for style in ("script", "headless"):
        flags: Flags = is_style(parameters, "agent", style, classes.attack)
        pool = content["bots"][style]
        agent = put(agent, flags, pick(pool, rng.integers(0, len(pool), int(flags.sum()))))
    buyers = classes.automated & ~classes.junk
    return put(agent, buyers, content["bots"]["headless"][0])


def _headers(parameters: Parameters, rng: np.random.Generator, classes: Classes, agent: pa.Array) -> pa.Array:
    content = data("networks")["headers"]
    size = len(classes.attack)
    sent = pa.array([content["chrome"]] * size, pa.string())
    for word, name in (("Firefox", "firefox"), ("Version/", "safari")):
        sent = pc.if_else(pc.match_substring(agent, word), content[name], sent)
    bots = is_style(parameters, "agent", "script", classes.attack)
    sent = put(sent, bots, pick(content["script"], rng.integers(0, len(content["script"]), int(bots.sum()))))
    stealth = of_attack(parameters, "spoofs", classes.attack, 0.0)
    sent = put(sent, chance(rng, stealth * 0.6, size), content["stealth"])
    return put(sent, is_human(parameters, classes, "gateway"), content["gateway"])
