"""Any sequence of changes, conversions and approvals: the mirror at rest equals the account."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from crm import mirror_sync
from crm.connectors.zoho.zoho_account import ZohoAccount
from leadworth.crm_records import RecordState
from tests.crm.connector_bench import ROLES, ConnectorBench, connector_bench

ACTIONS = ("create", "web form", "approve", "convert", "edit", "delete", "erase", "restore", "merge", "sync", "kill")
CHANGES = st.lists(st.tuples(st.sampled_from(ACTIONS), st.integers(0, 99), st.integers(0, 99)), min_size=5, max_size=15)


def change(bench: ConnectorBench, kind: str, one: int, two: int) -> None:
    account = bench.account
    assert isinstance(account, ZohoAccount)
    leads = account.of("Leads")
    live = [key for key, item in leads.items() if item.state is RecordState.LIVE]
    deleted = [key for key, item in leads.items() if item.state is RecordState.DELETED and key not in account.erased]
    unconverted = [key for key in live if not leads[key].values.get("Converted__s")]
    if kind in ("create", "web form"):
        key = account.create("Leads", {"Email": f"p{one}@example.org", "Company": f"Company {two}"})
        account.unapproved |= {key} if kind == "web form" else set()
    elif kind == "approve" and account.unapproved:
        key = account.unapproved.pop()
        account.edit("Leads", key, {"Lead_Status": "Contacted"})
    elif kind == "convert" and unconverted:
        account.convert(unconverted[one % len(unconverted)], deal=bool(two % 3), amount=float(two))
    elif kind == "edit" and live:
        account.edit("Leads", live[one % len(live)], {"Company": f"Company {two}"})
    elif kind == "delete" and live:
        account.delete("Leads", live[one % len(live)])
    elif kind == "erase" and live:
        account.erase("Leads", live[one % len(live)])
    elif kind == "restore" and deleted:
        account.restore("Leads", deleted[one % len(deleted)])
    elif kind == "merge" and len(unconverted) > 1:
        kept = one % len(unconverted)
        account.merge("Leads", unconverted[kept], unconverted[kept - 1])
    elif kind in ("sync", "kill"):
        bench.sync(kill_after=one if kind == "kill" else None)
    account.clock.advance(seconds=1 + two % 200)


@settings(max_examples=4, phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck))
@given(changes=CHANGES)
def test_the_mirror_at_rest_equals_the_account(
    tmp_path_factory: Any, monkeypatch: Any, changes: list[tuple[str, int, int]]
) -> None:
    every = mirror_sync.objects_read
    with monkeypatch.context() as patch:
        patch.setattr(
            mirror_sync,
            "objects_read",
            lambda info, lead: tuple(name for name in every(info, lead) if info.objects[name].role in ROLES),
        )
        folder: Path = tmp_path_factory.mktemp("zoho")
        with connector_bench("zoho", folder, faults=0.2, seed=len(changes)) as bench:
            for kind, one, two in changes:
                change(bench, kind, one, two)
            bench.rest()
            bench.check()
            last = bench.sync()
            assert last is not None
            assert last.written == 0
