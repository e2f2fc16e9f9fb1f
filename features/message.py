"""Message of the form: length, links, characters, and phrases of sales pitches and of buying intent."""

from __future__ import annotations

import math
import re
from itertools import chain
from string import ascii_lowercase, ascii_uppercase, digits

from features.feature_group import LONGEST_TEXT, NAN, Cell, Feature, FeatureGroup
from features.lexicon import Lexicon, load, words_of_folded

PHRASES = Lexicon({kind: chain.from_iterable(lists.values()) for kind, lists in load("phrases.toml").items()})

_OTHER_SCRIPT = re.compile(r"[\u0370-\u052f]")
_MIXED = re.compile(r"(?<=[A-Za-z])[\u0370-\u052f]|(?<=[\u0370-\u052f])[A-Za-z]")
_UPPER, _LOWER, _DIGITS = ascii_uppercase.encode(), ascii_lowercase.encode(), digits.encode()
_MISSING: tuple[Cell, ...] = (NAN,) * 10


def compute(message: str | None) -> tuple[Cell, ...]:
    """Return the features of the first 5,000 characters of a message.

    Examples
    --------
    >>> names = [feature.name for feature in GROUP.features]
    >>> cells = dict(zip(names, compute("HELLO, what is the price? See www.acme.example"), strict=True))
    >>> cells["message_urls"], cells["message_intent"]
    (1.0, 1.0)
    """
    if message is None:
        return _MISSING
    text = message[:LONGEST_TEXT]
    folded = text.casefold()
    words = words_of_folded(folded)
    hits = PHRASES.hits(words)
    raw = text.encode("ascii", "ignore")
    size = len(text)
    upper = len(raw) - len(raw.translate(None, _UPPER))
    letters = upper + len(raw) - len(raw.translate(None, _LOWER))
    return (
        math.log1p(len(message)),
        float(len(words)),
        float(_urls(folded)),
        upper / letters if letters else NAN,
        (len(raw) - len(raw.translate(None, _DIGITS))) / size,
        float(text.count("?")),
        float(text.count("@")),
        float(len(_MIXED.findall(text))) if len(raw) < size and _OTHER_SCRIPT.search(text) else 0.0,
        float(hits["pitch"]),
        float(hits["intent"]),
    )


def _urls(text: str) -> int:
    """Return the number of URLs; one with both a scheme and ``www.`` counts once."""
    schemes = text.count("http://") + text.count("https://")
    return schemes + text.count("www.") - text.count("://www.")


GROUP = FeatureGroup(
    "message",
    ("message",),
    (
        Feature(
            "message_length", "number", "Length of the message", "Message of {} characters", unit="ln(1 + characters)"
        ),
        Feature("message_words", "number", "Words in the message", "Message of {} words", unit="n"),
        Feature("message_urls", "number", "Web addresses in the message", unit="n", keep_with=("message",)),
        Feature(
            "message_upper_share", "number", "Share of capital letters in the message", unit="share of letters a-z"
        ),
        Feature("message_digits_share", "number", "Share of digits in the message", unit="share of characters"),
        Feature("message_questions", "number", "Question marks in the message", unit="n"),
        Feature("message_at_signs", "number", "At signs in the message", unit="n"),
        Feature(
            "message_mixed_scripts",
            "number",
            "Changes between Latin and Cyrillic or Greek letters within words of the message",
            unit="n",
        ),
        Feature("message_pitch", "number", "Sales-pitch phrases in the message", unit="n"),
        Feature("message_intent", "number", "Buying-intent words in the message, such as price, demo, quote", unit="n"),
    ),
    compute,
)

GROUPS = (GROUP,)
