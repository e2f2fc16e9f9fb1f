"""Model card in markdown: purpose, data, method, evaluation and limits of a bundle."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import leadworth
from models.policy import ECONOMICS
from training.evaluation import Evaluation
from training.evaluation_metrics import METRICS, MISSING

if TYPE_CHECKING:
    import pandas as pd

    from models.bundle import Bundle

NOT_EVALUATED = "the holdout has too few leads or wins, so the model was not evaluated."


def facts_of(bundle: Bundle) -> dict[str, object]:
    """Return the metadata of a bundle, as a part of the mapping for `model_card`."""
    meta, policy = bundle.meta, bundle.policy
    return {
        "bundle_id": bundle.id,
        "leadworth": leadworth.__version__,
        "horizon_days": meta.horizon_days,
        "currency": meta.currency,
        "margin": meta.margin,
        "touch_cost": meta.touch_cost,
        "as_of": f"{meta.as_of:%Y-%m-%d %H:%M} UTC" if meta.as_of else "",
        "counts": meta.counts,
        "features": len(bundle.spec.names),
        "features_hash": bundle.spec.hash,
        "fields": [*bundle.spec.fields, *bundle.spec.extras],
        "data_fingerprint": meta.data_fingerprint,
        "needs": sorted(bundle.spec.needs),
        "seed": meta.seed,
        "policy_version": policy.version,
        "review_junk": policy.verdict.review_junk,
    }


def figures_of(evaluations: Mapping[str, Evaluation], own: str) -> dict[str, object]:
    """Return the metrics of all models, and the tables of the model called `own`, for `model_card`.

    Parameters
    ----------
    evaluations
        By name of the model, all on the same holdout.
    own
        Name of the model that the card describes; its metrics are shown with intervals.
    """
    evaluation = evaluations[own]
    return {
        "columns": [metric.heading for metric in METRICS.values()],
        "figures": [_row(name, other, with_interval=name == own) for name, other in evaluations.items()],
        "holdout": f"Evaluated on a holdout of {evaluation.leads:,} later leads with {evaluation.wins:,} wins so far.",
        "channels": [_channel(row) for row in _records(evaluation.channels)],
        "deciles": [_counts(row) for row in _records(evaluation.deciles)],
    }


def model_card(facts: Mapping[str, object]) -> str:
    """Render the card in markdown.

    Parameters
    ----------
    facts
        `facts_of` a bundle, and where they are known: ``model``, ``version``, `figures_of` the evaluations,
        ``random`` (metrics of the random split), ``backtest`` (rows) with ``by_age`` (its levels) and ``intervals``, or
        ``backtest_note`` (why there is none), ``method`` (mapping), ``notes``, ``pictures`` (names of files in
        figures/), ``input_faults`` (table, column, unreadable and filled cells), ``findings`` (rows of the audit) and
        ``gate`` (lines). The card says which parts are missing.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("training"),
        undefined=StrictUndefined,
        autoescape=False,
        keep_trailing_newline=True,
    )
    defaults: dict[str, object] = {
        "model": "leadworth",
        "version": None,
        "columns": [],
        "figures": [],
        "holdout": "",
        "channels": [],
        "deciles": [],
        "random": "",
        "backtest": [],
        "backtest_note": "",
        "by_age": (),
        "intervals": [],
        "method": {},
        "notes": (),
        "pictures": (),
        "input_faults": (),
        "findings": None,
        "gate": (),
        "economics": ECONOMICS,
        "missing": MISSING,
        "not_evaluated": NOT_EVALUATED,
    }
    return environment.get_template("card.md.j2").render({**defaults, **facts})


def _row(name: str, evaluation: Evaluation, *, with_interval: bool) -> list[str]:
    return [name, *(evaluation.text(metric, with_interval=with_interval) for metric in METRICS.values())]


def _records(table: pd.DataFrame) -> Iterable[dict[str, float]]:
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]


def _counts(row: Mapping[str, float]) -> list[str]:
    return [
        str(row["group"]),
        f"{row['leads']:,.0f}",
        f"{row['wins']:,.0f}",
        f"{row['predicted_wins']:,.1f}",
        f"{row['money']:,.0f}",
        f"{row['predicted_money']:,.0f}",
    ]


def _channel(row: Mapping[str, float]) -> list[str]:
    ratio, low, high = row["money_ratio"], row["money_ratio_low"], row["money_ratio_high"]
    missing = math.isnan(ratio) or math.isnan(low)
    return [*_counts(row), MISSING if missing else f"{ratio:.2f} [{low:.2f}, {high:.2f}]"]
