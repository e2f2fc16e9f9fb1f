"""Records of the local Pipedrive account as its interface shows them."""

from __future__ import annotations

from datetime import timedelta

from crm.connectors.pipedrive.pipedrive_peer_account import PipedriveAccount
from crm.connectors.pipedrive.pipedrive_peer_limits import PipedriveLimits
from crm.connectors.pipedrive.pipedrive_peer_views import KEPT_FOR, PeerViews, show_new


def made() -> tuple[PipedriveAccount, PeerViews]:
    account = PipedriveAccount()
    return account, PeerViews(account, PipedriveLimits())


def test_a_deal_shows_its_status_stage_and_times() -> None:
    account, views = made()
    deal = account.create("deals", {"stage": "2", "value": 5.0})
    account.clock.advance(hours=1)
    account.edit("deals", deal, {"stage": "lost"})
    record = account.of("deals")[deal]
    shown = views.show("deals", record)
    assert (shown["status"], shown["stage_id"], shown["won_time"]) == ("lost", 2, None)
    assert shown["lost_time"] == shown["close_time"] == show_new(record.modified_at)
    assert shown["stage_change_time"] == show_new(record.created_at)
    account.edit("deals", deal, {"stage": "3"})
    shown = views.show("deals", record)
    assert (shown["status"], shown["stage_id"], shown["close_time"]) == ("open", 3, None)


def test_deleted_deals_are_listed_for_thirty_days_and_apart() -> None:
    account, views = made()
    deal, kept = account.create("deals", {}), account.create("deals", {})
    account.delete("deals", deal)
    (shown,) = views.page("deals", {"status": "deleted"}, archived=False)["data"]
    assert (shown["id"], shown["status"], shown["is_deleted"]) == (int(deal), "deleted", True)
    assert [item["id"] for item in views.page("deals", {}, archived=False)["data"]] == [int(kept)]
    account.clock.advance(seconds=(KEPT_FOR + timedelta(seconds=1)).total_seconds())
    assert views.page("deals", {"status": "deleted"}, archived=False)["data"] == []


def test_a_cursor_goes_on_after_the_last_row_in_both_directions() -> None:
    account, views = made()
    made_ids = [int(account.create("deals", {})) for _ in range(5)]
    for direction, expected in (("asc", made_ids), ("desc", made_ids[::-1])):
        query = {"limit": "2", "sort_by": "update_time", "sort_direction": direction}
        found, cursor = [], None
        while True:
            page = views.page("deals", {**query, **({"cursor": cursor} if cursor else {})}, archived=False)
            found += [item["id"] for item in page["data"]]
            cursor = page["additional_data"]["next_cursor"]
            if cursor is None:
                break
        assert found == expected


def test_lists_lag_behind_and_reading_by_id_does_not() -> None:
    account = PipedriveAccount(lag_seconds=60.0)
    views = PeerViews(account, PipedriveLimits())
    deal = account.create("deals", {})
    assert views.page("deals", {}, archived=False)["data"] == []
    assert len(views.page("deals", {"ids": deal}, archived=False)["data"]) == 1
