from __future__ import annotations

import math

import pytest

from features.domains import disposable_domains, free_domains
from features.email import GROUP, compute_typo
from tests.features.cells import cells


@pytest.mark.parametrize(
    "address",
    [
        "ada@acme.de",
        "o'neill+x@sub.acme.co.uk",
        "ADA@ACME.DE",
        "a@bücher.example",
        "a@xn--bcher-kva.example",
        "1@2.io",
        "a@acme.xn--p1ai",
    ],
)
def test_well_formed(address: str) -> None:
    assert cells(GROUP, address)["email_valid"] == 1.0


@pytest.mark.parametrize(
    "address",
    [
        "ada",
        "ada@",
        "@acme.de",
        "ada@acme",
        "a b@acme.de",
        "ada@@acme.de",
        ".ada@acme.de",
        "ada..x@acme.de",
        "ada@-acme.de",
        "ada@acme..de",
        "ada@acme.de, bob@acme.de",
        "a" * 320 + "@acme.de",
        "[email protected]",
    ],
)
def test_malformed(address: str) -> None:
    values = cells(GROUP, address)
    assert values["email_valid"] == 0.0
    assert values["email_ending"] is None


@pytest.mark.parametrize(
    "address",
    [
        "test@test.com",
        "asdf@gmail.com",
        "ada@example.com",
        "ada@shop.test",
        "ada@nowhere.invalid",
        "[email protected]",
        "TEST@gmx.de",
        "test+1@outlook.com",
        "asdf@asdf.it",
        "aa@mailinator.com",
    ],
)
def test_test_addresses(address: str) -> None:
    assert cells(GROUP, address)["email_test"] == 1.0


@pytest.mark.parametrize(
    "address",
    [
        "testing@conti-werkstoffe.it",
        "user@acme.de",
        "TEST+1@acme.de",
        "asdf@acme.de",
        "essai@acme.fr",
        "prueba@acme.es",
        "probe@acme.at",
        "tester@gmail.com",
        "abc@gmx.de",
    ],
)
def test_a_test_word_that_nothing_confirms_is_a_sign_of_its_own(address: str) -> None:
    values = cells(GROUP, address)
    assert (values["email_test"], values["email_test_word"]) == (0.0, 1.0)


@pytest.mark.parametrize("address", ["abc@conti-forni.it", "aa@acme.de", "xyz@acme.co.uk", "qwe@acme.com"])
def test_initials_at_a_company_are_no_test_word(address: str) -> None:
    values = cells(GROUP, address)
    assert (values["email_test"], values["email_test_word"]) == (0.0, 0.0)


@pytest.mark.parametrize(
    "domain",
    ["privaterelay.appleid.com", "mozmail.com", "duck.com", "simplelogin.com", "passmail.net", "ada.anonaddy.com"],
)
def test_the_local_part_of_a_relay_is_missing(domain: str) -> None:
    values = cells(GROUP, f"test.b48213977xk+7@{domain}")
    assert (values["email_valid"], values["email_free"], values["email_disposable"]) == (1.0, 1.0, 0.0)
    assert (values["email_test"], values["email_test_word"], values["email_provider"]) == (0.0, 0.0, "relay")
    for name in ("role", "plus", "digits_tail", "local_length", "local_gibberish"):
        assert math.isnan(values[f"email_{name}"]), name  # type: ignore[arg-type]


@pytest.mark.parametrize("address", ["asdf", "asdf@", "@acme.de", "ada@acme", "ada@@acme.de", "a da@acme.de"])
def test_a_malformed_address_is_at_no_provider(address: str) -> None:
    values = cells(GROUP, address)
    assert values["email_valid"] == 0.0
    assert math.isnan(values["email_free"])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "address",
    ["ada@acme.de", "testa@acme.it", "contest@acme.de", "ada@test-systems.de", "ada@gmail.com", "teste@firma.pt"],
)
def test_addresses_of_buyers_are_not_test_addresses(address: str) -> None:
    assert cells(GROUP, address)["email_test"] == 0.0


def test_disposable_is_looked_up_before_free_and_in_parent_domains() -> None:
    both = sorted(disposable_domains() & free_domains())
    assert both, "no free domain is disposable any more: delete this test"
    for domain in (both[0], f"x.y.{both[0]}"):
        values = cells(GROUP, f"ada@{domain}")
        assert (values["email_disposable"], values["email_free"]) == (1.0, 0.0)


@pytest.mark.parametrize(
    "domain", ["gmail.com", "hey.com", "tutanota.com", "libero.it", "naver.com", "yandex.ru", "gmx.de"]
)
def test_free(domain: str) -> None:
    values = cells(GROUP, f"ada@{domain}")
    assert (values["email_disposable"], values["email_free"], values["email_provider"]) == (0.0, 1.0, domain)


def test_address_at_a_company() -> None:
    values = cells(GROUP, "info@acme.co.uk")
    assert (values["email_free"], values["email_role"], values["email_provider"], values["email_ending"]) == (
        0.0,
        1.0,
        "own domain",
        "uk",
    )


def test_local_part() -> None:
    values = cells(GROUP, "o.w.on.u.x.o334+news@gmail.com")
    assert (values["email_gmail_dots"], values["email_digits_tail"], values["email_plus"]) == (5.0, 3.0, 1.0)


def test_random_letters_are_gibberish_and_names_are_not() -> None:
    random = cells(GROUP, "xkqzvwptjh@acme.de")["email_local_gibberish"]
    name = cells(GROUP, "krzysztof.szczepanski@acme.de")["email_local_gibberish"]
    assert isinstance(random, float)
    assert isinstance(name, float)
    assert name < 1 < random


@pytest.mark.parametrize(
    ("domain", "misspelt"), [("gmial.com", 1), ("hotmial.com", 1), ("outlok.com", 1), ("acme.com", 0)]
)
def test_misspelt_domains_of_large_providers(domain: str, misspelt: float) -> None:
    assert compute_typo(f"ada@{domain}") == (misspelt,)
