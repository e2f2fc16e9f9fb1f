import dataclasses

import numpy as np
import pytest

from conversions.platforms.linkedin.adapter import LinkedInDestination
from simulation.auction.market_run import run_market, warm_up
from simulation.auction.plain_signals import TrueValue
from simulation.auction.reported_money import WITHOUT_CONSENT_FIELD, may_be_reported, reported_money


@pytest.fixture(scope="module")
def run(calm):
    return run_market(warm_up(calm), TrueValue())


def test_only_recorded_consent_counts(calm):
    leads = calm.leads
    columns = leads.world.leads
    consent = may_be_reported(leads)
    granted = (columns["Ads Consent"] == "yes").to_numpy()
    assert (granted[consent]).all()
    assert consent[granted & (leads.platform == leads.platforms.index("google"))].all()
    personal = (columns["Personal Ads Consent"] == "yes").to_numpy()
    linkedin = leads.platform == leads.platforms.index("linkedin")
    assert (consent[linkedin] == (granted & personal)[linkedin]).all()


def test_linkedin_has_no_field_for_consent():
    assert not LinkedInDestination.limits.consents
    assert {"linkedin"} == WITHOUT_CONSENT_FIELD


def test_parts_add_up_to_the_money_of_the_run(calm, run):
    leads = calm.leads
    revenue = leads.world.truth["revenue"].to_numpy()
    consent = may_be_reported(leads)
    money = reported_money(calm, dataclasses.replace(run, reported=np.where(consent, revenue, 0.0)))
    bought = run.won & leads.bought & (leads.day >= leads.warm_up_days)
    assert money["revenue"].sum() == pytest.approx(revenue[bought].sum())
    assert money["reported"].tolist() == pytest.approx(money["revenue_with_consent"].tolist())
    assert (money["expected_with_consent"] <= money["expected"]).all()
