"""Name of the person: completeness, gibberish score, placeholders, agreement with the e-mail address."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from features.feature_group import NAN, Cell, Feature, FeatureGroup, truth
from features.gibberish import INITIALS, fold, gibberish_score
from features.lexicon import load
from features.mail_address import ROLES, TEST_WORDS, MailAddress, MailAddresses, read_address, read_addresses
from leadworth.arrays import Matrix

_LISTS = load("name.toml")
_PLACEHOLDERS = frozenset(_LISTS["placeholders"])
_TURN = re.compile(r"[a-z][A-Z]")
_ALLOWED = re.compile(rf"\b(?:{'|'.join(_LISTS['capital_after'])})(?=[A-Z])")
_URL = re.compile(r"https?:|www\.|\.(?:com|net|org|ru|xyz|top|info|shop|site|online)\b|@", re.IGNORECASE)
_DIGIT = re.compile(r"\d")
_NO_NAMES = pa.array(sorted(ROLES | TEST_WORDS))
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
    return _features(first_name, last_name, None if email is None else _local_part(read_address(email)))


def compute_rows(
    first_names: Sequence[str | None], last_names: Sequence[str | None], emails: Sequence[str | None]
) -> Matrix:
    """Return the features of `compute` of n names, shape (features, n)."""
    mails = read_addresses(tuple(emails))
    cells = map(_features, first_names, last_names, mails.by_row(_local_parts(mails), lambda row: _other(emails[row])))
    return np.array([*cells], dtype=np.float64).T


class _NamePart(NamedTuple):
    """Features of the first or the last name.

    Attributes
    ----------
    words
        Words folded to a-z; None in another script.
    """

    words: tuple[str, ...] | None
    gibberish: float
    folded: str
    digits: bool
    url: bool
    placeholder: bool
    turns: int


# Names repeat and one takes 5 us. At most 20,000 texts of 200 characters.
@lru_cache(maxsize=20_000)
def _name_part(name: str) -> _NamePart:
    """Return the features of the first or the last name."""
    folded = fold(name)
    words = None if folded is None else tuple(folded.split())
    only_letters = name.isalpha()
    return _NamePart(
        words,
        max(map(gibberish_score, words or ()), default=-math.inf),
        name.casefold(),
        not only_letters and _DIGIT.search(name) is not None,
        not only_letters and _URL.search(name) is not None,
        not _PLACEHOLDERS.isdisjoint(words or ()),
        len(_TURN.findall(_ALLOWED.sub("", name))) if _TURN.search(name) else 0,
    )


def _features(first_name: str | None, last_name: str | None, local: _LocalPart | None) -> tuple[Cell, ...]:
    """Return the features of first and last name with the local part of the address, if it can contain a name."""
    if first_name is None and last_name is None:
        return _ABSENT
    first_text, last_text = (first_name or "")[:LONGEST], (last_name or "")[:LONGEST]
    first, last = _name_part(first_text), _name_part(last_text)
    words = () if first.words is None or last.words is None else first.words + last.words
    both = first_name is not None and last_name is not None
    return (
        2.0 if both else 1.0,
        max(first.gibberish, last.gibberish) if words else NAN,
        truth(both and first.folded == last.folded),
        truth(first.digits or last.digits),
        truth(first.url or last.url),
        truth(words and (first.placeholder or last.placeholder)),
        float(first.turns + last.turns),
        float(len(f"{first_text} {last_text}".strip())),
        *_agreement(words, local),
    )


class _LocalPart(NamedTuple):
    """Local part of an e-mail address that can contain a name.

    Attributes
    ----------
    words
        The local part, folded to a-z.
    digits
        Whether it contains digits.
    generated
        Whether the provider may have made it up.
    """

    words: str
    digits: bool
    generated: bool


def _local_part(mail: MailAddress) -> _LocalPart | None:
    """Return the local part of an address; None where it cannot be expected to contain a name."""
    words = fold(mail.local) if mail.chosen_by_person else None
    return _LocalPart(words, _DIGIT.search(mail.local) is not None, mail.maybe_generated) if words else None


def _local_parts(mails: MailAddresses) -> NDArray[np.object_]:
    """Return `_local_part` of plain addresses."""
    chosen = (mails.providers != "relay")[mails.domain_of] & ~np.asarray(pc.is_in(mails.user, value_set=_NO_NAMES))
    words = pc.ascii_trim(pc.replace_substring_regex(mails.local, "[^a-z]+", " "), characters=" ").to_pylist()
    digits = pc.match_substring_regex(mails.local, "[0-9]").to_pylist()
    parts = np.empty(len(words), dtype=object)
    parts[:] = [*map(_LocalPart, words, digits, mails.maybe_generated())]
    parts[~chosen | (np.array(words, dtype=object) == "")] = None
    return parts


def _other(email: str | None) -> _LocalPart | None:
    return None if email is None else _local_part(read_address(email))


def _agreement(words: Sequence[str], local: _LocalPart | None) -> tuple[float, float]:
    """Return how much of the name the address contains, and whether it has the form of another full name.

    The first is 1 for the longest word of the name, 0.5 for another word. A nickname (bluelamp77, blue.lamp77) is 0,
    but no other name. Both are missing where the local part cannot be expected to contain a name: of a relay, a role,
    initials, or as a provider generates it.
    """
    if local is None:
        return (NAN, NAN)
    ordered = sorted([word for word in words if len(word) > 1], key=len, reverse=True)
    if not ordered:
        return (NAN, NAN)
    joined = local.words.replace(" ", "")
    if ordered[0] in joined:
        return (1.0, 0.0)
    if any(word in joined for word in ordered[1:] if len(word) > 2):
        return (0.5, 0.0)
    if len(joined) <= INITIALS or local.generated:
        return (NAN, NAN)
    return (0.0, truth(" " in local.words and not local.digits))


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
    compute_rows=compute_rows,
)

GROUPS = (GROUP,)
