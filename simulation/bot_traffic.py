"""Which leads are junk, and of which class. Simple on purpose: shares and looks from the bot catalogue."""

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

    attack: Ints  # position in parameters.attacks, GENUINE for people with a need
    automated: Flags
    human: Ints  # position in parameters.humans of a genuine lead that looks odd, ORDINARY for others

    @property
    def junk(self) -> Flags:
        """Whether the lead can never win: no person with a need behind it."""
        return np.not_equal(self.attack, GENUINE)


def bot_share(parameters: Parameters, calendar: Calendar, arrived: Arrivals) -> Floats:
    """Return the probability of each lead to come from an attack, given its channel and day."""
    channels = parameters.channels.values()
    passed = calendar.passed(arrived.day)
    first = np.array([c.bot_share[0] for c in channels])[arrived.channel]
    last = np.array([c.bot_share[1] for c in channels])[arrived.channel]
    share = (first + (last - first) * passed) * parameters.world.bot_factor
    for code, (name, channel) in enumerate(parameters.channels.items()):
        for campaign, own in channel.bot_campaigns.items():
            here = (arrived.channel == code) & (arrived.campaign == campaigns_of(name, channel).index(campaign))
            share = np.where(here, own, share)
    flood = np.array([c.flood_share for c in channels])[arrived.channel]
    since = np.array([calendar.days - c.flood_last_days for c in channels])[arrived.channel]
    share = np.where((flood > 0) & (arrived.day >= since), flood, share)
    return np.where(arrived.imported, 0.0, share)


def classes(parameters: Parameters, calendar: Calendar, arrived: Arrivals, seed: int) -> Classes:
    """Draw the true class of each lead."""
    rng = stream(seed, "classes")
    size = len(arrived)
    attacks = parameters.attacks.values()
    on_form = codes(rng, [a.share for a in attacks], size)
    on_instant = codes(rng, [a.instant_share for a in attacks], size)
    instant = np.array([c.instant_form for c in parameters.channels.values()])[arrived.channel]
    kind = np.where(instant, on_instant, on_form)
    attack = np.where(chance(rng, bot_share(parameters, calendar, arrived), size), kind, GENUINE)
    tests = chance(rng, parameters.world.tests, size) & ~instant & ~arrived.imported
    attack = np.where(tests, list(parameters.attacks).index("test_address"), attack)
    attack = np.where(arrived.gathered > FLOOD, GENUINE, attack)
    attack = np.where(arrived.gathered == FLOOD, list(parameters.attacks).index("burst"), attack)
    attack = np.where(arrived.gathered < ALONE, list(parameters.attacks).index("sabotage"), attack)
    agents = chance(rng, parameters.world.buyer_agents, size) & (attack == GENUINE) & ~instant & ~arrived.imported
    automated = (of_attack(parameters, "automated", attack, 0.0) > 0) | agents
    human = _humans(parameters, arrived, (attack == GENUINE) & ~agents & ~instant & ~arrived.imported, seed)
    return Classes(attack, automated, human)


def _humans(parameters: Parameters, arrived: Arrivals, genuine: Flags, seed: int) -> Ints:
    """Draw which genuine leads of page forms look odd, and how."""
    rng, kinds = stream(seed, "humans"), list(parameters.humans)
    stand = kinds.index("fair_stand")
    shares = [0.0 if number == stand else human.share for number, human in enumerate(parameters.humans.values())]
    drawn = codes(rng, [*shares, 1.0 - sum(shares)], len(arrived))
    human = np.where(genuine & (drawn < len(kinds)), drawn, ORDINARY)
    return np.where(genuine & (arrived.gathered > FLOOD), stand, human)


def is_browsing(parameters: Parameters, kinds: Classes) -> Flags:
    """Tell which junk goes through the site and writes as people do: people without a need, and stealthy machines."""
    browse = [a.behaviour in {"person", "stealth"} for a in parameters.attacks.values()]
    return np.array([*browse, False])[kinds.attack]


def is_human(parameters: Parameters, kinds: Classes, name: str) -> Flags:
    """Tell which leads are of a kind of people that look odd."""
    return np.asarray(kinds.human == list(parameters.humans).index(name))


def of_attack(parameters: Parameters, name: str, attack: Ints, otherwise: float) -> Floats:
    """Look up one number of the attack of each lead, with a value for genuine ones."""
    values = [float(getattr(a, name)) for a in parameters.attacks.values()]
    return np.array([*values, otherwise])[attack]


def is_style(parameters: Parameters, name: str, style: str, attack: Ints) -> Flags:
    """Tell which leads come from an attack whose `names`, `mail`, `text` or `agent` is `style`."""
    matches = [getattr(a, name) == style for a in parameters.attacks.values()]
    return np.array([*matches, False])[attack]
