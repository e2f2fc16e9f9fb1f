"""CRM columns that are not standard fields: a few are weakly predictive, most are noise."""

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
    """Extra columns by name, and their effect on the log-odds of a win."""

    numeric: dict[str, pa.Array]
    categorical: dict[str, pa.Array]
    text: dict[str, pa.Array]
    effect: Floats


def draw_extras(arrivals: Arrivals, persons: PersonFacts, features: int, seed: int) -> Extras:
    """Draw the fixed extra columns and `features` more (every third one categorical)."""
    rng = stream(seed, "extras")
    size = len(arrivals)
    content = data("web")["extras"]
    device = pc.if_else(pa.array(persons.mobile), "mobile", "desktop")
    categorical = {
        "Product Interest": pick(content["products"], persons.product),
        "Device": blank(device, arrivals.imported),
        "Newsletter": pick(["yes", "no"], (rng.random(size) < 0.7).astype(np.int64)),
        "Preferred Contact": blank(pick(["mail", "phone", "video"], rng.integers(0, 3, size)), chance(rng, 0.4, size)),
    }
    numeric = {
        "Company Age": blank(
            pa.array(np.round(rng.gamma(2.0, 9.0, size))), (persons.company < 0) | chance(rng, 0.3, size)
        ),
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
