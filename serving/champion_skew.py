"""Inputs of the service's latest leads that differ from the champion's training."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from monitoring.input_skew import LATEST_DECISIONS, input_skew
from monitoring.skew_finding import SkewFinding
from serving import service_metrics
from serving.worker_metrics import remove_series
from store.recent_decisions import vectors

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from serving.champion import Champion

log = structlog.get_logger()

LEADS = "latest leads"


class ChampionSkew:
    """Compare the latest decisions of the champion with its training.

    The decisions are read from the store, so all workers compare the same leads, a restart loses none, and a request
    does nothing for it.

    Parameters
    ----------
    champion
        The model in use.
    limit
        `Settings.skew_limit`.
    """

    def __init__(self, champion: Champion, limit: float) -> None:
        self._champion = champion
        self._limit = limit
        self.findings: list[SkewFinding] = []

    @property
    def sentences(self) -> list[str]:
        """One sentence per input that differs, with its effect on money and what to do."""
        return [f"{finding.sentence(LEADS)}. What to do: {finding.remedy}" for finding in self.findings]

    def look(self, connection: Connection) -> None:
        """Compare again, and update the metrics."""
        loaded = self._champion.current
        if loaded is None:
            return
        decided = vectors(connection, loaded.bundle.id, LATEST_DECISIONS)
        before = {finding.input for finding in self.findings}
        self.findings = input_skew(loaded.bundle, decided.matrix, decided.age_days, limit=self._limit)
        remove_series(service_metrics.INPUT_MISSING_SHARE)
        remove_series(service_metrics.INPUT_SKEW_MONEY)
        for finding in self.findings:
            service_metrics.INPUT_MISSING_SHARE.labels(finding.input).set(finding.missing)
            service_metrics.INPUT_SKEW_MONEY.labels(finding.input).set(finding.money)
            if finding.input not in before:
                log.warning("input differs from training", input=finding.input, what=finding.sentence(LEADS))
