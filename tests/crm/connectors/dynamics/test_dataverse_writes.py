"""Writes of the peer."""

from __future__ import annotations

import pytest

from crm.connectors.dynamics.dataverse_account import DataverseAccount
from crm.connectors.dynamics.dataverse_tables import DataverseTables
from crm.connectors.dynamics.dataverse_writes import DataverseWrites
from crm.connectors.dynamics.odata_filter import ODataError


@pytest.fixture
def account() -> DataverseAccount:
    return DataverseAccount()


@pytest.fixture
def writes(account: DataverseAccount) -> DataverseWrites:
    return DataverseWrites(account, DataverseTables(account))


def test_one_faulty_row_rolls_all_back(account: DataverseAccount, writes: DataverseWrites) -> None:
    good, bad = account.create("lead", {}), account.create("lead", {})
    targets = [{"leadid": good, "lw_model": "a"}, {"leadid": bad, "lw_model": "x" * 65}]
    with pytest.raises(ODataError, match="maximum length"):
        writes.update_all("lead", {"Targets": targets}, {})
    assert not account.writes
    assert writes.update_all("lead", {"Targets": targets[:1]}, {}) == (204, None)
    assert account.of("lead")[good].values["lw_model"] == "a"


@pytest.mark.parametrize(
    ("values", "code"),
    [({"nothing": 1}, "0x80048d19"), ({"merged": True}, "0x80048d19"), ({"lw_band": 5}, "0x80048408")],
)
def test_values_that_do_not_fit_are_refused(
    account: DataverseAccount, writes: DataverseWrites, values: dict[str, object], code: str
) -> None:
    with pytest.raises(ODataError) as caught:
        writes.update_one("lead", account.create("lead", {}), values, {"if-match": "*"})
    assert caught.value.code == code
