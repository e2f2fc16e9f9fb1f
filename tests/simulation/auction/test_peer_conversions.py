"""Conversions of the peers by click: last value where a platform restates, sum where it counts, only its own clicks."""

from __future__ import annotations

import numpy as np

from conversions.sandbox.effects import Effects
from leadworth.encryption import IdentifierCipher
from leadworth.key_derivation import key_for
from leadworth.settings import Settings
from simulation.auction.market_contract import Conversions
from simulation.auction.peer_conversions import PeerConversions
from tests.simulation.auction.potential import PLATFORMS, potential_leads

CIPHER = IdentifierCipher(key_for(Settings(currency="EUR", leads={}, secret="s" * 40), "export"))


def _pairs(conversions: Conversions) -> dict[int, float]:
    return dict(zip(conversions.lead.tolist(), conversions.value.tolist(), strict=True))


def test_each_platform_counts_its_own_clicks_in_its_own_way() -> None:
    market = potential_leads(400, 30, 60)
    ids = market.world.leads["Lead ID"].tolist()
    google, meta = (int(np.flatnonzero(market.platform == PLATFORMS.index(name))[0]) for name in ("google", "meta"))
    effects = {"google": Effects(), "meta": Effects()}
    peers = PeerConversions(market, CIPHER, {"google": "lead"})
    peers.add(np.array([google, meta]))

    def send(platform: str, lead: int, stage: str, value: float | None) -> None:
        key = f"{stage}|{CIPHER.transaction_id(ids[lead], stage)}"
        effects[platform].record(key, value, repeats="replaced" if platform == "google" else "ignored")

    assert len(peers.changed(effects)) == 0
    send("google", google, "lead", 40.0)
    send("google", google, "won", 40.0)  # another action for the same click: not the one that bids
    send("meta", google, "lead", 40.0)  # found by the address; the click was not Meta's
    send("meta", meta, "lead", 10.0)
    assert _pairs(peers.changed(effects)) == {google: 40.0, meta: 10.0}
    assert len(peers.changed(effects)) == 0
    send("google", google, "lead", 90.0)
    send("meta", meta, "won", 25.0)
    send("meta", meta, "won", 25.0)  # repeated: counted once
    assert _pairs(peers.changed(effects)) == {google: 90.0, meta: 35.0}
    send("google", google, "lead", None)
    assert _pairs(peers.changed(effects)) == {google: 0.0}
    assert peers.values[meta] == 35.0
