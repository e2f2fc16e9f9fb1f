"""The model card: what a bundle is for, what it was made of, how it did, and where it ends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import leadworth
from models.policy import ECONOMICS
from training.evaluation import Evaluation

if TYPE_CHECKING:
    import pandas as pd

    from models.bundle import Bundle

COLUMNS = ("AUC", "log loss", "top 10 %", "top 20 %", "wins pred/actual", "money pred/actual")
TOO_FEW = "too few later leads or wins to judge forward in time; nothing is known of the quality."


def facts_of(bundle: Bundle) -> dict[str, object]:
    """Return what a bundle says of itself, as a part of `model_card`'s mapping."""
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
        "seed": meta.seed,
        "policy_version": policy.version,
        "review_junk": policy.verdict.review_junk,
    }


def figures_of(evaluations: Mapping[str, Evaluation], own: str) -> dict[str, object]:
    """Return the figures of all models, and the tables of the model called `own`, for `model_card`.

    Parameters
    ----------
    evaluations
        By name of the model, all on the same later leads.
    own
        Name of the model that the card is about; its figures bear intervals.
    """
    rows = [_row(name, evaluation, with_interval=name == own) for name, evaluation in evaluations.items()]
    judged = evaluations[own]
    return {
        "figures": rows,
        "judges": f"Judged on {judged.leads:,} later leads with {judged.wins:,} wins seen.",
        "channels": [_channel(row) for row in _records(judged.channels)],
        "deciles": [_counted(row) for row in _records(judged.deciles)],
    }


def model_card(facts: Mapping[str, object]) -> str:
    """Render the card in markdown.

    Parameters
    ----------
    facts
        `facts_of` a bundle, and where they are known: ``model``, ``version``, `figures_of` the evaluations,
        ``random`` (a sentence), ``method`` (mapping), ``notes``, ``pictures`` (names of files in figures/),
        ``findings`` (rows of the audit) and ``gate`` (lines). What is missing is said to be missing.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("training"),
        undefined=StrictUndefined,
        autoescape=False,
        keep_trailing_newline=True,
    )
    known: dict[str, object] = {
        "model": "leadworth", "version": None, "figures": [], "judges": "", "channels": [], "deciles": [], "random": "",
        "method": {}, "notes": (), "pictures": (), "findings": None, "gate": (), "economics": ECONOMICS,
        "missing": "missing", "missing_figures": TOO_FEW,
    }  # fmt: skip
    return environment.get_template("card.md.j2").render({**known, **facts})


def _row(name: str, evaluation: Evaluation, *, with_interval: bool) -> dict[str, object]:
    figures = (
        evaluation.auc, evaluation.log_loss, evaluation.top10, evaluation.top20, evaluation.wins_ratio,
        evaluation.money_ratio,
    )  # fmt: skip
    shown = [str(figure) if with_interval else f"{figure.value:.3f}" for figure in figures]
    return {"model": name, "columns": COLUMNS, "values": ["missing" if "nan" in text else text for text in shown]}


def _records(table: pd.DataFrame) -> Iterable[dict[str, float]]:
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]


def _counted(row: Mapping[str, float]) -> list[str]:
    return [
        str(row["group"]), f"{row['leads']:,.0f}", f"{row['wins']:,.0f}", f"{row['predicted_wins']:,.1f}",
        f"{row['money']:,.0f}", f"{row['predicted_money']:,.0f}",
    ]  # fmt: skip


def _channel(row: Mapping[str, float]) -> list[str]:
    ratio, low, high = row["money_ratio"], row["money_ratio_low"], row["money_ratio_high"]
    known = ratio == ratio and low == low  # noqa: PLR0124 - nan differs from itself
    return [*_counted(row), f"{ratio:.2f} [{low:.2f}, {high:.2f}]" if known else "missing"]
