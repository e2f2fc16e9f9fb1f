"""Addresses lose what surrounds them; other text is kept."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from leadworth.readers.email_reader import LONGEST_EMAIL, read_email

AROUND = [
    "<{}>",
    "mailto:{}",
    "Ada Lovelace <{}>",
    "'{}'",
    "{};",
    "{},",
    "\u200b{}\ufeff",
    " {} ",
    "{}.",
    "({})",
    "MAILTO:{}?subject=x",
    "'mailto:{}'",
    "{}?",
    "{}#",
    "{}/",
    "/{}",
    "={}",
    "{}…",
    "【{}】",
    "「{}」",
    "➤ {}",
    "✉{}",
    "email={}",
    "Mail: {}",
    "[{0}](mailto:{0})",
    "{} (work)",
    "{} (work) (new).",
    "Ada <{}> (Acme)",
]


@given(st.from_regex(r"[a-z0-9][a-z0-9._+-]{0,12}@[a-z0-9]{1,9}\.[a-z]{2,5}", fullmatch=True), st.sampled_from(AROUND))
def test_what_surrounds_an_address_is_removed(address: str, around: str) -> None:
    assert read_email(around.format(address)) == address


def test_a_domain_in_brackets_is_kept_as_written() -> None:
    assert read_email("ada@[1.2.3.4]") == "ada@[1.2.3.4]"


@given(st.text(max_size=400) | st.text("@a.'\"/:?_ [(<mailto\ufffd", max_size=40))
def test_no_text_raises_and_reading_twice_changes_nothing(written: str) -> None:
    address = read_email(written)
    assert address is None or (len(address) <= LONGEST_EMAIL and read_email(address) == address)
