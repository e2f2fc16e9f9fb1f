"""The environment of the peer keeps rows as Dataverse does."""

from __future__ import annotations

from crm.connectors.dynamics.dataverse_account import DataverseAccount
from leadworth.crm_records import RecordLink, RecordState
from tests.crm.connectors.dynamics.environment import START


def test_a_status_reason_sets_the_state_and_a_close_date_has_no_time() -> None:
    account = DataverseAccount()
    deal = account.create("opportunity", {"actualclosedate": "2026-11-28T23:00:00+00:00"}, at=START)
    account.edit("opportunity", deal, {"statuscode": "5"})
    values = account.of("opportunity")[deal].values
    assert (values["statecode"], values["actualclosedate"]) == ("2", "2026-11-28")
    assert account.of("opportunity")[deal].created_at == START


def test_each_change_and_deletion_has_a_number() -> None:
    account = DataverseAccount()
    first, second = account.create("lead", {}), account.create("lead", {})
    account.edit("lead", first, {"lastname": "A"})
    account.delete("lead", second)
    assert account.changed["lead"][first] < account.deleted["lead"][second] == account.version
    account.restore("lead", second)
    assert not account.deleted["lead"]


def test_lookups_of_others_move_to_the_survivor_of_a_merge() -> None:
    account = DataverseAccount()
    kept, absorbed = account.create("account", {}), account.create("account", {})
    deal = account.create("opportunity", {"_customerid_value": absorbed})
    account.merge("account", kept, absorbed)
    assert account.truth("opportunity")[deal].links == (RecordLink("account", kept, "customer"),)
    loser = account.of("account")[absorbed]
    assert (loser.state, loser.values["merged"], loser.values["_masterid_value"]) == (RecordState.MERGED, True, kept)


def test_labels_of_choices_become_numbers() -> None:
    account = DataverseAccount()
    keys = [account.create("lead", {"leadsourcecode": label}) for label in ("Fair", "8", "Fair")]
    numbers = [account.of("lead")[key].values["leadsourcecode"] for key in keys]
    assert numbers == ["200000000", "8", "200000000"]
