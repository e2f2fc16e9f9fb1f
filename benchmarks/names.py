"""How often real names of each country look like gibberish: `python -m benchmarks.names`.

The names are those of the package names-dataset (3.3), which no part of leadworth was made from; it takes 3 GiB of
memory and is not a dependency: `uv pip install --target NAMES names-dataset`, then `PYTHONPATH=NAMES`.
Per country the 1,000 commonest first names and surnames that are written in Latin letters; a country counts the same
whatever its size. The cut is that which 0.5 % of all of them pass.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from features.letters import fold, gibberish_score
from leadworth.console import console
from leadworth.errors import ConfigurationError
from monitoring.junk_alarms import wilson

RESULTS = Path(__file__).parent / "results" / "names.json"
COMMONEST, FEWEST, SHARE = 1_000, 300, 0.005


def names_by_country() -> dict[str, list[str]]:
    """Return Latin names by country, first names and surnames together.

    Raises
    ------
    ConfigurationError
        Where the package is not there.
    """
    try:
        from names_dataset import NameDataset
    except ImportError as error:
        raise ConfigurationError("the package names-dataset is not installed", do="see benchmarks/names.py") from error
    known = NameDataset()
    found: dict[str, list[str]] = {}
    for last in (False, True):
        top = known.get_top_names(n=COMMONEST, use_first_names=not last)
        for country, names in top.items():
            listed = names if last else [name for sex in names.values() for name in sex]
            found.setdefault(country, []).extend(name for name in listed if fold(name))
    return {country: names for country, names in found.items() if len(names) >= FEWEST}


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
        shares[country] = {"share": hits / len(own), "interval": wilson(hits, len(own)), "names": len(own)}
    ordered = dict(sorted(shares.items(), key=lambda one: -one[1]["share"]))
    shipped = sum(float((own > 1.0).mean()) for own in strange.values()) / len(strange)
    return {"cut": cut, "share_above_1": shipped, "countries": ordered}


def main() -> None:
    """Measure, print and keep the figures."""
    found = measure()
    worst = list(found["countries"].items())[:8]
    console.print(f"cut {found['cut']:.2f}; above 1: {found['share_above_1']:.2%} of all")
    for country, told in worst:
        console.print(f"{country}: {told['share']:.2%} of {told['names']:,}")
    RESULTS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
