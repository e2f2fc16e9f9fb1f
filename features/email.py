"""E-mail address: syntax, provider, role and test addresses, gibberish score, misspelt domains."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from features.domains import LISTS, free_domains
from features.feature_group import NAN, Cell, Feature, FeatureGroup, Words, interleaved, truth
from features.gibberish import INITIALS, gibberish_score, scores_of_longest
from features.mail_address import (
    LONGEST,
    ROLES,
    TEST_WORDS,
    TYPED,
    MailAddress,
    MailAddresses,
    domain_of,
    read_address,
    read_addresses,
)
from features.text_arrays import lengths
from leadworth.arrays import Flags, Vector

_ATOM = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+"
_SHAPE = re.compile(
    rf"{_ATOM}(?:\.{_ATOM})*@(?:[^\W_](?:[\w-]{{0,61}}[^\W_])?\.)+(?:[^\W\d_]{{2,24}}|xn--[a-z0-9-]{{2,59}})"
)
_ASCII_SHAPE = (
    rf"^{_ATOM}(?:\.{_ATOM})*@(?:[a-z0-9](?:[a-z0-9_-]{{0,61}}[a-z0-9])?\.)+(?:[a-z]{{2,24}}|xn--[a-z0-9-]{{2,59}})$"
)
_SPLIT = re.compile(r"[^a-z]+")
_TEST_DOMAINS, _ENDINGS, _MASKED, _DOTLESS = (
    frozenset(LISTS[name]) for name in ("test_domains", "test_endings", "masked", "dotless")
)
_TEST_WORDS, _ROLES, _MASKED_TEXTS = (pa.array(sorted(words)) for words in (TEST_WORDS, ROLES, _MASKED))
_FREE = free_domains()
_ABSENT: tuple[Cell, ...] = (*(NAN,) * 10, None, None, NAN)


def compute(email: str | None) -> tuple[Cell, ...]:
    """Return the features of an e-mail address.

    The provider of a malformed address is missing. A relay generates the local part, so its features are missing.

    Examples
    --------
    >>> features = [feature.name for feature in GROUP.features]
    >>> dict(zip(features, compute("Info+web@mailinator.com"), strict=True))["email_disposable"]
    1.0
    """
    if email is None:
        return _ABSENT
    mail = read_address(email)
    text, local, user, domain, provider, _ = mail
    valid = len(text) <= LONGEST and _SHAPE.fullmatch(text) is not None
    ending = domain.rpartition(".")[2]
    chosen = provider not in (None, "relay")
    test, word = _test(mail, ending) if chosen else (text in _MASKED, False)
    return (
        truth(valid),
        truth(provider == "throw-away") if provider else NAN,
        truth(provider in ("free", "relay")) if valid else NAN,
        truth(user in ROLES) if chosen else NAN,
        truth(test),
        truth(word),
        truth(len(user) < len(local)) if chosen else NAN,
        float(len(user) - len(user.rstrip("0123456789"))) if chosen else NAN,
        float(user.count(".")) if domain in _DOTLESS else NAN,
        float(len(local)) if chosen else NAN,
        ending if valid else None,
        None if not valid else domain if provider == "free" else provider,
        gibberish_score(max(_SPLIT.split(user[:64]), key=len)) if chosen and user.isascii() else NAN,
    )


def compute_rows(emails: Sequence[str | None]) -> list[Vector | Words]:
    """Return the features of `compute` of n addresses."""
    mails = read_addresses(tuple(emails))
    usual = np.asarray(pc.invert(pc.is_in(mails.user, value_set=_TEST_WORDS)))
    inside = mails.plain.copy()
    inside[inside] = usual
    cells = _usual_cells(mails, usual)
    others = [*zip(*(compute(emails[row]) for row in np.flatnonzero(~inside).tolist()), strict=True)]
    return [*map(partial(interleaved, inside), cells, others or [()] * len(cells))]


def _usual_cells(mails: MailAddresses, usual: Flags) -> list[Vector | Words]:
    """Return the features of the plain addresses of a mask, shape (plain addresses,), whose user is no test word."""
    text, local, user = (column.filter(pa.array(usual)) for column in (mails.text, mails.local, mails.user))
    domains, of, provider = mails.domains, mails.domain_of[usual], mails.providers
    endings = [domain.rpartition(".")[2] for domain in domains]
    pairs = zip(domains, endings, strict=True)
    listed = np.array([domain in _TEST_DOMAINS or ending in _ENDINGS for domain, ending in pairs], dtype=bool)
    shown = [domain if kind == "free" else kind for domain, kind in zip(domains, provider, strict=True)]
    valid = np.asarray(pc.match_substring_regex(text, _ASCII_SHAPE), dtype=bool)
    of_valid = np.where(valid, of, len(domains))
    chosen = (provider != "relay")[of]
    masked = np.asarray(pc.is_in(text, value_set=_MASKED_TEXTS), dtype=bool)
    length = lengths(user)
    return [
        valid.astype(np.float64),
        (provider == "throw-away")[of].astype(np.float64),
        np.where(valid, np.isin(provider, ("free", "relay"))[of], NAN),
        np.where(chosen, np.asarray(pc.is_in(user, value_set=_ROLES)), NAN),
        (masked | (chosen & listed[of])).astype(np.float64),
        np.zeros(len(text)),
        np.where(chosen, mails.tagged[usual], NAN),
        np.where(chosen, length - lengths(pc.ascii_rtrim(user, characters="0123456789")), NAN),
        np.where(
            np.array([domain in _DOTLESS for domain in domains], dtype=bool)[of],
            np.asarray(pc.count_substring(user, ".")),
            NAN,
        ),
        np.where(chosen, lengths(local), NAN),
        Words([*endings, None], of_valid),
        Words([*shown, None], of_valid),
        np.where(chosen, scores_of_longest(pc.utf8_slice_codeunits(user, 0, 64)), NAN),
    ]


def _test(mail: MailAddress, ending: str) -> tuple[bool, bool]:
    """Return whether an address is a test address, and whether it only begins with a test word.

    A word is confirmed by its domain: a throw-away one, another test word, or a free provider, where such a name was
    taken long ago. At a company it may be a team, and up to three letters are more often initials.
    """
    if mail.domain in _TEST_DOMAINS or ending in _ENDINGS or mail.text in _MASKED:
        return True, False
    user = mail.user
    if user not in TEST_WORDS:
        return False, False
    short = len(user) <= INITIALS
    label = mail.domain.partition(".")[0]
    typed = mail.provider == "throw-away" or (not short and label in TYPED)
    typed |= mail.provider == "free" and not short and user in TYPED
    return typed, not typed and not (short and mail.provider == "own domain" and label != user)


def compute_typo(email: str | None) -> tuple[Cell, ...]:
    """Return whether the domain is a misspelt domain of a large provider, such as ``gmial.com``.

    A domain is misspelt where deleting at most one letter from it and from the provider's domain gives the same text.

    Examples
    --------
    >>> [compute_typo(f"ada@{domain}")[0] for domain in ("gmial.com", "gmail.co", "gmail.com", "acme.example")]
    [1.0, 1.0, 0.0, 0.0]
    """
    domain = domain_of(email)
    return (NAN,) if domain is None else (_misspelt(domain),)


def _misspelt(domain: str) -> float:
    if domain in _FREE or len(domain) > _LONGEST_NEAR:
        return 0.0
    return truth(not _NEAR.isdisjoint(_deletions(domain)))


def compute_typo_rows(emails: Sequence[str | None]) -> list[Vector | Words]:
    """Return the features of `compute_typo` of n addresses."""
    mails = read_addresses(tuple(emails))
    typos = np.array([*map(_misspelt, mails.domains)])
    others = [compute_typo(emails[row])[0] for row in np.flatnonzero(~mails.plain).tolist()]
    return [interleaved(mails.plain, typos[mails.domain_of], others)]


def _deletions(domain: str) -> set[str]:
    return {domain, *(domain[:index] + domain[index + 1 :] for index in range(len(domain)))}


_NEAR = frozenset().union(*(_deletions(domain) for domain in LISTS["large"]))

_LONGEST_NEAR = max(map(len, _NEAR)) + 1

TYPO = FeatureGroup(
    "email_typo",
    ("email",),
    (
        Feature(
            "email_typo",
            "flag",
            "E-mail",
            "E-mail domain is a misspelt domain of a large provider",
            "E-mail domain is not a misspelt domain of a large provider",
        ),
    ),
    compute_typo,
    compute_rows=compute_typo_rows,
)

GROUP = FeatureGroup(
    "email",
    ("email",),
    (
        Feature("email_valid", "flag", "E-mail", "E-mail address is well formed", "E-mail address is malformed"),
        Feature(
            "email_disposable",
            "flag",
            "E-mail",
            "E-mail at a disposable-address provider",
            "E-mail not at a disposable-address provider",
            monotone=-1,
            junk=1,
            keep_with=("email",),
        ),
        Feature(
            "email_free",
            "flag",
            "E-mail",
            "E-mail at a free provider",
            "E-mail not at a free provider",
            keep_with=("email",),
        ),
        Feature(
            "email_role",
            "flag",
            "E-mail",
            "E-mail of a role such as info@ or sales@",
            "E-mail of a person",
            keep_with=("email",),
        ),
        Feature(
            "email_test",
            "flag",
            "E-mail",
            "E-mail is a test address",
            "E-mail is not a test address",
            monotone=-1,
            junk=1,
            keep_with=("email",),
        ),
        Feature(
            "email_test_word",
            "flag",
            "E-mail",
            "E-mail address begins with a word such as test or user",
            "E-mail address does not begin with a test word",
            junk=1,
            keep_with=("email",),
        ),
        Feature("email_plus", "flag", "E-mail", "E-mail with a plus tag", "E-mail without a plus tag"),
        Feature("email_digits_tail", "number", "Digits at the end of the local part of the e-mail", unit="n"),
        Feature("email_gmail_dots", "number", "Dots in a Gmail address", unit="n"),
        Feature("email_local_length", "number", "Length of the local part of the e-mail", unit="characters"),
        Feature("email_ending", "category", "Top-level domain of the e-mail"),
        Feature("email_provider", "category", "E-mail provider"),
        Feature(
            "email_local_gibberish",
            "number",
            "Gibberish score of the local part of the e-mail",
            unit="1 = higher than 99.5 % of names",
        ),
    ),
    compute,
    version=2,
    compute_rows=compute_rows,
)

GROUPS = (GROUP, TYPO)
