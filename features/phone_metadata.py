"""Phone metadata: validity, type and country of a phone number, by the numbering plans of phonenumbers.

A number in a common notation that matches its numbering plan is resolved here from the plan's patterns (6 us).
All other numbers go through the library's parser (some 60 us). A property test checks that both agree.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import NamedTuple

from phonenumbers import (
    COUNTRY_CODE_TO_REGION_CODE,
    NumberParseException,
    PhoneMetadata,
    is_valid_number,
    number_type,
    parse,
    region_code_for_number,
)

# Indexed by the library's number of a type.
TYPES = (
    "fixed",
    "mobile",
    "fixed or mobile",
    "toll free",
    "premium",
    "shared cost",
    "voip",
    "personal",
    "pager",
    "company",
    "voicemail",
)
# In the order in which the library tests the types; fixed and mobile come last, together.
_SPECIAL = {
    "premium_rate": 4,
    "toll_free": 3,
    "shared_cost": 5,
    "voip": 6,
    "personal_number": 7,
    "pager": 8,
    "uan": 9,
    "voicemail": 10,
}
_USUAL = re.compile(r"\+?[0-9 ()./-]{4,30}")
_SHORTEST_REPAIRED = 7
_NOISE = re.compile(r"[^0-9]+")


class Number(NamedTuple):
    """Validity, type and region of a phone number; `valid` is None where no numbering plan applies."""

    valid: bool | None
    kind: str | None = None
    region: str | None = None


class _NumberingPlan:
    """Numbering plan of one region."""

    def __init__(self, metadata: PhoneMetadata, region: str, code: int) -> None:
        self.region = region
        self.code = str(code)
        self.general = _Pattern(metadata.general_desc)
        self.special = [
            (_Pattern(description), kind) for name, kind in _SPECIAL.items() if (description := getattr(metadata, name))
        ]
        # Most numbers are of no special type, which one match of all patterns finds out.
        self.any_special = re.compile(
            "|".join(f"(?:{pattern.text})" for pattern, _ in self.special) or "(?!)"
        ).fullmatch
        self.fixed = _Pattern(metadata.fixed_line)
        self.mobile = _Pattern(metadata.mobile)
        self.same = metadata.same_mobile_and_fixed_line_pattern
        self.leading = re.compile(metadata.leading_digits) if metadata.leading_digits else None
        parsing = metadata.national_prefix_for_parsing
        self.prefix = re.compile(parsing) if parsing else None
        self.plain_prefix = (
            parsing if parsing and parsing.isdigit() and not metadata.national_prefix_transform_rule else None
        )
        self.dials_00 = metadata.international_prefix == "00"

    def kind(self, number: str) -> int | None:
        """Return the index in TYPES of a national number's type, or None where it is invalid."""
        if not self.general.fits(number):
            return None
        if self.any_special(number):
            for pattern, kind in self.special:
                if pattern.fits(number):
                    return kind
        if self.fixed.fits(number):
            return 2 if self.same or self.mobile.fits(number) else 0
        return 1 if not self.same and self.mobile.fits(number) else None


class _Pattern:
    """Lengths and digit pattern of one type of number."""

    def __init__(self, description: object) -> None:
        self.text: str = getattr(description, "national_number_pattern", None) or "(?!)"
        self._match = re.compile(self.text).fullmatch
        self._lengths = frozenset(getattr(description, "possible_length", ()))

    def fits(self, number: str) -> bool:
        """Return whether a national number is of this type."""
        return (not self._lengths or len(number) in self._lengths) and self._match(number) is not None


@cache
def _plans(code: int) -> tuple[_NumberingPlan, ...]:
    regions = (
        (region, PhoneMetadata.metadata_for_region(region) or PhoneMetadata.metadata_for_nongeo_region(code))
        for region in COUNTRY_CODE_TO_REGION_CODE[code]
    )
    return tuple(_NumberingPlan(metadata, region, code) for region, metadata in regions if metadata is not None)


@cache
def _plan_of(region: str) -> _NumberingPlan | None:
    metadata = PhoneMetadata.metadata_for_region(region)
    if metadata is None or metadata.country_code is None:
        return None
    return _NumberingPlan(metadata, region, metadata.country_code)


# One number takes 6 to 60 us, and a lead needs its number up to three times. At most 50,000 texts of 60 characters.
@lru_cache(maxsize=50_000)
def look_up(phone: str, region: str | None) -> Number:
    """Return validity, type and region of a phone number.

    Parameters
    ----------
    phone
        Number as written; only the first 60 characters are read.
    region
        ISO code of the lead's country, for a number without international prefix; None where it is unknown.

    Examples
    --------
    >>> look_up("+39 333 1234567", None)
    Number(valid=True, kind='mobile', region='IT')
    >>> look_up("030 901820", "DE").kind, look_up("030 901820", None).valid, look_up("call me", "DE").valid
    ('fixed', None, False)
    """
    phone = dialled(phone, region)
    home = _plan_of(region) if region else None
    if _USUAL.fullmatch(phone):
        digits = _NOISE.sub("", phone)
        number = _international(digits) if phone[0] == "+" else _national(digits, home)
        if number is not None:
            return number
    return _parse(phone, region if home else None)


def dialled(phone: str, region: str | None) -> str:
    """Return a phone number as it is dialled: with the plus sign or the zero that a spreadsheet or a person left out.

    A number that begins with the country's own code and is valid behind a plus sign is international. A zero is added
    where the number is invalid without it and valid with it, as in Italy.

    Parameters
    ----------
    phone
        Number as written; only the first 60 characters are read.
    region
        ISO code of the lead's country; None where it is unknown.

    Examples
    --------
    >>> dialled("4915123456789", "DE"), dialled("255123456", "IT"), dialled("+39255123456", None)
    ('+4915123456789', '0255123456', '+390255123456')
    """
    phone = phone[:60]
    if phone.startswith("(+"):
        phone = phone[1:]  # the library does not read what stands before the plus sign either
    home = _plan_of(region) if region else None
    if phone.startswith("00") and (home is None or home.dials_00):
        phone = "+" + phone[2:]
    if not _USUAL.fullmatch(phone):
        return phone
    digits = _NOISE.sub("", phone)
    if len(digits) < _SHORTEST_REPAIRED:
        return phone
    if phone[0] == "+":
        return _with_zero(phone, digits, region if home else None)
    if home is None:
        return phone
    if digits.startswith(home.code) and _international(digits) is not None:
        return "+" + digits
    lost = digits[0] != "0" and _national(digits, home) is None and _national("0" + digits, home) is not None
    return "0" + digits if lost and not _parse(phone, region).valid else phone


def _with_zero(phone: str, digits: str, region: str | None) -> str:
    """Return an international number with the zero behind its country code, if it is valid only with it."""
    if _international(digits) is not None:
        return phone
    for length in (1, 2, 3):
        code, rest = digits[:length], digits[length:]
        if int(code or 0) in COUNTRY_CODE_TO_REGION_CODE and _international(f"{code}0{rest}") is not None:
            return phone if _parse(phone, region).valid else f"+{code}0{rest}"
    return phone


# `dialled` and `look_up` read the same number one after the other.
@lru_cache(maxsize=64)
def _international(digits: str) -> Number | None:
    """Return the metadata of the digits after a plus sign, or None where they match no plan directly."""
    for length in (1, 2, 3):
        code = int(digits[:length])
        if code in COUNTRY_CODE_TO_REGION_CODE and digits[0] != "0":
            return _match(_plans(code), digits[length:])
    return None


def _national(digits: str, home: _NumberingPlan | None) -> Number | None:
    """Return the metadata of a national number, or None where it does not match the country's plan in a unique way."""
    if home is None:
        return None
    number = digits
    if home.prefix is not None and home.prefix.match(digits):
        if home.plain_prefix is None:
            return None
        number = digits.removeprefix(home.plain_prefix)
        if home.general.fits(digits) or home.prefix.match(number):
            return None
    if digits.startswith("00") or not home.general.fits(number):
        return None
    return _match(_plans(int(home.code)), number)


def _match(plans: tuple[_NumberingPlan, ...], number: str) -> Number | None:
    main = plans[0]
    if main.prefix is not None and main.prefix.match(number):
        return None
    for plan in plans:
        if plan.leading is not None and not plan.leading.match(number):
            continue
        kind = plan.kind(number)
        if kind is not None:
            return Number(True, TYPES[kind], plan.region if plan.region != "001" else None)
        if plan.leading is not None:
            return None
    return None


@lru_cache(maxsize=64)
def _parse(phone: str, region: str | None) -> Number:
    """Return the metadata by the library's parser."""
    try:
        number = parse(phone, region)
    except NumberParseException:
        digits = sum(map(str.isdigit, phone))
        return Number(None if region is None and 6 <= digits <= 15 and not phone.startswith("+") else False)
    if not is_valid_number(number):
        return Number(False)
    kind = int(number_type(number))
    country = region_code_for_number(number)
    return Number(True, TYPES[kind] if 0 <= kind < len(TYPES) else None, country if country != "001" else None)
