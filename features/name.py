"""Name of the person: completeness, gibberish score, placeholders, agreement with the e-mail address."""

from __future__ import annotations

import re

from features.feature_group import NAN, Cell, Feature, FeatureGroup, truth
from features.gibberish import INITIALS, fold, gibberish_score
from features.lexicon import load
from features.mail_address import read_address

_LISTS = load("name.toml")
_PLACEHOLDERS = frozenset(_LISTS["placeholders"])
_TURN = re.compile(r"[a-z][A-Z]")
_ALLOWED = re.compile(rf"\b(?:{'|'.join(_LISTS['capital_after'])})(?=[A-Z])")
_URL = re.compile(r"https?:|www\.|\.(?:com|net|org|ru|xyz|top|info|shop|site|online)\b|@", re.IGNORECASE)
_DIGIT = re.compile(r"\d")
LONGEST = 200
_ABSENT: tuple[Cell, ...] = (0.0, *(NAN,) * 9)


def compute(first_name: str | None, last_name: str | None, email: str | None) -> tuple[Cell, ...]:
    """Return the features of first and last name.

    Examples
    --------
    >>> names = [feature.name for feature in GROUP.features]
    >>> cells = dict(zip(names, compute("Ada", "McDonald", "ada.mcdonald@acme.example"), strict=True))
    >>> cells["name_parts"], cells["name_turns"], cells["name_email_match"], cells["name_gibberish"] > 1
    (2.0, 0.0, 1.0, False)
    """
    if first_name is None and last_name is None:
        return _ABSENT
    first = (first_name or "")[:LONGEST]
    last = (last_name or "")[:LONGEST]
    full = f"{first} {last}".strip()
    folded = fold(full)
    words = folded.split() if folded else []
    return (
        1.0 if first_name is None or last_name is None else 2.0,
        float(max(map(gibberish_score, words))) if words else NAN,
        truth(first_name is not None and last_name is not None and first.casefold() == last.casefold()),
        truth(_DIGIT.search(full)),
        truth(_URL.search(full)),
        truth(not _PLACEHOLDERS.isdisjoint(words)),
        float(len(_TURN.findall(_ALLOWED.sub("", full)))) if _TURN.search(full) else 0.0,
        float(len(full)),
        *_agreement(words, email),
    )


def _agreement(words: list[str], email: str | None) -> tuple[float, float]:
    """Return how much of the name the address contains, and whether it has the form of another full name.

    The first is 1 for the longest word of the name, 0.5 for another word. A nickname (bluelamp77, blue.lamp77) is 0,
    but no other name. Both are missing where the local part cannot be expected to contain a name: of a relay, a role,
    initials, or as a provider generates it.
    """
    if email is None or not words:
        return (NAN, NAN)
    mail = read_address(email)
    parts = fold(mail.local) if mail.chosen_by_person else None
    ordered = sorted((word for word in words if len(word) > 1), key=len, reverse=True)
    if not parts or not ordered:
        return (NAN, NAN)
    local = parts.replace(" ", "")
    if ordered[0] in local:
        return (1.0, 0.0)
    if any(word in local for word in ordered[1:] if len(word) > 2):
        return (0.5, 0.0)
    if len(local) <= INITIALS or mail.maybe_generated:
        return (NAN, NAN)
    return (0.0, truth(" " in parts and not _DIGIT.search(mail.local)))


_FIELDS = ("first_name", "last_name")

GROUP = FeatureGroup(
    "name",
    (*_FIELDS, "email"),
    (
        Feature("name_parts", "number", "Parts of the name that are filled in", unit="n"),
        Feature(
            "name_gibberish",
            "number",
            "Gibberish score of the name",
            unit="1 = higher than 99.5 % of names",
            keep_with=_FIELDS,
        ),
        Feature("name_same", "flag", "Name", "First and last name are the same", "First and last name differ"),
        Feature("name_digits", "flag", "Name", "Name contains digits", "Name contains no digits"),
        Feature("name_url", "flag", "Name", "Name contains a web address", "Name contains no web address"),
        Feature(
            "name_placeholder",
            "flag",
            "Name",
            "Name is a placeholder such as test",
            "Name is not a placeholder",
            keep_with=_FIELDS,
        ),
        Feature("name_turns", "number", "Capital letters inside words of the name", unit="n"),
        Feature("name_length", "number", "Length of the name", unit="characters"),
        Feature("name_email_match", "number", "Name found in the e-mail", unit="0, 0.5 or 1"),
        Feature(
            "name_email_other",
            "flag",
            "Name and e-mail",
            "E-mail has the form of another full name",
            "E-mail does not have the form of another full name",
            junk=1,
        ),
    ),
    compute,
    version=3,
)

GROUPS = (GROUP,)
