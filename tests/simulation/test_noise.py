from __future__ import annotations

import pandas as pd
import phonenumbers

from leadworth import values
from simulation import Simulation
from simulation.noise import TOKENS_OF_FILE


def test_budgets_come_in_several_notations_and_keep_their_value(base: Simulation) -> None:
    written = base.leads["Budget"].dropna()
    assert written.str.endswith(",00 €").mean() > 0.1
    assert written.str.startswith("EUR ").mean() > 0.01
    amounts = written.map(values.number)
    assert amounts.notna().all()
    assert (amounts % 500 == 0).all()
    assert amounts.min() >= 500


def test_missing_cells_are_written_in_several_ways(base: Simulation) -> None:
    industry = base.leads["Industry"]
    assert (industry == "Select").sum() > 100
    assert industry.isna().sum() > 100
    assert set(TOKENS_OF_FILE) == {"", "Select", "N/A"}
    assert (base.leads["Email"].dropna().str.isupper()).mean() > 0.01


def test_new_categories_appear_late_only(base: Simulation) -> None:
    late = base.end - pd.Timedelta(days=80)
    for column, value in (("Industry", "Climate technology"), ("Campaign", "search_autumn")):
        times = base.leads.loc[base.leads[column] == value, "Created"]
        assert len(times) > 20
        assert times.min() > late


def test_phones_of_people_are_possible_and_those_of_bots_often_not(base: Simulation) -> None:
    written = base.leads["Phone"]
    known = written.str.startswith("+").fillna(False) & ~base.truth["junk"].to_numpy()
    sample = written[known].head(1500)
    assert sample.map(lambda p: phonenumbers.is_valid_number(phonenumbers.parse(p))).mean() > 0.95
    short = written.str.fullmatch(r"\d{6}").fillna(False)
    junk = base.truth["junk"].to_numpy()
    assert short[junk].mean() > 10 * short[~junk].mean()


def test_names_are_sometimes_swapped_and_people_come_again(base: Simulation) -> None:
    again = base.truth.dropna(subset="duplicate_of")
    assert 0.005 < len(again) / len(base.truth) < 0.02
    mails = pd.Series(base.leads["Email"].str.lower().to_numpy(), index=base.leads["Lead ID"])
    assert (mails[again["lead_id"]].to_numpy() == mails[again["duplicate_of"]].to_numpy()).all()


def test_addresses_are_of_ranges_for_tests(base: Simulation) -> None:
    known = base.leads["IP"].dropna()
    assert known.str.match(r"(10|198\.1[89])\.").all()


def test_instant_forms_and_imports_carry_no_page(base: Simulation) -> None:
    off_site = base.leads["Lead Source"].isin(["meta_form", "linkedin", "fair"])
    on_page = [
        "Form Seconds",
        "Pages Viewed",
        "IP",
        "User Agent",
        "Landing Page",
        "Honeypot Filled",
        "lw_data",
        "Headers",
    ]
    assert base.leads.loc[off_site, on_page].isna().all(axis=None)
    assert base.leads.loc[~off_site, ["Pages Viewed", "IP", "User Agent", "Form Token"]].notna().all(axis=None)
    timed = base.leads["Form Seconds"].notna()
    assert base.leads.loc[timed, "Form Token"].eq("ok").all()
    assert base.leads.loc[base.leads["Form Token"].eq("ok"), "Form Seconds"].notna().mean() > 0.97
