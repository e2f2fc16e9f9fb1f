"""Contact details of each lead: names, e-mail address, phone, company, website."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from simulation.bot_traffic import Classes, is_human, is_style, of_attack
from simulation.client_network import shared
from simulation.companies import PersonFacts, country_codes
from simulation.parameters import Parameters, data
from simulation.rng import (
    DIGITS,
    LOWER,
    Flags,
    Ints,
    blank,
    chance,
    characters,
    digits_of,
    fixed,
    join,
    pick,
    put,
    stream,
)


@dataclass(frozen=True)
class PersonDetails:
    """Clean contact fields; null where the form has no value."""

    first_name: pa.Array
    last_name: pa.Array
    email: pa.Array
    phone: pa.Array
    company: pa.Array
    website: pa.Array


def draw_details(parameters: Parameters, classes: Classes, persons: PersonFacts, seed: int) -> PersonDetails:
    """Return the contact fields of each lead, the same for all leads of a person."""
    size = len(persons.person)
    rng = stream(seed, "identity")
    country = _name_country(parameters, rng, classes, persons)
    first_at = rng.integers(0, 2**31, size)[persons.person]
    last_at = rng.integers(0, 2**31, size)[persons.person]
    first, first_slug = _from_country(country, first_at, "first")
    last, last_slug = _from_country(country, last_at, "last")
    company, domain = _company(persons)
    brand = pc.if_else(
        pa.array(is_human(parameters, classes, "sub_brand")[persons.person]), _brand(rng, persons, domain), domain
    )
    free = persons.free_mail | is_style(parameters, "mail", "personal", classes.attack)
    email = _email(rng, persons, free, *_owner(parameters, rng, classes, first_slug, last_slug), brand)
    email = _unusual_email(parameters, rng, classes, persons, email, join(first_slug, last_slug, sep=" "), domain)
    first, last, email = _attack_names(parameters, rng, classes, first, last, email, first_slug, last_slug)
    phone = _phone(parameters, rng, classes, persons)
    website = join(pick(["https://www.", "www.", "http://", ""], rng.integers(0, 4, size)), domain)
    website = blank(website, persons.company < 0)
    return PersonDetails(first, last, email, phone, company, website)


RARE_NAMES = ("KR", "PL", "ET", "MA", "PE", "BN", "FJ", "KH", "VN", "HU")
SHORT_NAMES = ("SHORT",)
MORE_NAMES = ("ET", "MA", "PE", "BN", "FJ", "KH", "VN", "HU", *SHORT_NAMES)
"""Countries of names besides those of the leads."""


@cache
def _pools(part: str) -> tuple[list[str], list[str], tuple[int, ...], tuple[int, ...]]:
    """Return all names of a part, their ASCII forms, and start and length per country."""
    names: list[str] = []
    starts = []
    lengths = []
    content = data("people")["names"]
    for country in (*country_codes(), *MORE_NAMES):
        own = [
            word.replace("_", " ") for word in content[{"AT": "DE", "US": "GB"}.get(country, country)][part].split(" ")
        ]
        starts.append(len(names))
        lengths.append(len(own))
        names += own
    return names, [slug(name) for name in names], tuple(starts), tuple(lengths)


def slug(name: str) -> str:
    """Return the ASCII letters of a name in lower case.

    Examples
    --------
    >>> slug("Jürgen O'Brien"), slug("Schäfer GmbH & Co")
    ('jurgenobrien', 'schafergmbhco')
    """
    plain = unicodedata.normalize("NFKD", name.replace("ł", "l").replace("ß", "ss")).encode("ascii", "ignore").decode()
    return "".join(c for c in plain.lower() if c.isalnum())


def _from_country(country: Ints, at: Ints, part: str) -> tuple[pa.Array, pa.Array]:
    names, slugs, starts, lengths = _pools(part)
    positions = np.array(starts)[country] + at % np.array(lengths)[country]
    return pick(names, positions), pick(slugs, positions)


def _name_country(parameters: Parameters, rng: np.random.Generator, classes: Classes, persons: PersonFacts) -> Ints:
    """Return the country of each name: that of the lead, except for attacks from is_other countries."""
    country = persons.country
    for code, attack in enumerate(parameters.attacks.values()):
        if attack.countries:
            own = [country_codes().index(c) for c in attack.countries]
            country = np.where(classes.attack == code, np.array(own)[rng.integers(0, len(own), len(country))], country)
    codes = [*country_codes(), *MORE_NAMES]
    for kind, listed in (("rare_names", RARE_NAMES), ("short_names", SHORT_NAMES)):
        pool = np.array([codes.index(code) for code in listed])
        drawn = pool[rng.integers(0, len(pool), len(country))][persons.person]
        country = np.where(is_human(parameters, classes, kind)[persons.person], drawn, country)
    return country


def _company(persons: PersonFacts) -> tuple[pa.Array, pa.Array]:
    """Return name and domain of the company; null for is_private persons."""
    content = data("companies")
    countries = list(data("people")["countries"].values())
    stems = content["stems"].split()
    nouns = content["nouns"].split()
    identity = np.maximum(persons.company, 0)
    stem = identity % len(stems)
    noun = (identity // len(stems)) % len(nouns)
    number = identity // (len(stems) * len(nouns))
    legal = pick([c["legal"] for c in countries], persons.country)
    tld = pick([c["tld"] for c in countries], persons.country)
    extra = pc.if_else(pa.array(number > 0), digits_of(number), "")
    name = join(join(pick(stems, stem), pick([n.capitalize() for n in nouns], noun), extra), legal, sep=" ")
    domain = join(join(pick([s.lower() for s in stems], stem), "-", pick(nouns, noun), extra), tld, sep=".")
    is_private = pa.array(persons.company < 0)
    none = pa.scalar(None, pa.string())
    return pc.if_else(is_private, none, name), pc.if_else(is_private, none, domain)


def _brand(rng: np.random.Generator, persons: PersonFacts, domain: pa.Array) -> pa.Array:
    """Return mail domains that do not contain the company name."""
    letters = characters(rng, LOWER, rng.integers(3, 8, len(domain))).take(pa.array(persons.person))
    return pc.if_else(pc.is_valid(domain), join(letters, "-services.", pc.utf8_slice_codeunits(domain, -2)), domain)


def _owner(
    parameters: Parameters, rng: np.random.Generator, classes: Classes, first: pa.Array, last: pa.Array
) -> tuple[pa.Array, pa.Array]:
    """Return the names in the mail address: those of the person, or of another person."""
    size = len(first)
    is_other = chance(rng, of_attack(parameters, "name_mismatch", classes.attack, 0.0), size)
    at = pa.array(np.where(is_other, rng.permutation(size), np.arange(size)))
    return first.take(at), last.take(at)


def _email(
    rng: np.random.Generator, persons: PersonFacts, free: Flags, first: pa.Array, last: pa.Array, domain: pa.Array
) -> pa.Array:
    size = len(persons.person)
    draws = rng.random((4, size))[:, persons.person]
    mail = data("people")["mail"]
    initial = pc.utf8_slice_codeunits(first, 0, 1)
    number = digits_of((draws[2] * 99).astype(np.int64) + 1)
    business = join(join(pc.if_else(pa.array(draws[0] < 0.6), first, initial), last, sep="."), domain, sep="@")
    private_local = pc.if_else(pa.array(draws[0] < 0.5), join(first, ".", last), join(first, last, number))
    is_private = join(private_local, pick(mail["free"], (draws[3] * len(mail["free"])).astype(np.int64)), sep="@")
    role = join(pick(["info", "office", "einkauf", "sales"], (draws[1] * 4).astype(np.int64)), domain, sep="@")
    chosen = pc.if_else(pa.array(draws[2] < 0.05), role, business)
    return pc.if_else(pa.array(free | (persons.company < 0)), is_private, chosen)


def _unusual_email(
    parameters: Parameters,
    rng: np.random.Generator,
    classes: Classes,
    persons: PersonFacts,
    email: pa.Array,
    names: pa.Array,
    domain: pa.Array,
) -> pa.Array:
    """Overwrite addresses of people that do not contain their name: of a relay, nicknames, initials, teams."""
    mail = data("people")["mail"]
    size = len(persons.person)
    drawn = rng.random((4, size))[:, persons.person]

    def one_of(pool: list[str], row: int) -> pa.Array:
        return pick(pool, (drawn[row] * len(pool)).astype(np.int64))

    generated = characters(rng, LOWER + DIGITS, rng.integers(7, 13, size)).take(pa.array(persons.person))
    number = pc.if_else(pa.array(drawn[2] < 0.7), digits_of((drawn[2] * 99).astype(np.int64)), "")
    between = pc.if_else(pa.array(drawn[3] < 0.3), ".", "")
    nickname = join(one_of(mail["nicknames"], 0), between, one_of(mail["nicknames"], 1), number)
    initials = pc.utf8_slice_codeunits(pc.replace_substring_regex(names, r"(\w)\w* (\w).*", r"\1\2"), 0, 2)
    middle = pc.if_else(pa.array(drawn[2] < 0.4), one_of(list(LOWER), 0), "")
    addresses = {
        "relay_mail": join(generated, one_of(mail["relay"], 3), sep="@"),
        "nickname_mail": join(nickname, one_of(mail["free"], 3), sep="@"),
        "initials_mail": join(join(initials, middle), domain, sep="@"),
        "test_word_mail": join(one_of(mail["test_words"], 0), domain, sep="@"),
    }
    for kind, address in addresses.items():
        chosen = pa.array(is_human(parameters, classes, kind)[persons.person])
        if kind in ("initials_mail", "test_word_mail"):
            chosen = pc.and_(chosen, pc.is_valid(domain))
        email = pc.if_else(chosen, address, email)
    return email


def _attack_names(
    parameters: Parameters,
    rng: np.random.Generator,
    classes: Classes,
    first: pa.Array,
    last: pa.Array,
    email: pa.Array,
    first_slug: pa.Array,
    last_slug: pa.Array,
) -> tuple[pa.Array, pa.Array, pa.Array]:
    """Overwrite names and addresses of attacks in their style."""
    mail = data("people")["mail"]
    attack = classes.attack

    def where(name: str, style: str) -> tuple[Flags, int]:
        flags = is_style(parameters, name, style, attack)
        return flags, int(flags.sum())

    flags, count = where("names", "random_case")
    first = put(first, flags, characters(rng, LOWER + LOWER.upper(), rng.integers(10, 25, count)))
    last = put(last, flags, characters(rng, LOWER + LOWER.upper(), rng.integers(10, 25, count)))
    flags, count = where("names", "keymash")
    pool = data("people")["keymash"]["pool"].split()
    first = put(first, flags, pick(pool, rng.integers(0, len(pool), count)))
    last = put(last, flags, pick(pool, rng.integers(0, len(pool), count)))
    flags, count = where("names", "fragment")
    last = put(last, flags, join(first.filter(pa.array(flags)), pc.utf8_capitalize(fixed(rng, LOWER, 3, count))))
    flags, count = where("names", "test")
    first = put(first, flags, pick(["Test", "asdf", "Demo", "Tester"], rng.integers(0, 4, count)))
    last = put(last, flags, pick(["Test", "asdf", "User", "Testing"], rng.integers(0, 4, count)))
    size = len(attack)
    number = digits_of(rng.integers(1, 9999, size))
    local = pc.if_else(
        pa.array(rng.random(size) < 0.5), join(first_slug, last_slug, number), fixed(rng, LOWER, 9, size)
    )
    for style in ("free", "disposable", "odd", "ru"):
        flags, count = where("mail", style)
        domains = pick(mail[style], rng.integers(0, len(mail[style]), count))
        email = put(email, flags, join(local.filter(pa.array(flags)), domains, sep="@"))
    flags, count = where("mail", "dots")
    email = put(email, flags, _dotted(rng, count))
    flags, count = where("mail", "test")
    return first, last, put(email, flags, pick(mail["test"], rng.integers(0, len(mail["test"]), count)))


def _dotted(rng: np.random.Generator, count: int) -> pa.Array:
    """Return Gmail addresses with many dots and a number, such as o.w.on.u.x.334@gmail.com."""
    pieces = [characters(rng, LOWER, rng.integers(1, 3, count)) for _ in range(7)]
    return join(join(*pieces, sep="."), digits_of(rng.integers(10, 999, count)), "@gmail.com")


def _phone(parameters: Parameters, rng: np.random.Generator, classes: Classes, persons: PersonFacts) -> pa.Array:
    """Return phone numbers in several notations; some attacks use impossible numbers."""
    size = len(persons.person)
    countries = list(data("people")["countries"].values())
    prefixes = [p for country in countries for p in country["prefixes"]]
    counts = np.array([len(country["prefixes"]) for country in countries])
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    own = rng.random(size)[persons.person]
    abroad = chance(rng, of_attack(parameters, "phone_elsewhere", classes.attack, 0.0), size)
    country = np.where(abroad, rng.integers(0, len(countries), size), persons.country)
    prefix = pick(prefixes, starts[country] + (own * counts[country]).astype(np.int64))
    numbers = (rng.random(size)[persons.person] * 9e6).astype(np.int64) + 1_000_000
    number = digits_of(
        np.where(np.array([country["digits"] for country in countries])[country] == 6, numbers // 10, numbers)
    )
    code = pick([country["code"] for country in countries], country)
    trunk = pick([country["trunk"] for country in countries], country)
    few = shared(parameters, rng, classes, "phones")
    number = pc.if_else(pa.array(few >= 0), digits_of(4_000_000 + few), number)
    notation = rng.integers(0, 5, size)
    written = join("+", code, " ", prefix, " ", number)
    written = put(written, notation == 1, join("00", code, prefix, number).filter(pa.array(notation == 1)))
    written = put(written, notation == 2, join(trunk, prefix, "/", number).filter(pa.array(notation == 2)))
    written = put(written, notation == 3, join("(+", code, ") ", prefix, "-", number).filter(pa.array(notation == 3)))
    bad = chance(rng, of_attack(parameters, "bad_phone", classes.attack, 0.01), size)
    written = put(written, bad, fixed(rng, DIGITS[:6], 6, int(bad.sum())))
    return pc.if_else(pa.array(persons.phone | (classes.junk & bad)), written, pa.scalar(None, pa.string()))
