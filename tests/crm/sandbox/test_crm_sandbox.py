from __future__ import annotations

from crm.sandbox.crm_sandbox import fill, peer_of, serve_sandbox
from leadworth.crm_catalog import crms


def test_every_crm_can_be_filled_with_a_business() -> None:
    peers = [peer_of(name) for name in crms()]
    fill(peers, leads=60, seed=3)
    for peer in peers:
        info = crms()[peer.name]
        assert len(peer.account.of(info.lead_objects[0])) == 60, peer.name
        latest = max(record.created_at for record in peer.account.of(info.lead_objects[0]).values())
        assert latest <= peer.account.clock.now()
    with serve_sandbox(peers) as variables:
        for name in crms():
            assert variables[f"LEADWORTH_CRM__{name.upper()}__ENDPOINT"].startswith("http://127.0.0.1:")
