"""True class of each lead: genuine, or junk of one attack of the catalogue (`data/attacks.toml`)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulation.channels import ALONE, FLOOD, Arrivals, Calendar, campaigns_of
from simulation.parameters import Parameters
from simulation.rng import Flags, Floats, Ints, chance, codes, stream

GENUINE = -1
ORDINARY = -1


@dataclass(frozen=True)
class Classes:
    """The true class of each lead."""

    attack: Ints  # index in parameters.attacks; GENUINE for people with a need
    automated: Flags
    human: Ints  # index in parameters.humans of an unusual genuine lead; ORDINARY for others

    @property
    def junk(self) -> Flags:
        """Whether the lead can never win: it is not from a person with a need."""
        return np.not_equal(self.attack, GENUINE)


def bot_share(parameters: Parameters, calendar: Calendar, arrivals: Arrivals) -> Floats:
    """Return the probability of each lead to come from an attack, given its channel and day."""
    channels = parameters.channels.values()
    passed = calendar.passed(arrivals.day)
    first = np.array([c.bot_share[0] for c in channels])[arrivals.channel]
    last = np.array([c.bot_share[1] for c in channels])[arrivals.channel]
    share = (first + (last - first) * passed) * parameters.world.bot_factor
    for code, (name, channel) in enumerate(parameters.channels.items()):
        for campaign, own in channel.bot_campaigns.items():
            here = (arrivals.channel == code) & (arrivals.campaign == campaigns_of(name, channel).index(campaign))
            share = np.where(here, own, share)
    flood = np.array([c.flood_share for c in channels])[arrivals.channel]
    since = np.array([calendar.export_day - c.flood_last_days for c in channels])[arrivals.channel]
    share = np.where((flood > 0) & (arrivals.day >= since), flood, share)
    return np.where(arrivals.imported, 0.0, share)


def draw_classes(parameters: Parameters, calendar: Calendar, arrivals: Arrivals, seed: int) -> Classes:
    """Draw the true class of each lead."""
    rng = stream(seed, "classes")
    size = len(arrivals)
    attacks = parameters.attacks.values()
    on_form = codes(rng, [a.share for a in attacks], size)
    on_instant = codes(rng, [a.instant_share for a in attacks], size)
    instant = np.array([c.instant_form for c in parameters.channels.values()])[arrivals.channel]
    kind = np.where(instant, on_instant, on_form)
    attack = np.where(chance(rng, bot_share(parameters, calendar, arrivals), size), kind, GENUINE)
    tests = chance(rng, parameters.world.tests, size) & ~instant & ~arrivals.imported
    attack = np.where(tests, list(parameters.attacks).index("test_address"), attack)
    attack = np.where(arrivals.gathered > FLOOD, GENUINE, attack)
    attack = np.where(arrivals.gathered == FLOOD, list(parameters.attacks).index("burst"), attack)
    attack = np.where(arrivals.gathered < ALONE, list(parameters.attacks).index("sabotage"), attack)
    agents = chance(rng, parameters.world.buyer_agents, size) & (attack == GENUINE) & ~instant & ~arrivals.imported
    automated = (of_attack(parameters, "automated", attack, 0.0) > 0) | agents
    human = _humans(parameters, arrivals, (attack == GENUINE) & ~agents & ~instant & ~arrivals.imported, seed)
    return Classes(attack, automated, human)


def _humans(parameters: Parameters, arrivals: Arrivals, genuine: Flags, seed: int) -> Ints:
    """Draw which genuine leads of page forms are unusual, and in which way."""
    rng = stream(seed, "humans")
    names = list(parameters.humans)
    booth = names.index("fair_stand")
    shares = [0.0 if number == booth else human.share for number, human in enumerate(parameters.humans.values())]
    drawn = codes(rng, [*shares, 1.0 - sum(shares)], len(arrivals))
    human = np.where(genuine & (drawn < len(names)), drawn, ORDINARY)
    return np.where(genuine & (arrivals.gathered > FLOOD), booth, human)


def is_browsing(parameters: Parameters, classes: Classes) -> Flags:
    """Return which leads are junk that browses and writes like people: people without a need, stealthy bots."""
    browse = [a.behaviour in {"person", "stealth"} for a in parameters.attacks.values()]
    return np.array([*browse, False])[classes.attack]


def is_human(parameters: Parameters, classes: Classes, name: str) -> Flags:
    """Return which leads are of one kind of unusual people."""
    return np.asarray(classes.human == list(parameters.humans).index(name))


def of_attack(parameters: Parameters, name: str, attack: Ints, otherwise: float) -> Floats:
    """Return one parameter of the attack of each lead, and `otherwise` for genuine ones."""
    values = [float(getattr(a, name)) for a in parameters.attacks.values()]
    return np.array([*values, otherwise])[attack]


def is_style(parameters: Parameters, name: str, style: str, attack: Ints) -> Flags:
    """Return which leads come from an attack whose `names`, `mail`, `text` or `agent` is `style`."""
    matches = [getattr(a, name) == style for a in parameters.attacks.values()]
    return np.array([*matches, False])[attack]
