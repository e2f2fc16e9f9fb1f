"""Evidence of attacks and of people who look odd, against what the catalogue and the contract of the payload say."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from simulation import Simulation
from simulation.parameters import data
from tests.features.leads import PERSON

ALLOWED = {*PERSON, "ga", "fbp"}
RATIOS = ("straight", "turn", "cx", "cy")
FLAGS = ("hp", "hp_focus", "hp_fill", "touch", "auto", "gl_soft", *(name for name in PERSON if name.startswith("lie_")))


@pytest.fixture(scope="module")
def seen(base: Simulation) -> pd.DataFrame:
    """Payloads of the base world, one row per lead, with its class."""
    payloads = base.leads["lw_data"].map(json.loads, na_action="ignore")
    rows = pd.DataFrame([payload if isinstance(payload, dict) else {} for payload in payloads])
    truth = base.truth.reset_index(drop=True)[["attack", "human", "junk", "automated"]]
    return rows.assign(seen=payloads.notna().to_numpy()).join(truth)


def test_payloads_hold_what_the_contract_says(seen: pd.DataFrame) -> None:
    assert set(seen.columns) - {"seen", "attack", "human", "junk", "automated"} <= ALLOWED
    known = seen[seen["seen"]]
    assert known["v"].eq(1).all()
    for name in RATIOS:
        assert known[name].dropna().between(0, 1).all(), name
    for name in FLAGS:
        assert set(known[name].dropna().unique()) <= {0, 1}, name
    assert set(known["kind"].dropna()) == {"click", "enter", "script"}
    numbers = known.select_dtypes("number")
    assert (numbers.dropna(axis=1, how="all").min() >= 0).all()


def test_machines_leave_the_marks_of_the_catalogue(seen: pd.DataFrame) -> None:
    def of(attack: str) -> pd.DataFrame:
        return seen[seen["attack"].eq(attack) & seen["seen"]]

    assert not seen.loc[seen["attack"].eq("raw_post"), "seen"].any()
    assert (of("fill_everything")["nofocus"] == of("fill_everything")["fields"]).all()
    assert of("random_case")["untrusted"].min() >= 1
    typed = of("headless").query("keys > 0")
    assert (typed["hold_med"] < 60).all()
    assert (typed["ik_cv"] < 0.35).all()
    assert of("headless")["gl_soft"].mean() > 0.75
    assert of("stealth")["lie_gl"].mean() > 0.35
    assert of("stealth")["auto"].mean() < 0.01


def test_people_look_as_measured(seen: pd.DataFrame) -> None:
    people = seen[~seen["junk"] & seen["human"].isna() & seen["seen"] & ~seen["automated"]]
    desk = people[people["touch"].eq(0) & people["keys"].gt(5)]
    assert 95 < desk["hold_med"].median() < 115
    assert people["touch"].mean() == pytest.approx(0.33, abs=0.06)
    assert 0.10 < (people["paste"].gt(0) | people["fill"].gt(0)).mean() < 0.22
    assert people[["auto", "gl_soft", "lie_gl", "lie_ua", "lie_screen"]].mean().max() < 0.01
    assert people["untrusted"].max() == 0


def test_odd_people_show_what_makes_them_odd(seen: pd.DataFrame, base: Simulation) -> None:
    leads, human = base.leads, base.truth["human"].to_numpy()
    assert seen.loc[human == "script_autofill", "untrusted"].dropna().min() > 8
    resisting = seen.loc[(human == "private_browser") & seen["seen"].to_numpy(dtype=bool)]
    assert (resisting["lie_tz"].eq(1) & resisting["lie_screen"].eq(1) & resisting["tz"].eq("UTC")).all()
    assert 0.3 < seen.loc[human == "private_browser", "seen"].mean() < 0.7
    zones = data("networks")["abroad"]
    travelling = seen["seen"].to_numpy(dtype=bool) & (human == "traveller") & leads["IP Country"].notna().to_numpy()
    assert (leads.loc[travelling, "IP Country"].map(zones) == seen.loc[travelling, "tz"]).all()
    assert leads.loc[human == "cached_page", "Form Token"].eq("expired").all()
    assert leads.loc[human == "no_script", "lw_data"].isna().all()
    assert leads.loc[human == "overnight", "Form Seconds"].isna().all()
    assert seen.loc[human == "overnight", "ms"].dropna().min() > 7.5 * 3.6e6
    assert (seen.loc[(human == "autofill") & seen["hp"].eq(1), "hp_fill"] == 1).all()
    assert seen.loc[human == "soft_keyboard", "hold_med"].dropna().max() <= 2
    assert leads.loc[human == "private_relay", "ASN"].isin([36183, 13335, 54113]).all()
    assert not leads.loc[human == "gateway", "Headers"].str.contains("sec-").any()
    booths = leads[human == "fair_stand"].groupby(leads["Created"].dt.floor("D"))["IP"]
    assert (booths.nunique() <= booths.size() / 5).mean() > 0.8
