"""Some leads have the scores that a run of all leads gives them."""

from __future__ import annotations

import pytest

from serving.rescoring.open_lead_scores import score_open_leads
from tests.serving.rescoring.watched import Watched


def test_scores_of_some_leads_are_those_of_a_run_of_all(crm: Watched) -> None:
    ids = [*crm.leads(5, domain="several"), *crm.leads(1)]
    crm.settle()
    crm.edit(ids[2], numemployees=5_000)
    crm.edit(ids[5], numemployees=1)
    crm.deliver()
    assert crm.work().scored == 6  # the mail domain of a business: its leads are one decision
    table = score_open_leads(crm.business.settings, crm.models[-1], "hubspot", crm.now()).table.set_index("lead_id")
    for lead in ids:
        held = crm.business.held(lead)
        assert float(str(held["lw_predicted_value"])) == pytest.approx(table.loc[lead, "account_value"], abs=0.006)
        assert float(str(held["lw_win_probability"])) == pytest.approx(table.loc[lead, "win_probability"], abs=1e-4)
    assert table.loc[ids[2], "account_value"] < table.loc[ids[2], "predicted_value"]
