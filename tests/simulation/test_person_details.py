"""Names, mail addresses and phones."""

from __future__ import annotations

import numpy as np
import pandas as pd
import phonenumbers

from features.mail_address import read_address
from features.name import compute
from simulation import Simulation
from simulation.person_details import slug


def test_slugs_are_ascii_letters() -> None:
    assert slug("Michał Müller-Weiß") == "michalmullerweiss"


def test_mail_addresses_of_people_have_their_names_or_a_role(base: Simulation) -> None:
    unusual = ["rare_names", "relay_mail", "nickname_mail", "initials_mail", "test_word_mail"]
    genuine = base.leads[~base.truth["junk"].to_numpy() & ~base.truth["human"].isin(unusual).to_numpy()]
    local = genuine["Email"].str.lower().str.split("@").str[0].str.replace(r"[.\d]", "", regex=True)
    names = genuine["Last Name"].str.lower().map(slug, na_action="ignore")
    firsts = genuine["First Name"].str.lower().map(slug, na_action="ignore")
    contains = [
        isinstance(name, str) and isinstance(first, str) and (name in mail or first in mail)
        for mail, name, first in zip(local, names, firsts, strict=True)
    ]
    assert np.mean(contains) > 0.85


def test_people_with_unusual_addresses_and_names(base: Simulation) -> None:
    human = base.truth["human"].to_numpy()
    mails = base.leads["Email"].str.lower()
    local = mails.str.split("@").str[0]
    assert mails[human == "relay_mail"].map(lambda mail: read_address(mail).provider == "relay").mean() > 0.95
    nicknames = pd.concat([base.leads[["First Name", "Last Name"]], mails], axis=1)[human == "nickname_mail"].dropna()
    matches = [compute(first, last, mail)[-2] for first, last, mail in nicknames.itertuples(index=False)]
    assert np.nanmean(matches) < 0.1
    own = base.leads["Company"].notna() & (human == "initials_mail")
    assert local[own].str.len().median() <= 3
    assert base.leads.loc[human == "short_names", "Last Name"].str.len().median() == 2


def test_phones_of_people_are_possible_and_those_of_bots_often_not(base: Simulation) -> None:
    written = base.leads["Phone"]
    known = written.str.startswith("+").fillna(False) & ~base.truth["junk"].to_numpy()
    sample = written[known].head(1500)
    assert sample.map(lambda p: phonenumbers.is_valid_number(phonenumbers.parse(p))).mean() > 0.95
    short = written.str.fullmatch(r"\d{6}").fillna(False)
    junk = base.truth["junk"].to_numpy()
    assert short[junk].mean() > 10 * short[~junk].mean()
