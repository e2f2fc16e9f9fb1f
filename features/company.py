"""Company: placeholder, legal form, agreement with the e-mail domain and the website."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from features.domains import host_of, registrable
from features.feature_group import NAN, Cell, Feature, FeatureGroup, truth
from features.gibberish import fold
from features.lexicon import load, words_of
from features.mail_address import Provider, providers_and_domains, read_address
from leadworth.arrays import Matrix

_LISTS = load("company.toml")
_LEGAL, _PLACEHOLDERS = (frozenset(_LISTS[name]) for name in ("legal_forms", "placeholders"))
LONGEST = 200


def compute(company: str | None, email: str | None, website: str | None) -> tuple[Cell, ...]:
    """Return the features of a company.

    Examples
    --------
    >>> names = [feature.name for feature in GROUP.features]
    >>> cells = compute("Acme Tools GmbH", "ada@acme-tools.de", "https://www.acme-tools.de/")
    >>> values = dict(zip(names, cells, strict=True))
    >>> values["company_legal_form"], values["company_email_match"], values["company_website_match"]
    (1.0, 1.0, 1.0)
    """
    mail = None if email is None else read_address(email)
    return _features(company, (mail.provider, mail.own_domain) if mail else (None, None), website)


def compute_rows(
    companies: Sequence[str | None], emails: Sequence[str | None], websites: Sequence[str | None]
) -> Matrix:
    """Return the features of `compute` of n companies, shape (features, n)."""
    cells = map(_features, companies, providers_and_domains(emails), websites)
    return np.array([*cells], dtype=np.float64).T


def _features(company: str | None, mail: tuple[Provider | None, str | None], website: str | None) -> tuple[Cell, ...]:
    """Return the features of a company with the provider and the own domain of the e-mail address."""
    provider, own_domain = mail
    site = host_of(website)
    website_match = NAN if site is None or own_domain is None else truth(registrable(site) == own_domain)
    if company is None:
        return (0.0, NAN, NAN, NAN, NAN, NAN, website_match)
    name = company[:LONGEST]
    words = words_of(name.replace(".", ""))
    return (
        1.0,
        truth(" ".join(words) in _PLACEHOLDERS or not words),
        truth(not _LEGAL.isdisjoint(words[1:])),
        float(len(name)),
        NAN if provider is None else truth(provider != "own domain"),
        NAN if own_domain is None else _agreement([word for word in words if word not in _LEGAL], own_domain),
        website_match,
    )


def _agreement(words: list[str], domain: str) -> float:
    """Return 1 where a company name and a domain share their distinctive part, else 0; nan if not comparable."""
    label = domain.partition(".")[0].replace("-", "")
    folded = fold(" ".join(words)) if not all(map(str.isascii, words)) else " ".join(words)
    if not folded:
        return NAN
    parts = folded.split()
    joined = "".join(parts)
    longest = max(parts, key=len)
    initials = "".join(part[0] for part in parts)
    match = (
        joined in label
        or label in joined
        or (len(longest) > 3 and longest in label)
        or (len(initials) > 1 and label.startswith(initials))
    )
    return truth(match)


GROUP = FeatureGroup(
    "company",
    ("company", "email", "website"),
    (
        Feature("company_present", "flag", "Company", "Company given", "No company given"),
        Feature(
            "company_placeholder",
            "flag",
            "Company",
            "Company is a placeholder such as none",
            "Company is not a placeholder",
        ),
        Feature("company_legal_form", "flag", "Company", "Company with its legal form", "Company without a legal form"),
        Feature("company_length", "number", "Length of the company's name", unit="characters"),
        Feature(
            "company_free_mail",
            "flag",
            "Company and e-mail",
            "Company given, with an e-mail at a free provider",
            "Company given, with an e-mail not at a free provider",
        ),
        Feature(
            "company_email_match",
            "flag",
            "Company and e-mail",
            "E-mail domain matches the company's name",
            "E-mail domain does not match the company's name",
        ),
        Feature(
            "company_website_match",
            "flag",
            "Website and e-mail",
            "E-mail is at the domain of the website",
            "E-mail is not at the domain of the website",
        ),
    ),
    compute,
    version=2,
    compute_rows=compute_rows,
)

GROUPS = (GROUP,)
