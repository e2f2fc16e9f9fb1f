"""Rows of the peer's tables as answers hold them."""

from __future__ import annotations

import pytest

from crm.connectors.dynamics.dataverse_account import DataverseAccount
from crm.connectors.dynamics.dataverse_tables import DataverseTables
from crm.connectors.dynamics.odata_filter import ODataError
from tests.crm.connectors.dynamics.environment import START


def test_a_row_on_the_wire() -> None:
    account = DataverseAccount()
    tables = DataverseTables(account)
    lead = account.create("lead", {"leadsourcecode": "8"}, at=START)
    call = account.create("phonecall", {"_regardingobjectid_value": lead})
    [row] = tables.rows("lead")
    answer = tables.wire("lead", row, ["createdon", "leadsourcecode", "firstname"])
    assert answer.pop("@odata.etag").startswith('W/"')
    assert answer == {"leadid": lead, "createdon": "2026-11-01T00:00:00Z", "leadsourcecode": 8, "firstname": None}
    [row] = tables.rows("phonecall")
    answer = tables.wire("phonecall", row, ["_regardingobjectid_value"])
    assert answer["_regardingobjectid_value@Microsoft.Dynamics.CRM.lookuplogicalname"] == "lead"
    account.delete("phonecall", call)
    assert not list(tables.rows("phonecall"))


def test_an_unknown_name_is_no_table() -> None:
    with pytest.raises(ODataError, match="segment 'nothings'"):
        DataverseTables(DataverseAccount()).table("nothings")
