"""Limits and errors of the local account: without them the other tests would mean nothing."""

from __future__ import annotations

from typing import Any

import pytest

from crm.connectors.zoho.zoho_peer_reads import ZohoPeerError, query_credits
from tests.crm.connectors.zoho.zoho_world import ZohoWorld

QUERY = "select id, Email from Leads where id > 0 order by id asc limit 200"


def code(world: ZohoWorld, query: dict[str, str]) -> str:
    with pytest.raises(ZohoPeerError) as caught:
        world.peer.reads.page("Leads", query, "")
    return str(caught.value)


def test_lists_want_fields_and_no_more_than_50(world: ZohoWorld) -> None:
    assert code(world, {}) == "REQUIRED_PARAM_MISSING"
    assert code(world, {"fields": ",".join(f"f{number}" for number in range(51))}) == "LIMIT_EXCEEDED"
    assert code(world, {"fields": "Email", "per_page": "201"}) == "INVALID_DATA"


def test_pages_by_number_end_at_2000_records(world: ZohoWorld) -> None:
    assert code(world, {"fields": "Email", "page": "11"}) == "DISCRETE_PAGINATION_LIMIT_EXCEEDED"


def test_a_page_token_dies_with_other_parameters(world: ZohoWorld) -> None:
    for number in range(3):
        world.lead(number)
    query = {"fields": "Email", "per_page": "2", "sort_by": "id"}
    page: Any = world.peer.reads.page("Leads", query, "2020-01-01T00:00:00+00:00")
    query["page_token"] = page["info"]["next_page_token"]
    assert code(world, query) == "INVALID_DATA"  # without If-Modified-Since
    rest: Any = world.peer.reads.page("Leads", query, "2020-01-01T00:00:00+00:00")
    assert len(rest["data"]) == 1


def test_lists_and_queries_hide_converted_and_unapproved_leads(world: ZohoWorld) -> None:
    converted, waiting = world.lead(0), world.lead(1)
    world.account.convert(converted)
    world.account.unapproved.add(waiting)
    assert world.peer.reads.page("Leads", {"fields": "Email"}, "") == 204
    assert world.peer.reads.query(QUERY) == 204
    both: Any = world.peer.reads.page("Leads", {"fields": "Email", "converted": "both", "approved": "both"}, "")
    assert len(both["data"]) == 2


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("select id from Leads", "SYNTAX_ERROR"),
        (QUERY.replace("id > 0", "id > 0 and Email = 'x' and id < 5"), "SYNTAX_ERROR"),
        (QUERY.replace("200", "2001"), "LIMIT_EXCEEDED"),
        (QUERY.replace("Email", "Nothing"), "INVALID_QUERY"),
        (QUERY.replace("Email", "id"), "DUPLICATE_DATA"),
        (QUERY.replace("Email", ", ".join(f"f{number}" for number in range(50))), "LIMIT_EXCEEDED"),
    ],
)
def test_queries_have_limits(world: ZohoWorld, text: str, named: str) -> None:
    world.lead()
    with pytest.raises(ZohoPeerError, match=named):
        world.peer.reads.query(text)


def test_the_limit_of_a_query_costs_credits() -> None:
    costs = [query_credits(QUERY.replace("200", str(limit))) for limit in (1, 200, 201, 1_000, 1_001, 2_000)]
    assert costs == [1, 1, 2, 2, 3, 3]


def test_the_deleted_list_tells_the_bin_from_what_is_gone(world: ZohoWorld) -> None:
    first, second = world.lead(0), world.lead(1)
    world.account.delete("Leads", first)
    world.account.erase("Leads", second)
    found: Any = world.peer.reads.deleted("Leads", {"type": "all"}, "")
    assert {row["id"]: row["type"] for row in found["data"]} == {first: "recycle", second: "permanent"}


def test_a_write_of_more_than_100_rows_is_refused(world: ZohoWorld) -> None:
    rows = [{"id": world.lead(number)} for number in range(101)]
    with pytest.raises(ZohoPeerError, match="INVALID_DATA"):
        world.peer.writes.update("Leads", {"data": rows, "trigger": []})


def test_associations_other_than_conversions_do_not_exist(world: ZohoWorld) -> None:
    from leadworth.crm_records import RecordLink

    with pytest.raises(ValueError, match="lookup"):
        world.account.link("Leads", world.lead(), RecordLink("Contacts", "1"))
