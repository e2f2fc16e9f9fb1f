from __future__ import annotations

import pytest

from features.domains import disposable_domains, free_domains, host_of, registrable
from features.email import GROUP
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
    found = cells(GROUP, address)
    assert found["email_valid"] == 0.0
    assert found["email_ending"] is None


@pytest.mark.parametrize(
    "address",
    [
        "test@test.com",
        "asdf@gmail.com",
        "ada@example.com",
        "ada@shop.test",
        "ada@nowhere.invalid",
        "[email protected]",
        "TEST@acme.de",
        "test+1@acme.de",
    ],
)
def test_addresses_of_people_who_try_the_form(address: str) -> None:
    assert cells(GROUP, address)["email_test"] == 1.0


@pytest.mark.parametrize(
    "address",
    ["ada@acme.de", "testa@acme.it", "contest@acme.de", "ada@test-systems.de", "ada@gmail.com", "teste@firma.pt"],
)
def test_addresses_of_buyers_are_no_test(address: str) -> None:
    assert cells(GROUP, address)["email_test"] == 0.0


def test_disposable_is_looked_up_before_free_and_in_parent_domains() -> None:
    both = sorted(disposable_domains() & free_domains())
    assert both, "the free list no longer holds disposable domains; the order need not be tested"
    for domain in (both[0], f"x.y.{both[0]}"):
        found = cells(GROUP, f"ada@{domain}")
        assert (found["email_disposable"], found["email_free"]) == (1.0, 0.0)


@pytest.mark.parametrize(
    "domain", ["gmail.com", "hey.com", "tutanota.com", "libero.it", "naver.com", "yandex.ru", "gmx.de"]
)
def test_free(domain: str) -> None:
    found = cells(GROUP, f"ada@{domain}")
    assert (found["email_disposable"], found["email_free"], found["email_provider"]) == (0.0, 1.0, domain)


def test_of_the_company() -> None:
    found = cells(GROUP, "info@acme.co.uk")
    assert (found["email_free"], found["email_role"], found["email_provider"], found["email_ending"]) == (
        0.0,
        1.0,
        "own domain",
        "uk",
    )


def test_shape_of_the_local_part() -> None:
    found = cells(GROUP, "o.w.on.u.x.o334+news@gmail.com")
    assert (found["email_gmail_dots"], found["email_digits_tail"], found["email_plus"]) == (5.0, 3.0, 1.0)


def test_random_letters_are_strange_and_names_are_not() -> None:
    strange = cells(GROUP, "xkqzvwptjh@acme.de")["email_local_gibberish"]
    usual = cells(GROUP, "krzysztof.szczepanski@acme.de")["email_local_gibberish"]
    assert isinstance(strange, float)
    assert isinstance(usual, float)
    assert usual < 1 < strange


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("HTTPS://www.Acme.de:8080/x?y#z", "acme.de"),
        ("acme.de/x", "acme.de"),
        ("user:pw@acme.de", "acme.de"),
        ("n/a", None),
        ("http://", None),
    ],
)
def test_host(address: str, host: str | None) -> None:
    assert host_of(address) == host


@pytest.mark.parametrize("host", ["com", "", ".", "..", "a" * 300 + ".de", "co.uk"])
def test_nobody_registered(host: str) -> None:
    assert registrable(host) is None
