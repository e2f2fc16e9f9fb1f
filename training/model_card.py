"""Model card of a bundle: purpose, data, method, evaluation and limits, in Markdown and as one printable HTML page."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import leadworth
from leadworth.value_unit import value_unit
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
        "unit": value_unit(meta.currency, has_revenue=not bundle.value_model.revenue.unit),
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
        "switched_off": meta.switched_off,
        "least_probability": meta.least_probability,
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
    """Render the card in Markdown.

    Parameters
    ----------
    facts
        `facts_of` a bundle, and where they are known: ``model``, ``version``, ``summary`` (sentences), ``remedies``,
        `figures_of` the evaluations, ``random`` (metrics of the random split), ``backtest`` (rows) with ``by_age`` (its
        levels) and ``intervals``, or ``backtest_note`` (why there is none), ``method`` (mapping), ``notes``,
        ``pictures`` (names of files in figures/), ``input_faults`` (table, column, unreadable and filled cells),
        ``findings`` (rows of the audit) and ``gate`` (lines). The card says which parts are missing.
    """
    return _render("card.md.j2", facts, autoescape=False)


def model_page(facts: Mapping[str, object], pictures: Mapping[str, str]) -> str:
    """Render the card as one HTML page that needs no other file and can be printed.

    Parameters
    ----------
    facts
        As for `model_card`.
    pictures
        SVG text of each picture, by its name.
    """
    from markupsafe import Markup

    drawn = [(name, Markup(_with_own_ids(svg, name))) for name, svg in pictures.items()]
    return _render("card.html.j2", {**facts, "drawn": drawn}, autoescape=True)


def _with_own_ids(svg: str, name: str) -> str:
    """Return a chart whose ids differ from those of other charts on the page, and that fits the page's width.

    Examples
    --------
    >>> _with_own_ids('<svg width="9" height="4"><clipPath id="clip0"/><g clip-path="url(#clip0)"/></svg>', "gains")
    '<svg role="img" width="9" height="4"><clipPath id="gains-clip0"/><g clip-path="url(#gains-clip0)"/></svg>'
    """
    svg = re.sub(r'\bid="', f'id="{name}-', svg[svg.index("<svg") :])
    return re.sub(r"url\(#", f"url(#{name}-", svg).replace("<svg", '<svg role="img"', 1)


def _render(template: str, facts: Mapping[str, object], *, autoescape: bool) -> str:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("training"),
        undefined=StrictUndefined,
        autoescape=autoescape,
        keep_trailing_newline=True,
        trim_blocks=autoescape,
        lstrip_blocks=autoescape,
    )
    defaults: dict[str, object] = {
        "model": "leadworth",
        "version": None,
        "summary": (),
        "remedies": (),
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
    return environment.get_template(template).render({**defaults, **facts})


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
