"""Companies are consistent, and some people submit again."""

from __future__ import annotations

import pandas as pd

from simulation import Simulation


def test_leads_of_one_company_have_the_same_size(base: Simulation) -> None:
    domains = base.leads["Website"].str.replace(r"^(https://www\.|www\.|http://)", "", regex=True)
    sizes = base.leads["Employees"].groupby(domains).nunique()
    assert len(sizes) > 1_000
    assert (sizes <= 1).all()


def test_names_are_sometimes_swapped_and_people_come_again(base: Simulation) -> None:
    again = base.truth.dropna(subset="duplicate_of")
    assert 0.005 < len(again) / len(base.truth) < 0.02
    mails = pd.Series(base.leads["Email"].str.lower().to_numpy(), index=base.leads["Lead ID"])
    assert (mails[again["lead_id"]].to_numpy() == mails[again["duplicate_of"]].to_numpy()).all()
