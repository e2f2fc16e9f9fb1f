"""Noise of CRM exports: upper and lower case, tokens for missing, notations, swapped names."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from simulation.bot_traffic import Classes
from simulation.parameters import Parameters
from simulation.rng import Flags, Floats, Ints, chance, put, stream

TOKENS = {"Industry": "Select", "Job Title": "N/A", "Country": "Select", "Phone": "N/A", "Company": "N/A"}
TOKENS_OF_FILE = ("", "Select", "N/A")
CASED = ("Email", "First Name", "Last Name", "Company", "Industry", "Job Title", "Country")


def add_noise(table: dict[str, pa.Array], parameters: Parameters, classes: Classes, seed: int) -> dict[str, pa.Array]:
    """Return the columns as in an export: only the notation changes, no information is lost."""
    rng = stream(seed, "mess")
    table = dict(table)
    size = len(classes.attack)
    mess = parameters.mess
    for name in CASED:
        upper = chance(rng, mess.case, size)
        lower = chance(rng, mess.case, size)
        values = pc.if_else(pa.array(upper), pc.utf8_upper(table[name]), table[name])
        table[name] = pc.if_else(pa.array(lower), pc.utf8_lower(values), values)
    swapped = pa.array(chance(rng, mess.swapped_names, size) & ~classes.junk)
    first = table["First Name"]
    last = table["Last Name"]
    table["First Name"] = pc.if_else(swapped, last, first)
    table["Last Name"] = pc.if_else(swapped, first, last)
    table["Budget"] = _money(rng, table["Budget"], mess.comma, size)
    for name, token in TOKENS.items():
        written = pa.array(chance(rng, mess.token, size))
        table[name] = pc.if_else(pc.and_(pc.is_null(table[name]), written), token, table[name])
    return table


def _money(rng: np.random.Generator, values: pa.Array, comma: float, size: int) -> pa.Array:
    """Write whole amounts as 12500, "12.500,00 €" or "EUR 12,500.00"."""
    amounts: Floats = values.to_numpy(zero_copy_only=False)
    is_known = ~np.isnan(amounts)
    whole: Ints = np.where(is_known, amounts, 0).astype(np.int64)
    text = pa.array(whole).cast(pa.string())
    style = rng.random(size)
    grouped = pc.replace_substring_regex(text, r"^(\d+)(\d{3})$", r"\1.\2")
    written = put(
        text, style < comma, pc.binary_join_element_wise(grouped, ",00 €", "").filter(pa.array(style < comma))
    )
    english: Flags = style > 1 - comma / 4
    decimals = pc.replace_substring_regex(text, r"^(\d+)(\d{3})$", r"EUR \1,\2.00")
    written = put(written, english, decimals.filter(pa.array(english)))
    return pc.if_else(pa.array(is_known), written, pa.scalar(None, pa.string()))
