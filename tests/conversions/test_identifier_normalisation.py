"""Normalisation of identifiers: fixed examples, and comparison with the utilities that the platforms publish."""

from __future__ import annotations

import random
import string
from collections import Counter

import pytest
from facebook_business.adobjects.serverside.normalize import Normalize
from google.ads.datamanager_util import Formatter
from phonenumbers import SUPPORTED_REGIONS, PhoneNumberFormat, example_number, format_number, is_valid_number, parse

from conversions.google_identifiers import NORMALISER as GOOGLE
from conversions.identifier_normalisation import sha256
from conversions.platforms.linkedin.adapter import NORMALISER as LINKEDIN
from conversions.platforms.meta.adapter import NORMALISER as META
from conversions.platforms.microsoft.adapter import NORMALISER as MICROSOFT
from conversions.platforms.tiktok.adapter import NORMALISER as TIKTOK

ROWS = 2_500


@pytest.mark.parametrize(
    ("address", "google", "others"),
    [
        (
            " Cloudy.San.Francisco+Shopping@Gmail.com ",
            "cloudysanfrancisco@gmail.com",
            "cloudy.san.francisco+shopping@gmail.com",
        ),
        ("Ada+x@GoogleMail.com", "ada@googlemail.com", "ada+x@googlemail.com"),
        ("Ada.L+x@Acme.example", "ada.l+x@acme.example", "ada.l+x@acme.example"),
        ("ada@gmailx.co", "ada@gmailx.co", "ada@gmailx.co"),
        ("...@gmail.com", None, "...@gmail.com"),
        ("two words@acme.example", None, None),
        ("a@b@c.example", None, None),
        ("nobody", None, None),
        ("a@localhost", None, None),
        ("", None, None),
        (None, None, None),
    ],
)
def test_addresses(address: str | None, google: str | None, others: str | None) -> None:
    assert GOOGLE.email(address) == google
    assert {normaliser.email(address) for normaliser in (META, LINKEDIN, MICROSOFT, TIKTOK)} == {others}


@pytest.mark.parametrize(
    ("number", "region", "expected"),
    [
        ("030 123456", "DE", "+4930123456"),
        ("+49 (0)30 123456", None, "+4930123456"),
        ("0049 30 123456", "DE", "+4930123456"),
        ("(212) 555-0142", "US", "+12125550142"),
        ("+39 02 1234 5678", "DE", "+390212345678"),
        ("030 123456", None, None),
        ("12", "DE", None),
        ("call me", "DE", None),
        (None, "DE", None),
    ],
)
def test_phones(number: str | None, region: str | None, expected: str | None) -> None:
    assert {normaliser.phone(number, region) for normaliser in (GOOGLE, MICROSOFT, TIKTOK)} == {expected}
    assert META.phone(number, region) == (None if expected is None else expected[1:])


def emails() -> list[str]:
    pool = random.Random(7)
    letters = string.ascii_letters + string.digits
    addresses = []
    for _ in range(ROWS):
        user = "".join(pool.choices(letters + "...+_-", k=pool.randrange(1, 16)))
        domain = pool.choice(
            ["gmail.com", "GoogleMail.com", "acme.example", "Sub.Firm.co.uk", "gmailx.co", "localhost"]
        )
        at = pool.choices(["@", "@@", " @", ""], [94, 2, 2, 2])[0]
        space = pool.choice(["", " ", "\t", "  "])
        addresses.append(f"{space}{user}{at}{domain}{space}")
    return addresses


def official(call: object, *arguments: object) -> str | None:
    try:
        return call(*arguments)  # type: ignore[operator,no-any-return]
    except (ValueError, TypeError):
        return None


def test_addresses_equal_googles_utility() -> None:
    different: Counter[str] = Counter()
    for address in emails():
        ours = GOOGLE.email(address)
        if official(Formatter().format_email_address, address) != ours:
            assert ours is None
            different["a domain without a dot gets no mail" if "localhost" in address else address] += 1
    assert set(different) == {"a domain without a dot gets no mail"}


def test_addresses_equal_metas_sdk() -> None:
    for address in emails():
        ours = sha256(META.email(address))
        same = official(Normalize.normalize_field, "em", address) == ours
        # The SDK accepts everything with text before "@" and a dot after it, spaces and two "@" included.
        assert same or (ours is None and (address.count("@") != 1 or " @" in address))


def test_names_equal_both() -> None:
    pool = random.Random(3)
    for _ in range(ROWS):
        name = " " * pool.randrange(3) + "".join(pool.choices("AdaLOVEéÅßžñ -'", k=pool.randrange(0, 12))) + " "
        ours = GOOGLE.name(name)
        assert official(Formatter().format_given_name, name) == ours
        assert META.name(name) == ours
        if ours is not None:
            assert official(Normalize.normalize_field, "fn", name) == sha256(ours)


@pytest.mark.parametrize(
    "written", ["+49+4915123456789", "+49 +49 151 23456789", "+49 0049 151 23456789", "+49 49 151 23456789"]
)
def test_a_country_code_of_the_form_field_before_a_whole_number(written: str) -> None:
    assert GOOGLE.phone(written, "DE") == GOOGLE.phone(written, None) == "+4915123456789"


def test_phones_equal_googles_utility_where_the_country_is_written() -> None:
    """The utility only strips: correct for international numbers, wrong for "(0)", national numbers, extensions."""
    pool = random.Random(5)
    compared: set[str] = set()
    examples = [format_number(example_number(region), PhoneNumberFormat.E164) for region in sorted(SUPPORTED_REGIONS)]
    while len(compared) < ROWS:
        e164 = f"{pool.choice(examples)[:-3]}{pool.randrange(1_000):03}"
        number = parse(e164)
        if e164 in compared or not is_valid_number(number):
            continue
        compared.add(e164)
        written = format_number(number, PhoneNumberFormat.INTERNATIONAL)
        assert official(Formatter().format_phone_number, written) == GOOGLE.phone(written, "DE")
        # The SDK refuses numbers that do not fit its pattern; it never changes one.
        assert official(Normalize.normalize, "ph", e164, False) in (None, META.phone(written, "DE"))
    assert Formatter().format_phone_number("+49 (0)30 123456") == "+49030123456"
    assert Formatter().format_phone_number("030 123456") == "+030123456"


def test_hashes_are_of_utf8() -> None:
    hashed = Formatter().hex_encode(Formatter().hash_string("josé@acme.example"))
    assert hashed == sha256("josé@acme.example")


@pytest.mark.parametrize(
    ("region", "number", "expected"),
    [
        ("DE", "4915123456789", "+4915123456789"),
        ("DE", "491711234567", "+491711234567"),
        ("ID", "62812345678", "+62812345678"),
        ("DE", "491512345678.0", "+491512345678"),
        ("AT", "+43664123456.0", "+43664123456"),
        ("AT", "664123456.0", "+43664123456"),
        (None, "+49-30-123456 (home)", "+4930123456"),
        ("DE", "+4930123456 mobile", "+4930123456"),
        ("DE", "4.91512E+11", None),
        (None, "0049 30 123456", "+4930123456"),
        ("IT", "25512345", "+39025512345"),
        ("DE", "'030 123456", "+4930123456"),
        ("US", "tel: (212) 555-0142", "+12125550142"),
    ],
)
def test_damage_to_phones_is_repaired_or_no_identifier(region: str | None, number: str, expected: str | None) -> None:
    assert GOOGLE.phone(number, region) == expected


@pytest.mark.parametrize(
    "written",
    [
        "\u200bada@ferri.it",
        "ada@ferri.it\u200b",
        "\ufeffada@ferri.it",
        "\u202aada@ferri.it\u202c",
        "ada\u00ad@ferri.it",
        "ada@ferri.it,",
        "ada@ferri.it;",
        "ada@ferri.it.",
        "<ada@ferri.it>",
        "Ada Ferri <ada@ferri.it>",
        "mailto:ada@ferri.it",
        "'ada@ferri.it'",
        "\uff41da@ferri.it",
        "ADA@FERRI.IT",
        "ADA@FERRİ.İT",
        "ada@ferri.it?",
        "ada@ferri.it/",
        "ada@ferri.it#",
        "ada@ferri.it…",
        "ada@ferri.it\u3002",
        "/ada@ferri.it",
        "'ada'@ferri.it",
        '"ada"@ferri.it',
    ],
)
def test_what_surrounds_an_address_is_not_hashed(written: str) -> None:
    assert META.email(written) == "ada@ferri.it"


def test_composed_and_decomposed_names_and_addresses_are_equal() -> None:
    assert META.name("Jose\u0301") == META.name("José") == "josé"
    assert META.email("jose\u0301@acme.example") == META.email("josé@acme.example")


def test_a_name_with_a_lost_letter_is_no_identifier() -> None:
    assert META.name("Jos\ufffd") is None


@pytest.mark.parametrize(
    "written", ["ada@ferri..it", "ada@.ferri.it", "ada@ferri", "@ferri.it", "ada@", "a b@ferri.it"]
)
def test_an_address_without_a_domain_is_no_identifier(written: str) -> None:
    assert META.email(written) is None
    assert GOOGLE.email(written) is None
