"""Signals that go through the product: train, score, plan, send to local peers, and read what these accepted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from conversions.plan_inputs import ScoredLeads
from conversions.sandbox.peer_servers import Sandbox
from leadworth.console import errors
from leadworth.encryption import IdentifierCipher
from leadworth.platform_catalog import platforms
from leadworth.settings import load_settings
from models.bundle import Bundle
from models.bundle_loading import load_bundle
from models.model_registry import CHAMPION, ModelRegistry
from models.registry_errors import VersionNotFoundError
from simulation.auction.market_contract import Conversions, Objective, PotentialLeads
from simulation.auction.peer_conversions import PeerConversions
from simulation.auction.replayed_crm import ReplayedCrm
from simulation.auction.replayed_export import Sections, export_day, sandbox_sections
from simulation.rng import Floats, Ints
from training.models_command import promote
from training.train_command import train

PRIMARY = "lead"
"""Stage whose action a platform that restates bids for."""
AT_SUBMIT, STAGED = "leadworth at submit only", "leadworth staged"
RETRAIN_DAYS = 91
SUBMIT_ONLY: Mapping[str, Mapping[str, Any]] = {"": {"restate_values": False}}
"""No later value replaces that at submit."""


@dataclass
class ProductSignal:
    """Values of leadworth, as the platforms' local peers accepted them.

    Attributes
    ----------
    name
        Name of the signal.
    folder
        Folder of the run; None: a temporary one, deleted by `close`.
    stages
        Stages that are sent to platforms that add up what they are sent; platforms that restate get `lead`.
    changes
        Platform, or "" for `[export]` -> changed settings.
    retrain_days
        Days between trainings.
    export_days
        Days between exports; a business exports every night, a quick run less often.
    objective
        What a bidder does with the values.
    promoted, trained
        Days of trainings whose model became champion, and of all trainings.
    """

    name: str
    folder: Path | None = None
    stages: Sequence[str] = ("lead", "qualified", "won")
    changes: Sections = field(default_factory=dict)
    retrain_days: int = RETRAIN_DAYS
    export_days: int = 1
    objective: Objective = "value"
    promoted: list[int] = field(default_factory=list)
    trained: list[int] = field(default_factory=list)
    _stack: ExitStack = field(default_factory=ExitStack, init=False, repr=False)

    def start(self, market: PotentialLeads, warm_up_won: Ints) -> None:
        """Write the CRM of the warm-up, start the peers and train the first model."""
        self._market = market
        self._now = market.end_of(market.warm_up_days - 1)
        self._sandbox = self._stack.enter_context(Sandbox(clock=lambda: self._now).run())
        if self.folder is None:
            self.folder = Path(self._stack.enter_context(TemporaryDirectory(prefix="leadworth-")))
        self._crm = ReplayedCrm(market.world, self.folder)
        self._ids = market.world.leads["Lead ID"].to_numpy()
        names = [name for name in market.platforms if name in self._sandbox.peers]
        actions = {name: ("lead",) if platforms()[name].restates else self.stages for name in names}
        self._config = self._crm.write_settings(sandbox_sections(self._sandbox, actions, self.changes))
        cipher = IdentifierCipher.from_settings(load_settings(self._config))
        primary = {name: PRIMARY for name in names if platforms()[name].restates}
        self.peers = PeerConversions(market, cipher, primary)
        self._add(warm_up_won)
        self._train(market.warm_up_days - 1)

    def report(self, day: int, won: Ints) -> Conversions:
        """Export what the CRM holds at the end of a day; return what the peers count for the clicks that they sold."""
        self._now = self._market.end_of(day)
        self._add(won)
        if day - self.trained[-1] >= self.retrain_days:
            self._train(day)
        if (day - self._market.warm_up_days) % self.export_days:
            return Conversions.none()
        export_day(self._config, self._bundle, self._scored, self._now)
        return self.peers.changed(self._sandbox.effects)

    def values(self) -> Floats:
        """Return the money that the platform of its click counts for each potential lead, shape (n,)."""
        return self.peers.values

    def close(self) -> None:
        """Stop the peers, and delete a temporary folder."""
        self._stack.close()

    def _add(self, won: Ints) -> None:
        self._crm.add(self._ids[won].tolist(), self._now)
        self.peers.add(np.asarray(won))

    def _train(self, day: int) -> None:
        """Train as `leadworth train --as-of` does; without a champion the model is promoted whatever the gate says."""
        settings = load_settings(self._config)
        registry = ModelRegistry.of(settings)
        before = _champion(registry)
        log = (self._crm.folder / "train.log").open("a", encoding="utf-8")
        with log, redirect_stdout(log), redirect_stderr(log):
            train(config=self._config, as_of=self._now)
            refused = _champion(registry) is None
            if refused:
                promote("1", force=True, reason="the first model of a replay", config=self._config)
        if refused:
            errors.print(f"{self.name}: the first model did not pass the promotion gate, and is used all the same")
        if _champion(registry) != before:
            self.promoted.append(day)
            self._bundle: Bundle = load_bundle(settings, None)
            self._scored = ScoredLeads()
        self.trained.append(day)


def _champion(registry: ModelRegistry) -> str | None:
    try:
        return registry.resolve(CHAMPION)
    except VersionNotFoundError:
        return None


def at_submit_only() -> ProductSignal:
    """Return the signal that sends the value at submit and nothing later."""
    return ProductSignal(AT_SUBMIT, stages=(PRIMARY,), changes=SUBMIT_ONLY)


def staged() -> ProductSignal:
    """Return the signal that sends the value at submit and restates it as the lead matures."""
    return ProductSignal(STAGED)
