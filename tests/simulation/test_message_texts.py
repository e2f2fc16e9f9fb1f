"""Messages are in the language of the visitor and differ between people."""

from __future__ import annotations

from simulation import Simulation
from simulation.parameters import data


def test_messages_are_in_the_language_of_the_country(base: Simulation) -> None:
    genuine = base.leads[~base.truth["junk"].to_numpy()]
    openings = {name: tuple(data("messages")[name]["price"]) for name in ("en", "de", "it")}
    german = genuine[genuine["Country"].isin(["Germany", "Austria"])]["Message"].dropna()
    assert german.str.startswith(openings["de"]).any()
    assert not german.str.startswith(openings["it"]).any()


def test_messages_of_people_are_mostly_unique_and_pitches_are_not(base: Simulation) -> None:
    junk = base.truth["junk"].to_numpy()
    texts = base.leads["Message"]
    people, bots = texts[~junk].dropna(), texts[junk].dropna()
    assert people.nunique() / len(people) > 3 * bots.nunique() / len(bots)
    assert texts.isna().mean() > 0.1
