"""How often real names of each country look like gibberish: `python -m benchmarks.names`.

The names are those of the package names-dataset (3.3), from which nothing in leadworth was derived; it takes 3 GiB of
memory and is not a dependency: `uv pip install --target NAMES names-dataset`, then `PYTHONPATH=NAMES`.
Per country the 1,000 commonest first names and surnames that are written in Latin letters; a country counts the same
independent of its size. The threshold is exceeded by 0.5 % of all names.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import binomtest

from features.gibberish import fold, gibberish_score
from leadworth.console import console
from leadworth.errors import ConfigurationError

RESULTS = Path(__file__).parent / "results" / "names.json"
COMMONEST = 1_000
FEWEST = 300
SHARE = 0.005


def names_by_country() -> dict[str, list[str]]:
    """Return Latin names by country, first names and surnames together.

    Raises
    ------
    ConfigurationError
        Where the package is not installed.
    """
    try:
        from names_dataset import NameDataset
    except ImportError as error:
        raise ConfigurationError("the package names-dataset is not installed", do="see benchmarks/names.py") from error
    dataset = NameDataset()
    result: dict[str, list[str]] = {}
    for last in (False, True):
        top = dataset.get_top_names(n=COMMONEST, use_first_names=not last)
        for country, names in top.items():
            listed = names if last else [name for sex in names.values() for name in sex]
            result.setdefault(country, []).extend(name for name in listed if fold(name))
    return {country: names for country, names in result.items() if len(names) >= FEWEST}


def measure() -> dict[str, Any]:
    """Return the share above the cut by country, the highest first."""
    names = names_by_country()
    strange = {
        country: np.array([max(map(gibberish_score, (fold(name) or "").split())) for name in listed])
        for country, listed in names.items()
    }
    weights = np.concatenate([np.full(len(values), 1.0 / len(values)) for values in strange.values()])
    values = np.concatenate(list(strange.values()))
    order = np.argsort(-values)
    cut = float(values[order][np.searchsorted(np.cumsum(weights[order]) / weights.sum(), SHARE)])
    shares = {}
    for country, own in strange.items():
        hits = int((own > cut).sum())
        low, high = binomtest(hits, len(own)).proportion_ci(method="wilson")
        shares[country] = {"share": hits / len(own), "interval": [float(low), float(high)], "names": len(own)}
    ordered = dict(sorted(shares.items(), key=lambda one: -one[1]["share"]))
    shipped = sum(float((own > 1.0).mean()) for own in strange.values()) / len(strange)
    return {"cut": cut, "share_above_1": shipped, "countries": ordered}


def main() -> None:
    """Measure, print and store the figures."""
    result = measure()
    worst = list(result["countries"].items())[:8]
    console.print(f"cut {result['cut']:.2f}; above 1: {result['share_above_1']:.2%} of all")
    for country, figures in worst:
        console.print(f"{country}: {figures['share']:.2%} of {figures['names']:,}")
    RESULTS.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
