"""Currency of revenue: from a column of its own, or from codes and symbols in the amounts.

Amounts in another currency than that of the settings are converted by `[currencies]`; without a rate they are
never added to others.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from crm import casts as typed
from crm.inference.header_vocabulary import tokens
from leadworth.errors import InputError
from leadworth.money import is_currency
from leadworth.settings import NO_CURRENCY, Settings

UNKNOWN = ""
"""No currency is written: that of the settings."""
UNREADABLE = "?"
_LANGUAGES = ("en", "de", "fr", "it", "es", "pt", "nl", "pl", "cs", "sv", "da", "tr", "ru", "uk", "ja", "ko", "zh")
_CODE = re.compile(r"(?<![A-Za-z])[A-Za-z]{3}(?![A-Za-z])")
_BEFORE_DOLLAR = re.compile(r"(?<=[a-z])\s(?=\$)")
_SYMBOL = r"[^\d\s.,'\u2019+()\-]"


@lru_cache(maxsize=4096)
def currency_of(written: str, currency: str) -> str:
    """Return the currency that a code, a symbol, a name or an amount shows: a code of ISO 4217, or `UNKNOWN`.

    Parameters
    ----------
    written
        Code, symbol, name, or amount with one of them.
    currency
        Currency of the settings, which a symbol of several currencies means where it is one of them.

    Examples
    --------
    >>> [currency_of(text, "EUR") for text in ("usd", "1.200 €", "$12K", "CHF 5", "Schweizer Franken", "12")]
    ['USD', 'EUR', 'USD', 'CHF', 'CHF', '']
    >>> currency_of("$12K", "AUD"), currency_of("US$12K", "AUD"), currency_of("US $12", "AUD")
    ('AUD', 'USD', 'USD')
    >>> currency_of("500 kr", "NOK"), currency_of("500:- kr", "EUR"), currency_of("12万美元", "CNY")
    ('NOK', 'SEK', 'USD')
    """
    for code in _CODE.findall(written):
        if is_currency(code.upper()):
            return str(code.upper())
    folded = _BEFORE_DOLLAR.sub("", written.casefold().strip())
    symbols = [symbol for symbol in _symbols() if tokens().has_symbol(symbol, folded)]
    if symbols:
        codes = _symbols()[max(symbols, key=len)]
        return currency if currency in codes else codes[0]
    return _names().get(folded, UNKNOWN)


@cache
def _symbols() -> dict[str, Sequence[str]]:
    """Return casefolded symbol -> codes; those with a letter, such as US$, are of one currency."""
    from babel import Locale

    symbols: dict[str, Sequence[str]] = {
        str(symbol).casefold(): (str(code),)
        for code, symbol in Locale("en").currency_symbols.items()
        if not str(symbol).isalpha()
    }
    symbols |= {"us$": ("USD",), "c$": ("CAD",), "au$": ("AUD",), "s$": ("SGD",)}
    return symbols | {symbol.casefold(): codes for symbol, codes in tokens().currencies.items()}


@cache
def _names() -> dict[str, str]:
    """Return casefolded name -> code, in the languages of `_LANGUAGES`; names of several currencies are left out."""
    from babel import Locale

    codes: dict[str, set[str]] = {}
    for language in _LANGUAGES:
        for code, name in Locale(language).currencies.items():
            if code in tokens().currency_codes:
                codes.setdefault(str(name).casefold(), set()).add(str(code))
    return {name: next(iter(found)) for name, found in codes.items() if len(found) == 1}


def read_currencies(
    amounts: pa.ChunkedArray | pa.Array,
    column: pa.ChunkedArray | pa.Array | None,
    missing: Sequence[str],
    currency: str,
) -> NDArray[np.object_]:
    """Return the currency of each amount: a code, `UNKNOWN`, or `UNREADABLE`.

    Parameters
    ----------
    amounts
        (n,) raw amounts.
    column
        (n,) raw currencies; None if no column has them.
    missing
        Tokens that mean missing.
    currency
        Currency of the settings.
    """
    array = typed.flat(amounts)
    codes: NDArray[np.object_] = np.full(len(array), UNKNOWN, dtype=object)
    if pa.types.is_string(array.type):
        texts = typed.text_series(typed.texts(array, missing))
        marked = np.flatnonzero(texts.str.contains(_SYMBOL, regex=True, na=False).to_numpy(dtype=bool))
        codes[marked] = [currency_of(text, currency) for text in texts.iloc[marked]]
    if column is not None:
        written = typed.text_series(typed.texts(column, missing))
        for value in written.dropna().unique():
            codes[written.eq(value).to_numpy(dtype=bool)] = currency_of(value, currency) or UNREADABLE
    return codes


def converted(
    revenue: NDArray[np.float64], currencies: NDArray[np.object_], rates: Mapping[str, float]
) -> NDArray[np.float64]:
    """Return amounts in the currency of the settings; those without a rate are unchanged.

    Examples
    --------
    >>> converted(np.array([10.0, 10.0]), np.array(["USD", ""], dtype=object), {"USD": 0.5})
    array([ 5., 10.])
    """
    return revenue * np.array([rates.get(code, 1.0) for code in currencies], dtype=np.float64)


def require_rates(rows: pd.DataFrame, settings: Settings) -> None:
    """Check that the revenue of won rows is in one currency, or has a rate.

    Parameters
    ----------
    rows
        Usable rows of `crm.outcome_table.OutcomeFacts`.
    settings
        With the currency and the rates.

    Raises
    ------
    InputError
        If amounts are in a currency without a rate; the message counts the amounts in each.
    """
    paid = rows.loc[rows["won"] & rows["revenue"].notna(), "currency"]
    counts = {str(code): int(n) for code, n in paid.replace(UNKNOWN, settings.currency).value_counts().items()}
    foreign = [code for code in counts if code != settings.currency and code not in settings.currencies]
    if not foreign or (settings.currency == NO_CURRENCY and len(foreign) == 1):
        return
    listed = ", ".join(f"{number:,} in {code}" for code, number in counts.items())
    rates = ", ".join(f"{code} = 1.0" for code in foreign)
    do = f"give the value of one unit in {settings.currency}: [currencies] with {rates}"
    if len(counts) == 1:
        do = f'set currency = "{foreign[0]}"; or {do}'
    elif settings.currency == NO_CURRENCY:
        do = "set currency to one of them, and [currencies] with the value of one unit of each other in it"
    raise InputError(
        f"the revenue of won rows is in other currencies than currency = {settings.currency!r}: {listed}",
        allowed="one currency, or others with a rate",
        do=do,
    )
