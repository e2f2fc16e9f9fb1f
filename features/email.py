"""E-mail address: syntax, provider, role and test addresses, gibberish score, misspelt domains."""

from __future__ import annotations

import re

from features.domains import LISTS, free_domains
from features.feature_group import NAN, Cell, Feature, FeatureGroup, truth
from features.gibberish import INITIALS, gibberish_score
from features.mail_address import LONGEST, ROLES, TEST_WORDS, TYPED, MailAddress, domain_of, read_address

_ATOM = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+"
_SHAPE = re.compile(
    rf"{_ATOM}(?:\.{_ATOM})*@(?:[^\W_](?:[\w-]{{0,61}}[^\W_])?\.)+(?:[^\W\d_]{{2,24}}|xn--[a-z0-9-]{{2,59}})"
)
_SPLIT = re.compile(r"[^a-z]+")
_TEST_DOMAINS, _ENDINGS, _MASKED, _DOTLESS = (
    frozenset(LISTS[name]) for name in ("test_domains", "test_endings", "masked", "dotless")
)
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
    if domain is None:
        return (NAN,)
    if domain in _FREE or len(domain) > _LONGEST_NEAR:
        return (0.0,)
    return (truth(not _NEAR.isdisjoint(_deletions(domain))),)


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
)

GROUPS = (GROUP, TYPO)
