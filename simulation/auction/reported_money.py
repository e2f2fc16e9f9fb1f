"""Money reported to the platforms against the revenue that came, of all leads and of those with consent."""

from __future__ import annotations

import numpy as np
import pandas as pd

from leadworth.consent import Consent, read_consent
from simulation.auction.ad_market import AdMarket
from simulation.auction.market_contract import PotentialLeads
from simulation.auction.market_run import MarketRun
from simulation.rng import Flags

WITHOUT_CONSENT_FIELD = frozenset({"linkedin"})
"""Platforms that have no field for consent: both purposes must be granted."""
COLUMNS = ("Ads Consent", "Personal Ads Consent")


def may_be_reported(leads: PotentialLeads) -> Flags:
    """Return whether the platform that sold the click may receive the lead: its consent is recorded, shape (n,)."""
    cells = [leads.world.leads[column].where(leads.world.leads[column].notna(), None) for column in COLUMNS]
    both = [Consent(*map(read_consent, row)).settled(None, ()) for row in zip(*cells, strict=True)]
    data, personal = (np.array([getattr(consent, name) for consent in both]) for name in Consent.__slots__)
    strict = [number for number, name in enumerate(leads.platforms) if name in WITHOUT_CONSENT_FIELD]
    return np.asarray(leads.bought & data & (personal | ~np.isin(leads.platform, strict)), dtype=bool)


def reported_money(market: AdMarket, run: MarketRun) -> pd.DataFrame:
    """Return money by platform, of the leads that were bought after the warm-up.

    Returns
    -------
    DataFrame
        Index `platform`; `reported`: what the platform accepted; `revenue`: what came; `expected`: true expected value
        without the luck of single deals; `revenue_with_consent`, `expected_with_consent`: the same of the leads that
        may be reported.
    """
    leads = market.leads
    truth = leads.world.truth
    bought = run.won & leads.bought & (leads.day >= leads.warm_up_days)
    consent = may_be_reported(leads)[bought]
    revenue, expected = (truth[name].to_numpy()[bought] for name in ("revenue", "value"))
    table = pd.DataFrame(
        {
            "platform": np.array(leads.platforms)[leads.platform[bought]],
            "reported": run.reported[bought],
            "revenue": revenue,
            "expected": expected,
            "revenue_with_consent": revenue * consent,
            "expected_with_consent": expected * consent,
        }
    )
    return table.groupby("platform").sum()
