"""Headers of amounts in thousands, cents or the like: read as they are, money would be far too small or too large."""

from __future__ import annotations

import re
import unicodedata

_CURRENCY = r"(?:[€$£¥₽₹]|eur|usd|gbp|chf|sek|nok|dkk|pln|rub|inr|aud|cad)"
_SCALED = re.compile(
    rf"""
      (?<![\d.,])['’]?000s?\b                                            # Revenue '000, Revenue (€ 000)
    | \b(?:k|t|m|mn|mm|mio|mln|mrd|bn)\.?\s?{_CURRENCY}(?!\w)             # k€, TEUR, Mio. €
    | {_CURRENCY}\s?(?:k|m|mn|mm|mio|mln|mrd|bn)\b                       # EUR k, $M
    | (?<![^\W_])(?:thousands?|thou|millions?|billions?|lakhs?|crores?|tausend|tsd|ezer|eft|tkr|mkr|t\.kr|millionen
         |milliers|migliaia|milioni|millones|miles\ de
         |milhares|milhoes|duizend|miljoen|tys|tysiac\w*|tis|tusen|miljoner|mil|bin|milyon|тыс\w*|млн)(?![^\W_])
    | (?<=_)k(?=_|$)                                                     # amount_k_eur
    | 千円|万円|百万|千元|万元|천원|만원
    | [(\[]\s*(?:in\s)?(?:k|m|mn|mm|mio|mln|mrd|bn|ct)\.?\s*[)\]] | \bin\s(?:k|mio|mln|mn)\.?$    # (k), in K, (Mio)
    | (?:\bin\s|[x×(\[])\s?1[.,'’ ]?000\b                            # in 1000, x1,000, (1.000 EUR)
    | (?<![^\W_])(?:cents?|centimes?|centesimi|centimos|centavos|pence|kopecks|копе\w+|grosz\w|haler\w*|rappen|paise
         |minor(?:[_ ]?units?)?|micros|millis)(?![^\W_])              # amount_cents, Cost (micros)
    """,
    re.VERBOSE,
)


def is_scaled(header: str) -> bool:
    """Return whether a header says that its amounts are in thousands or millions, in cents or in millionths.

    Examples
    --------
    >>> [is_scaled(header) for header in ("Revenue (€ 000)", "Umsatz in TEUR", "Montant (k€)", "金額（千円）")]
    [True, True, True, True]
    >>> [is_scaled(header) for header in ("amount_cents", "Cost (micros)", "Revenue (in 1000)", "Deal Value [k]")]
    [True, True, True, True]
    >>> [is_scaled(header) for header in ("Revenue", "Amount (EUR)", "Deal 1000", "Amount in $", "Team amount")]
    [False, False, False, False, False]
    """
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", header).casefold())
    bare = unicodedata.normalize("NFC", "".join(char for char in plain if not unicodedata.combining(char)))
    return bool(_SCALED.search(bare))
