"""Names, mail addresses and phones."""

from __future__ import annotations

import numpy as np
import phonenumbers

from simulation import Simulation
from simulation.person_details import slug


def test_slugs_are_ascii_letters() -> None:
    assert slug("Michał Müller-Weiß") == "michalmullerweiss"


def test_mail_addresses_of_people_have_their_names_or_a_role(base: Simulation) -> None:
    genuine = base.leads[~base.truth["junk"].to_numpy() & (base.truth["human"] != "rare_names").to_numpy()]
    local = genuine["Email"].str.lower().str.split("@").str[0].str.replace(r"[.\d]", "", regex=True)
    names = genuine["Last Name"].str.lower().map(slug, na_action="ignore")
    firsts = genuine["First Name"].str.lower().map(slug, na_action="ignore")
    contains = [
        isinstance(name, str) and isinstance(first, str) and (name in mail or first in mail)
        for mail, name, first in zip(local, names, firsts, strict=True)
    ]
    assert np.mean(contains) > 0.85


def test_phones_of_people_are_possible_and_those_of_bots_often_not(base: Simulation) -> None:
    written = base.leads["Phone"]
    known = written.str.startswith("+").fillna(False) & ~base.truth["junk"].to_numpy()
    sample = written[known].head(1500)
    assert sample.map(lambda p: phonenumbers.is_valid_number(phonenumbers.parse(p))).mean() > 0.95
    short = written.str.fullmatch(r"\d{6}").fillna(False)
    junk = base.truth["junk"].to_numpy()
    assert short[junk].mean() > 10 * short[~junk].mean()
