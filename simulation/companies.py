"""People and companies of the leads, before a form is filled in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from simulation.bot_traffic import Classes, is_browsing
from simulation.channels import Arrivals, Calendar, is_late
from simulation.parameters import Parameters, data
from simulation.rng import Flags, Floats, Ints, chance, codes, codes_by_row, stream


@dataclass(frozen=True)
class PersonFacts:
    """Sender of each lead; nan and -1 where the form has no value."""

    person: Ints
    duplicate_of: Ints  # index of the earlier lead of the same person, -1 for none
    country: Ints
    company: Ints  # identity of the company; -1: private person
    industry: Ints  # -1: no value
    employees: Floats
    level: Ints  # of the job title, 0 to 4; -1: no value
    late_title: Flags
    budget: Floats
    free_mail: Flags
    phone: Flags
    intent: Ints  # of the message; -1: no message
    sentences: Ints
    warmth: Floats  # visible only through the behaviour
    mobile: Flags
    product: Ints


def country_codes() -> list[str]:
    """Return the countries of the simulation, in order."""
    return list(data("people")["countries"])


def industries() -> dict[str, list[float]]:
    """Return name: (share, shift of log-odds, shift of the log of the deal), late ones last."""
    content = data("companies")
    return {**content["industries"], **content["late_industries"]}


def draw_persons(
    parameters: Parameters, calendar: Calendar, arrivals: Arrivals, classes: Classes, seed: int
) -> PersonFacts:
    """Draw the person and the company behind each lead."""
    rng = stream(seed, "facts")
    size = len(arrivals)
    channels = list(parameters.channels.values())
    late = is_late(parameters, calendar, arrivals.day)
    country = codes(rng, [c["share"] for c in data("people")["countries"].values()], size)
    company = (rng.random(size) ** 1.15 * size * 0.7).astype(np.int64)
    employees = _employees(company, seed)
    free = chance(
        rng, np.array([c.free_mail for c in channels])[arrivals.channel] * (1.6 - np.log10(employees + 1) / 3), size
    )
    warmth = rng.normal(size=size) + np.array([c.warmth for c in channels])[arrivals.channel]
    warmth = np.where(classes.junk, np.where(is_browsing(parameters, classes), warmth - 0.6, -1.5), warmth)
    level = codes(rng, [0.07, 0.27, 0.30, 0.21, 0.15], size)
    level = np.where((employees < 15) & chance(rng, 0.5, size), 4, level)
    budget = np.round(8000 * (employees / 40) ** 0.45 * np.exp(rng.normal(0.15 * warmth, 0.8)) / 500) * 500
    present = {name: ~_missing(rng, parameters, arrivals, name, share) for name, share in MISSING_SHARES.items()}
    intent = np.where(present["message"], _intent(rng, warmth), -1)
    sentences = np.minimum(rng.poisson(np.exp(0.35 + 0.3 * warmth).clip(0.2, 6)), 8)
    facts = PersonFacts(
        person=np.arange(size),
        duplicate_of=np.full(size, -1),
        country=country,
        company=np.where(free & chance(rng, 0.35, size), -1, company),
        industry=np.where(present["industry"], _industry(company, late, seed), -1),
        employees=np.where(present["employees"], employees, np.nan),
        level=np.where(present["job_title"], level, -1),
        late_title=late & chance(rng, 0.04, size),
        budget=np.where(present["budget"], np.maximum(budget, 500), np.nan),
        free_mail=free,
        phone=present["phone"],
        intent=intent,
        sentences=np.where(intent < 0, 0, sentences),
        warmth=warmth,
        mobile=chance(rng, 0.30 + 0.1 * free, size) & ~arrivals.imported,
        product=codes(rng, [0.4, 0.25, 0.2, 0.15], size),
    )
    return _with_repeats(facts, parameters, arrivals, classes, seed)


MISSING_SHARES = {
    "employees": 0.14,
    "industry": 0.12,
    "job_title": 0.14,
    "budget": 0.42,
    "phone": 0.22,
    "message": 0.18,
}


def _missing(rng: np.random.Generator, parameters: Parameters, arrivals: Arrivals, name: str, usual: float) -> Flags:
    shares = np.array([c.missing.get(name, usual) for c in parameters.channels.values()])
    return chance(rng, shares[arrivals.channel], len(arrivals))


def _employees(company: Ints, seed: int) -> Floats:
    """Draw the size of each company once, the same for all of its leads."""
    rng = stream(seed, "company sizes")
    sizes = np.exp(rng.normal(3.6, 1.5, int(company.max(initial=0)) + 1))
    return np.maximum(np.round(np.minimum(sizes, 60_000)), 1.0)[company]


def _industry(company: Ints, late: Flags, seed: int) -> Ints:
    rng = stream(seed, "company industries")
    content = data("companies")
    usual = codes(rng, [v[0] for v in content["industries"].values()], int(company.max(initial=0)) + 1)[company]
    in_new_industry = late & (
        stream(seed, "late industries").random(len(company)) < content["late_industries"]["Climate technology"][0]
    )
    return np.where(in_new_industry, len(content["industries"]), usual)


def _intent(rng: np.random.Generator, warmth: Floats) -> Ints:
    intents: list[dict[str, Any]] = list(data("messages")["intents"].values())
    share = np.log([i["share"] for i in intents])
    slope = np.array([i["warmth"] for i in intents])
    return codes_by_row(rng, share + np.outer(warmth, slope))


def _with_repeats(
    facts: PersonFacts, parameters: Parameters, arrivals: Arrivals, classes: Classes, seed: int
) -> PersonFacts:
    """Make some leads repeat submissions of an earlier person: same identity, new behaviour."""
    rng = stream(seed, "repeats")
    size = len(arrivals)
    origin = np.arange(size)
    back = 1 + (rng.exponential(0.01 * size, size)).astype(np.int64)
    again = chance(rng, parameters.world.duplicates, size) & (origin - back >= 0) & ~classes.junk & ~arrivals.imported
    earlier = np.where(again, origin - back, -1)
    fair = parameters.fair_import
    if fair is not None:
        earlier = _acting_later(rng, earlier, arrivals, classes, fair.act_later)
    earlier = np.where((earlier >= 0) & classes.junk[earlier], -1, earlier)
    chained = (earlier >= 0) & (earlier[earlier] >= 0)
    earlier = np.where(chained, -1, earlier)
    same = np.where(earlier >= 0, earlier, origin)
    names = ("person", "country", "company", "industry", "employees", "level", "late_title", "free_mail")
    copied = {name: getattr(facts, name)[same] for name in names}
    rest = {name: value for name, value in vars(facts).items() if name not in copied and name != "duplicate_of"}
    return PersonFacts(**copied, **rest, duplicate_of=earlier)


def _acting_later(rng: np.random.Generator, earlier: Ints, arrivals: Arrivals, classes: Classes, share: float) -> Ints:
    """Make some genuine leads after the import of a fair submissions of its visitors."""
    visitors = np.flatnonzero(arrivals.imported)
    if not len(visitors):
        return earlier
    later = np.flatnonzero((np.arange(len(earlier)) > visitors[-1]) & ~classes.junk)
    act = rng.permutation(visitors)[: max(int(share * len(visitors)), 1)][: len(later)]
    earlier = earlier.copy()
    earlier[np.sort(rng.permutation(later)[: len(act)])] = act
    return earlier
