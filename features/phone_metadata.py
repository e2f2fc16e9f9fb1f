"""Phone metadata: validity, type and country of a phone number, by the numbering plans of phonenumbers.

A number in a common notation that matches its numbering plan, or none of its country's, is resolved here from the
patterns of the plans (5 us). All other numbers go through the library's parser (some 60 us). A property test checks
that both agree.
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
_MARKS = b"+ ()./-"
"""Characters of `_USUAL` that are no digits."""


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
        self.prefix = re.compile(parsing or "(?!)")
        self.transforms = bool(metadata.national_prefix_transform_rule)
        self.abroad = re.compile(metadata.international_prefix or "(?!)")
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

    def selects_carrier(self, digits: str) -> bool:
        """Return whether digits begin with a national prefix that can contain the code of a carrier."""
        return self.prefix.groups > 0 and self.prefix.match(digits) is not None


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
    home = _plan_of(region) if region else None
    phone, number = _resolve(phone, home)
    return _parse(phone, region if home else None) if number is None else number


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
    return _resolve(phone, _plan_of(region) if region else None)[0]


def _resolve(phone: str, home: _NumberingPlan | None) -> tuple[str, Number | None]:
    """Return a number as it is dialled, and its metadata; None where only the library's parser can decide."""
    phone = phone[:60]
    if phone.startswith("(+"):
        phone = phone[1:]  # the library does not read what stands before the plus sign either
    if phone.startswith("00") and (home is None or home.dials_00):
        phone = "+" + phone[2:]
    if not _USUAL.fullmatch(phone):
        return phone, None
    digits = phone.encode().translate(None, _MARKS).decode()
    repairable = len(digits) >= _SHORTEST_REPAIRED
    if phone[0] == "+":
        number = _international(digits)
        if repairable and (once := _code_once(digits, number)):
            return once
        return _with_zero(phone, digits, number, home) if repairable and not _is_valid(number) else (phone, number)
    number = None if home is None else _national(digits, home)
    if home is None or not repairable:
        return phone, number
    if digits.startswith(home.code) and _is_valid(abroad := _international(digits)):
        return "+" + digits, abroad
    longer = "0" + digits
    lost = digits[0] != "0" and not _is_valid(number) and not home.selects_carrier(longer)
    if lost and _is_valid(repaired := _national(longer, home)):
        number = number or _parse(phone, home.region)
        return (phone, number) if number.valid else (longer, repaired)
    return phone, number


def _code_once(digits: str, number: Number | None) -> tuple[str, Number] | None:
    """Return an international number that begins with its country code twice, with the code once; None for others.

    A number that is valid as written keeps both, unless it is a fixed line as written and a mobile number without one
    of them: area codes that begin as the country's own code does not have so many digits.
    """
    for length in (1, 2, 3):
        code, rest = digits[:length], digits[length:]
        if int(code) in COUNTRY_CODE_TO_REGION_CODE and rest.startswith(code):
            once = _international(rest)
            fixed = number is not None and number.kind == "fixed"
            if _is_valid(once) and once is not None and (not _is_valid(number) or (fixed and once.kind == "mobile")):
                return f"+{rest}", once
    return None


def _with_zero(
    phone: str, digits: str, number: Number | None, home: _NumberingPlan | None
) -> tuple[str, Number | None]:
    """Return an international number with the zero behind its country code, if it is valid only with it."""
    for length in (1, 2, 3):
        code, rest = digits[:length], digits[length:]
        if int(code) in COUNTRY_CODE_TO_REGION_CODE and _is_valid(repaired := _international(f"{code}0{rest}")):
            number = number or _parse(phone, home.region if home else None)
            return (phone, number) if number.valid else (f"+{code}0{rest}", repaired)
    return phone, number


def _is_valid(number: Number | None) -> bool:
    return number is not None and number.valid is True


def _international(digits: str) -> Number | None:
    """Return the metadata of the digits after a plus sign; None where only the library's parser can decide."""
    for length in (1, 2, 3):
        code = int(digits[:length] or 0)
        if code in COUNTRY_CODE_TO_REGION_CODE and digits[0] != "0":
            plans, number = _plans(code), digits[length:]
            return _match(plans, number) or _refused(plans, plans[0], number)
    return None


def _national(digits: str, home: _NumberingPlan) -> Number | None:
    """Return the metadata of a national number; None where only the library's parser can decide."""
    plans = _plans(int(home.code))
    number = digits
    prefix = home.prefix.match(digits)
    if prefix:
        number = digits[prefix.end() :]
    unique = not prefix or not (home.transforms or home.general.fits(digits) or home.prefix.match(number))
    if unique and not digits.startswith("00") and home.general.fits(number) and (match := _match(plans, number)):
        return match
    if digits.startswith(home.code) or home.abroad.match(digits):
        return None
    return _refused(plans, home, digits)


def _match(plans: tuple[_NumberingPlan, ...], number: str) -> Number | None:
    """Return the metadata of a national number without prefix; None where it matches no plan directly."""
    main = plans[0]
    if main.prefix.match(number):
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


def _refused(plans: tuple[_NumberingPlan, ...], home: _NumberingPlan, digits: str) -> Number | None:
    """Return the metadata of an invalid number: of no plan, with or without the national prefix of `home`."""
    readings = [digits]
    prefix = home.prefix.match(digits)
    if prefix:
        if home.transforms:
            return None
        readings.append(digits[prefix.end() :])
    valid = any(plan.kind(reading) is not None for plan in plans for reading in readings)
    return None if valid else Number(False)


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
