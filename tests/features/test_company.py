from __future__ import annotations

import math

import pytest

from features.company import GROUP
from tests.features.cells import cells


@pytest.mark.parametrize(
    ("company", "email"),
    [
        ("Acme", "a@acme.de"),
        ("Acme Tools GmbH", "a@acme-tools.com"),
        ("International Business Machines", "a@us.ibm.com"),
        ("Müller Logistik", "a@mueller-logistik.de"),
        ("Acme Italia S.r.l.", "a@acme.it"),
        ("Deutsche Telekom AG", "a@telekom.de"),
    ],
)
def test_company_matches_its_domain(company: str, email: str) -> None:
    assert cells(GROUP, company, email)["company_email_match"] == 1.0


def test_company_does_not_match_another_domain() -> None:
    values = cells(GROUP, "Acme GmbH", "a@globex.de", "www.acme.de")
    assert (values["company_email_match"], values["company_website_match"]) == (0.0, 0.0)


def test_match_of_a_free_address_is_missing() -> None:
    values = cells(GROUP, "Acme GmbH", "acme@gmail.com", "acme.de")
    assert values["company_free_mail"] == 1.0
    for name in ("company_email_match", "company_website_match"):
        value = values[name]
        assert isinstance(value, float)
        assert math.isnan(value)


@pytest.mark.parametrize("company", ["none", "N/A", "-", "test", "Self-employed", "없음", "..."])
def test_placeholders(company: str) -> None:
    assert cells(GROUP, company)["company_placeholder"] == 1.0


@pytest.mark.parametrize(
    "company", ["Acme GmbH", "Acme S.p.A.", "Acme, Inc.", "Acme Sp. z o.o.", "주식회사 삼성 주식회사", "Acme Pty Ltd"]
)
def test_legal_forms(company: str) -> None:
    assert cells(GROUP, company)["company_legal_form"] == 1.0


def test_the_website_counts_without_a_company() -> None:
    values = cells(GROUP, None, "a@mail.acme.co.uk", "https://shop.acme.co.uk")
    assert (values["company_present"], values["company_website_match"]) == (0.0, 1.0)
