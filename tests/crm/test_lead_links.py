from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from crm.lead_links import LeadLinks
from leadworth.crm_records import RecordLink
from tests.crm.mirror_bench import MirrorBench


@pytest.fixture
def asked(bench: MirrorBench) -> Callable[..., Any]:
    def ask(method: str, *given: Any) -> Any:
        return bench.mirror(
            lambda mirror: getattr(LeadLinks(mirror, bench.connector.info, bench.connector.lead_object), method)(*given)
        )

    return ask


def test_a_record_names_its_leads_on_either_side(bench: MirrorBench, asked: Callable[..., Any]) -> None:
    ada, bob, eve = (bench.account.create("leads", {"company": name}) for name in ("a", "b", "e"))
    deal = bench.account.create("deals", {"stage": "new"})
    alone = bench.account.create("deals", {"stage": "new"})
    company = bench.account.create("companies", {"name": "Acme"})
    bench.account.link("deals", deal, RecordLink("leads", ada))
    for lead in (ada, bob):
        bench.account.link("leads", lead, RecordLink("companies", company))
    bench.sync()
    assert asked("of_records", "deals", [deal, alone]) == {deal: {ada}, alone: set()}
    assert asked("of_records", "companies", [company]) == {company: {ada, bob}}
    assert asked("of_records", "leads", [eve, "unknown"]) == {eve: {eve}, "unknown": set()}
    assert asked("deals_of", [ada, bob], "deals") == {deal}
    assert asked("deals_of", [bob], "deals") == set()


def test_merged_leads_are_the_survivor_and_deleted_ones_none(bench: MirrorBench, asked: Callable[..., Any]) -> None:
    ada, bob, eve = (bench.account.create("leads", {"company": name}) for name in ("a", "b", "e"))
    deal = bench.account.create("deals", {"stage": "new"})
    bench.account.link("deals", deal, RecordLink("leads", bob))
    bench.sync()
    bench.account.merge("leads", ada, bob)
    bench.account.delete("leads", eve)
    bench.sync()
    assert asked("of_records", "leads", [bob, eve]) == {bob: {ada}, eve: set()}
    assert asked("of_records", "deals", [deal]) == {deal: {ada}}
    assert asked("deals_of", [ada], "deals") == {deal}
