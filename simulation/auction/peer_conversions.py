"""Conversions that the local peers hold, by the potential lead whose click they belong to."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from conversions.sandbox.effects import Effects
from leadworth.encryption import IdentifierCipher
from leadworth.platform_catalog import platforms
from simulation.auction.market_contract import Conversions, PotentialLeads
from simulation.rng import Floats

TRANSACTION_STAGES = ("lead", "qualified", "won")


class PeerConversions:
    """Value that each platform counts for the clicks that it sold.

    A platform that is sent a lead of another one's click, found by the e-mail address, attributes nothing to itself.
    One that restates counts the last value of its primary action; one that counts adds up the values of all actions.

    Parameters
    ----------
    market
        Names click and platform of each lead.
    cipher
        Makes the transaction ids.
    primary
        Platform that restates -> its primary action, as the peer names it.
    """

    def __init__(self, market: PotentialLeads, cipher: IdentifierCipher, primary: Mapping[str, str]) -> None:
        self._market = market
        self._cipher = cipher
        self._primary = primary
        self._leads: dict[str, int] = {}
        self._values: Floats = np.zeros(len(market))
        self._seen = np.zeros(len(market), dtype=bool)

    @property
    def values(self) -> Floats:
        """Value that the platform of its click counts for each potential lead, shape (n,); 0 if none."""
        return self._values.copy()

    def add(self, leads: np.ndarray) -> None:
        """Add leads whose conversions may come from now on."""
        ids = self._market.world.leads["Lead ID"].to_numpy()[leads].tolist()
        for lead, lead_id in zip(leads.tolist(), ids, strict=True):
            for stage in TRANSACTION_STAGES:
                self._leads[self._cipher.transaction_id(lead_id, stage)] = lead

    def changed(self, effects: Mapping[str, Effects]) -> Conversions:
        """Return the conversions that are new or have another value than at the last call.

        Parameters
        ----------
        effects
            Platform -> what its peer holds.
        """
        values, seen = np.zeros(len(self._market)), np.zeros(len(self._market), dtype=bool)
        for number, name in enumerate(self._market.platforms):
            if name not in effects:
                continue
            restates = platforms()[name].restates
            with effects[name].lock:
                for key, sent in effects[name].values.items():
                    action, _, transaction = key.partition("|")
                    lead = self._leads.get(transaction)
                    if lead is None or self._market.platform[lead] != number:
                        continue
                    if restates and action != self._primary[name]:
                        continue
                    seen[lead] = True
                    values[lead] += (sent[-1] or 0.0) * effects[name].counts[key]
        rows = np.flatnonzero((seen & ~self._seen) | (values != self._values))
        self._values, self._seen = values, seen
        return Conversions(rows, values[rows])
