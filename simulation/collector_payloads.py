"""Collector payload `lw_data` of each lead, in the format of docs/reference/evidence.md.

People: log-normal times, key holds of about 105 ms, curved pointer paths; a third with a touch screen, a sixth with
autofill or paste. Bots: by the behaviour of their attack in `data/attacks.toml`.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from simulation.bot_traffic import Classes, is_human, of_attack
from simulation.channels import DAY_SECONDS, Arrivals
from simulation.client_network import destinations, shared
from simulation.companies import PersonFacts, country_codes
from simulation.parameters import Parameters, data
from simulation.rng import Flags, Floats, Ints, blank, chance, join, pick, put, stream
from simulation.visitor_behaviour import MISSING, NO_STATE, TOKEN_STATES, Behaviour

CONSENT = 0.6


def draw_payloads(
    parameters: Parameters, arrivals: Arrivals, classes: Classes, persons: PersonFacts, behaviour: Behaviour, seed: int
) -> dict[str, pa.Array]:
    """Return the payload and token state of each lead by standard field; null where there is none."""
    drawn = _Drawn(parameters, classes, persons, behaviour, stream(seed, "evidence"))
    values = {**_typing(drawn), **_pointer(drawn), **_page(drawn, arrivals, seed), **_software(drawn)}
    parts = [_part(name, value) for name, value in values.items()]
    payload = join("{", join('"v":1', *parts, sep=","), "}")
    state = pick(TOKEN_STATES, np.maximum(behaviour.token, 0))
    return {"lw_data": blank(payload, ~_seen(drawn)), "token_state": blank(state, behaviour.token == NO_STATE)}


class _Drawn:
    """Random draws of how each form was filled in: by which kind of sender, with which device."""

    def __init__(
        self,
        parameters: Parameters,
        classes: Classes,
        persons: PersonFacts,
        behaviour: Behaviour,
        rng: np.random.Generator,
    ) -> None:
        self.parameters = parameters
        self.classes = classes
        self.persons = persons
        self.behaviour = behaviour
        self.rng = rng
        self.size = len(classes.attack)
        behaviours = [a.behaviour for a in parameters.attacks.values()]
        agent = classes.automated & ~classes.junk  # the agent of a buyer drives a browser like other software
        self.how = np.where(agent, "driven", np.array([*behaviours, "person"])[classes.attack])
        self.person = self.how == "person"
        self.touch = self.person & persons.mobile & ~self.human("assistant")
        few = shared(parameters, rng, classes, "devices")
        self.device = np.where(few >= 0, (few * 7919) % 1000 / 1000.0, rng.random(self.size))
        pasted = chance(rng, of_attack(parameters, "pastes", classes.attack, 0.08), self.size) | self.human("assistant")
        self.pastes = self.person & pasted
        self.scripted = self.human("script_autofill")
        by_browser = (chance(rng, 0.1, self.size) | self.human("autofill")) & ~self.scripted
        self.fills = self.person & ~pasted & by_browser

    def human(self, name: str) -> Flags:
        return is_human(self.parameters, self.classes, name)

    def attack(self, name: str) -> Flags:
        return chance(self.rng, of_attack(self.parameters, name, self.classes.attack, 0.0), self.size)

    def around(self, middle: float, spread: float, least: float = 0.0) -> Floats:
        """Draw log-normal numbers for people."""
        return np.maximum(middle * np.exp(self.rng.normal(0.0, spread, self.size)), least)

    def by_kind(self, person: Floats | Ints, **others: Floats | Ints | float) -> Floats:
        """Return the numbers for people and for the other kinds of sender; nan for kinds that are not named."""
        numbers = np.where(self.person, person, np.nan)
        for name, values in others.items():
            numbers = np.where(self.how == name, values, numbers)
        return numbers


def _seen(drawn: _Drawn) -> Flags:
    """Return which leads have a payload."""
    without = drawn.attack("no_payload") | (drawn.how == "none") | (drawn.behaviour.token == MISSING)
    refused = drawn.human("no_script") | (drawn.human("no_consent") & chance(drawn.rng, 0.3, drawn.size))
    refused |= drawn.human("private_browser") & chance(drawn.rng, 0.5, drawn.size)
    return np.asarray(drawn.behaviour.on_site & ~without & ~refused)


def _typing(drawn: _Drawn) -> dict[str, Floats | pa.Array]:
    rng = drawn.rng
    size = drawn.size
    fields: Floats = 4.0 + rng.integers(0, 5, size).astype(np.float64)
    length: Floats = np.round(drawn.around(70.0, 0.5, 20.0))
    typed: Floats = np.where(drawn.fills, 0.0, np.where(drawn.pastes, np.round(length * 0.1), length))
    few = np.where(drawn.human("input_method"), 0.55, 1.0)
    delays = rng.choice([0.0, 50.0], size)  # Puppeteer's type() without delay and with a delay of 50 ms
    driven_typed = chance(rng, 0.6, size)
    stealth_delay = rng.uniform(50, 150, size)
    keys = drawn.by_kind(
        np.round(typed * few * (1.0 + rng.uniform(0.02, 0.14, size))),
        set=0.0,
        driven=np.where(driven_typed, length, 0.0),
        stealth=length,
    )
    keys = np.where(drawn.scripted, fields + rng.integers(0, 3, size), keys)  # a key event for each field
    rhythm = np.isnan(keys) | (keys > 0)
    interval = drawn.by_kind(
        np.where(drawn.touch, drawn.around(190, 0.25), drawn.around(150, 0.3) * (0.85 + 0.3 * drawn.device)),
        driven=np.where(delays > 0, rng.normal(54, 1.2, size), rng.uniform(1, 4, size)),
        stealth=stealth_delay + rng.normal(4, 1, size),
    )
    interval = np.where(drawn.scripted, rng.uniform(2, 8, size), interval)
    hold = drawn.by_kind(
        np.where(drawn.touch, rng.uniform(0, 2, size), np.maximum(rng.normal(105, 16, size), 45)),
        driven=np.where(delays > 0, rng.normal(53, 1.2, size), rng.uniform(1, 3, size)),
        stealth=np.where(chance(rng, 0.5, size), stealth_delay, rng.uniform(1, 4, size)),
    )
    soft = drawn.human("soft_keyboard") | drawn.scripted
    return {
        "keys": keys,
        "chars": drawn.by_kind(typed, set=length, driven=length, stealth=length),
        "ik_med": np.round(np.where(rhythm, interval, np.nan)),
        "ik_cv": np.round(
            np.where(
                rhythm,
                drawn.by_kind(
                    drawn.around(0.75, 0.25), driven=rng.uniform(0.02, 0.3, size), stealth=rng.uniform(0.03, 0.35, size)
                ),
                np.nan,
            ),
            2,
        ),
        "hold_med": np.round(np.where(soft, rng.uniform(0, 1, size), np.where(rhythm, hold, np.nan))),
        "hold_cv": np.round(
            np.where(
                rhythm,
                drawn.by_kind(
                    drawn.around(0.28, 0.25), driven=rng.uniform(0.02, 0.4, size), stealth=rng.uniform(0.02, 0.3, size)
                ),
                np.nan,
            ),
            2,
        ),
        **_editing(drawn, fields, typed, driven_typed, interval),
    }


def _editing(
    drawn: _Drawn, fields: Floats, typed: Floats, driven_typed: Flags, interval: Floats
) -> dict[str, Floats | pa.Array]:
    """Draw corrections, pasted and filled fields, and focus."""
    rng = drawn.rng
    size = drawn.size
    return {
        "bs": drawn.by_kind(rng.poisson(0.05 * typed + 0.1), set=0.0, driven=0.0, stealth=0.0),
        "paste": drawn.by_kind(
            np.where(drawn.pastes, 1.0 + rng.integers(0, 5, size), 0.0), set=0.0, driven=0.0, stealth=0.0
        ),
        "fill": drawn.by_kind(np.where(drawn.fills, fields, 0.0), set=0.0, driven=0.0, stealth=0.0),
        "tabs": drawn.by_kind(
            np.where(drawn.human("keyboard_only"), fields + 2, rng.poisson(1.2, size) * ~drawn.touch),
            set=0.0,
            driven=0.0,
            stealth=0.0,
        ),
        "fields": np.where(drawn.how == "none", np.nan, fields),
        "nofocus": drawn.by_kind(
            np.zeros(size), set=fields, driven=np.where(driven_typed, 0.0, rng.integers(0, 2, size)), stealth=0.0
        ),
        "dwell": np.round(
            drawn.by_kind(
                np.where(drawn.scripted, 0.0, drawn.around(110, 0.5)), set=0.0, driven=interval, stealth=interval
            )
        ),
    }


def _pointer(drawn: _Drawn) -> dict[str, Floats | pa.Array]:
    """Draw the pointer: people as measured on millions of moves, bots jump once to the middle of the button."""
    rng = drawn.rng
    size = drawn.size
    by_key = drawn.person & (chance(rng, 0.08, size) | drawn.human("enter_key") | drawn.human("keyboard_only"))
    still = drawn.touch | drawn.human("keyboard_only")
    moves = np.where(still, 0.0, np.round(drawn.around(140, 0.9, 3)))
    tool = chance(rng, 0.5, size)  # half of the stealthy bots draw curves with a library
    mv = drawn.by_kind(moves, set=0.0, driven=1.0, stealth=np.where(tool, np.round(drawn.around(40, 0.5, 5)), 1.0))
    mouse = mv > 1
    centred = 0.5 + rng.normal(0, 0.002, size)
    cx = drawn.by_kind(rng.beta(4, 4, size), driven=centred, stealth=np.where(tool, rng.beta(9, 9, size), centred))
    cy = drawn.by_kind(rng.beta(4, 4, size), driven=0.491, stealth=np.where(tool, rng.beta(9, 9, size), 0.491))
    kind = np.where(by_key, "enter", np.where((drawn.how == "set"), "script", "click"))
    clicked = (kind == "click") & ~by_key
    return {
        "mv": mv,
        "path": np.round(np.where(mouse, drawn.by_kind(drawn.around(1800, 0.9), stealth=drawn.around(700, 0.4)), 0.0)),
        "straight": np.round(
            np.where(mouse, drawn.by_kind(rng.beta(2.0, 1.3, size), stealth=rng.beta(9, 1.5, size)), np.nan), 2
        ),
        "turn": np.round(
            np.where(mouse, drawn.by_kind(rng.beta(5, 9, size), stealth=rng.beta(2, 14, size)), np.nan), 2
        ),
        "cx": np.round(np.where(clicked, cx, np.nan), 3),
        "cy": np.round(np.where(clicked, cy, np.nan), 3),
        "gap": np.round(
            np.where(
                clicked & ~drawn.touch,
                drawn.by_kind(drawn.around(220, 0.8), driven=rng.uniform(0, 6, size), stealth=rng.uniform(1, 60, size)),
                np.nan,
            )
        ),
        "kind": blank(
            pick(["click", "enter", "script"], np.select([kind == "click", kind == "enter"], [0, 1], 2)),
            drawn.how == "none",
        ),
    }


def _page(drawn: _Drawn, arrivals: Arrivals, seed: int) -> dict[str, Floats | pa.Array]:
    rng = drawn.rng
    size = drawn.size
    seconds = drawn.behaviour.seconds
    countries = country_codes()
    zones = data("networks")["zones"]
    zone = pick([zones[code] for code in countries], drawn.persons.country)
    is_elsewhere = drawn.attack("zone_elsewhere") | drawn.human("roaming") | drawn.human("traveller")
    utc = drawn.attack("zone_utc") | (drawn.classes.automated & ~drawn.classes.junk & chance(rng, 0.6, size))
    _, elsewhere = destinations(size, seed)
    zone = pc.if_else(pa.array(is_elsewhere), elsewhere, zone)
    zone = pc.if_else(pa.array(utc | drawn.human("private_browser")), "UTC", zone)
    language = pick([c["language"] for c in data("people")["countries"].values()], drawn.persons.country)
    consent = chance(rng, CONSENT, size) & ~drawn.human("no_consent") & (drawn.how != "none")
    days = np.where(drawn.person & ~drawn.classes.junk, drawn.behaviour.days_since_first_visit, 0.0)
    fresh = drawn.person | chance(rng, 0.3, size)  # bots mostly start with an empty browser profile
    first = arrivals.seconds - np.nan_to_num(days) * DAY_SECONDS - np.minimum(np.nan_to_num(seconds, nan=60.0), 86_400)
    cookie = np.where(consent & fresh, np.round(first), np.nan)
    return {
        "ms": np.round(1000 * np.where(drawn.how == "none", np.nan, seconds) * rng.uniform(0.97, 1.0, size)),
        "first_ms": np.round(
            np.minimum(
                drawn.by_kind(
                    drawn.around(5200, 0.8, 300),
                    driven=rng.uniform(100, 700, size),
                    stealth=rng.uniform(400, 3000, size),
                ),
                1000 * np.nan_to_num(seconds, nan=1e9),
            )
        ),
        "scroll": drawn.by_kind(
            np.round(100 * rng.beta(2, 1.2, size)),
            set=0.0,
            driven=np.round(20 * rng.random(size)),
            stealth=np.round(100 * rng.random(size)),
        ),
        "vis": drawn.by_kind(rng.poisson(0.5, size), set=0.0, driven=0.0, stealth=0.0),
        "tz": blank(zone, drawn.how == "none"),
        "lang": blank(put(language, drawn.human("private_browser"), "en"), drawn.how == "none"),
        "ga": cookie,
        "fbp": np.where(chance(rng, 0.6, size), cookie + rng.integers(0, 3, size), np.nan),
    }


def _software(drawn: _Drawn) -> dict[str, Floats]:
    rng = drawn.rng
    size = drawn.size
    behaviour = drawn.behaviour
    here = drawn.how != "none"
    spoofing = drawn.attack("spoofs")

    def flag(where: Flags) -> Floats:
        return np.where(here, where.astype(np.float64), np.nan)

    driven = drawn.how == "driven"
    resists = drawn.human("private_browser")
    events = np.where(drawn.how == "set", 1.0 + rng.integers(0, 6, size), 0.0)
    events = np.where(drawn.human("script_autofill"), 9.0 + rng.integers(0, 16, size), events)
    return {
        "touch": flag(drawn.touch),
        "untrusted": np.where(here, events, np.nan),
        "auto": flag((np.nan_to_num(behaviour.webdriver) > 0) | (driven & chance(rng, 0.6, size))),
        "hp": flag(np.nan_to_num(behaviour.honeypot_filled) > 0),
        "hp_focus": flag(np.zeros(size, dtype=bool)),
        "hp_fill": flag(drawn.human("autofill") & (np.nan_to_num(behaviour.honeypot_filled) > 0)),
        "gl_soft": flag(drawn.attack("software_graphics") | (drawn.person & chance(rng, 0.004, size))),
        "lie_gl": flag((spoofing & chance(rng, 0.7, size)) | chance(rng, 0.002, size)),
        "lie_brand": flag((spoofing & chance(rng, 0.6, size)) | chance(rng, 0.002, size)),
        "lie_tz": flag((driven & chance(rng, 0.7, size)) | resists),
        "lie_ua": flag((spoofing & chance(rng, 0.2, size)) | chance(rng, 0.002, size)),
        "lie_screen": flag((driven & chance(rng, 0.7, size)) | (spoofing & chance(rng, 0.3, size)) | resists),
    }


def _part(name: str, values: Floats | pa.Array) -> pa.Array:
    """Return `"name":value` for each lead; null where there is no value."""
    if isinstance(values, pa.Array):
        return pc.if_else(pc.is_valid(values), join(f'"{name}":"', values, '"'), pa.scalar(None, pa.string()))
    is_known = np.isfinite(values)
    numbers = pa.array(np.where(is_known, values, 0.0))
    whole = bool(np.all(values[is_known] == np.round(values[is_known])))
    text = numbers.cast(pa.int64()).cast(pa.string()) if whole else numbers.cast(pa.string())
    return blank(join(f'"{name}":', text), ~is_known)
