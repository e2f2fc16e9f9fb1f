"""Columns of the CRM that are no standard fields: some carry a little, most carry nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from simulation.channels import Arrivals
from simulation.companies import PersonFacts
from simulation.parameters import data
from simulation.rng import Floats, blank, chance, pick, stream

GROUPS = ("A", "B", "C", "D", "E", "F")
EFFECTS = (0.20, 0.15, 0.12, 0.10, 0.08, 0.06)


@dataclass(frozen=True)
class Extras:
    """Declared extra columns by name, and their shift of the log-odds to win."""

    numeric: dict[str, pa.Array]
    categorical: dict[str, pa.Array]
    text: dict[str, pa.Array]
    effect: Floats


def extras(arrived: Arrivals, who: PersonFacts, features: int, seed: int) -> Extras:
    """Draw the fixed extra columns and `features` more (every third one categorical)."""
    rng = stream(seed, "extras")
    size, content = len(arrived), data("web")["extras"]
    device = pc.if_else(pa.array(who.mobile), "mobile", "desktop")
    categorical = {
        "Product Interest": pick(content["products"], who.product),
        "Device": blank(device, arrived.imported),
        "Newsletter": pick(["yes", "no"], (rng.random(size) < 0.7).astype(np.int64)),
        "Preferred Contact": blank(pick(["mail", "phone", "video"], rng.integers(0, 3, size)), chance(rng, 0.4, size)),
    }
    numeric = {
        "Company Age": blank(pa.array(np.round(rng.gamma(2.0, 9.0, size))), (who.company < 0) | chance(rng, 0.3, size)),
        "Locations": pa.array(1 + rng.poisson(0.8, size)),
    }
    heard = content["heard"]
    text = {"How Did You Hear": blank(pick(heard, rng.integers(0, len(heard), size)), chance(rng, 0.5, size))}
    effect = np.zeros(size)
    for number in range(features):
        own = stream(seed, f"feature {number}")
        weight = EFFECTS[number] if number < len(EFFECTS) else 0.0
        if number % 3 == 2:  # every third one
            codes = own.integers(0, len(GROUPS), size)
            categorical[f"Group {number + 1:02d}"] = pick(GROUPS, codes)
            effect += weight * np.where(codes < 2, 1.5, -0.5)
        else:
            values = np.round(own.normal(size=size), 3)
            numeric[f"Measure {number + 1:02d}"] = pa.array(values)
            effect += weight * values
    return Extras(numeric, categorical, text, effect)
