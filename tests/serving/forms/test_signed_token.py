"""The form token: forged, changed, expired, of another form; and keys that are changed while pages are open."""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.forms.signed_token import TokenSigner

KEY, OLD = b"a key of this test, long enough", b"the key before"
SIGNER = TokenSigner([KEY, OLD], 86_400, 7_200)
NOW = 1_800_000_000.0


def test_it_tells_the_time_at_the_form() -> None:
    token = SIGNER.issue("contact", NOW)
    found = SIGNER.check(token, "Contact ", NOW + 61.5)
    assert (found.state, found.seconds) == ("ok", 61.5)
    assert len(token) == 44
    assert found.nonce == urlsafe_b64decode(token)[5:13]


def test_no_two_tokens_are_alike() -> None:
    nonces = {SIGNER.check(SIGNER.issue("contact", NOW), "contact", NOW).nonce for _ in range(1_000)}
    assert len(nonces) == 1_000


@pytest.mark.parametrize(
    ("later", "state", "timed"),
    [(0, "ok", True), (7_200, "ok", True), (7_201, "ok", False), (86_400, "ok", False), (86_402, "expired", False),
     (-30, "ok", True), (-90, "bad-signature", False)],
)  # fmt: skip
def test_age(later: float, state: str, timed: bool) -> None:
    found = SIGNER.check(SIGNER.issue("f", NOW), "f", NOW + later)
    assert (found.state, found.seconds is not None) == (state, timed)


def test_another_form_and_none() -> None:
    assert SIGNER.check(SIGNER.issue("contact", NOW), "quote", NOW).state == "wrong-form"
    assert SIGNER.check(SIGNER.issue("contact", NOW), None, NOW).state == "wrong-form"
    assert SIGNER.check(None, "contact", NOW).state == "missing"


def test_a_key_that_was_changed_still_verifies_until_it_is_dropped() -> None:
    before = TokenSigner([OLD], 86_400, 7_200).issue("f", NOW)
    assert SIGNER.check(before, "f", NOW).state == "ok"
    assert TokenSigner([KEY], 86_400, 7_200).check(before, "f", NOW).state == "bad-signature"
    assert TokenSigner([OLD], 86_400, 7_200).check(SIGNER.issue("f", NOW), "f", NOW).state == "bad-signature"


def test_keys_whose_ids_collide_are_all_tried() -> None:
    keys = [f"key {number}".encode() for number in range(400)]
    every = TokenSigner(keys, 86_400, 7_200)
    for key in keys:
        assert every.check(TokenSigner([key], 86_400, 7_200).issue("f", NOW), "f", NOW).state == "ok"


def test_none_of_a_million_forged_ones_is_accepted() -> None:
    """Half are random behind the right id of the key, half are genuine with one bit changed."""
    good = urlsafe_b64decode(SIGNER.issue("f", NOW))
    noise = secrets.token_bytes(28 * 500_000)
    check, accepted = SIGNER.check, 0
    for at in range(0, len(noise), 28):
        random = good[:5] + noise[at : at + 28]
        accepted += check(urlsafe_b64encode(random).decode(), "f", NOW).state != "bad-signature"
        bit = int.from_bytes(noise[at : at + 2], "big") % 264
        flipped = bytearray(good)
        flipped[bit // 8] ^= 1 << bit % 8
        accepted += check(urlsafe_b64encode(flipped).decode(), "f", NOW).state != "bad-signature"
    assert accepted == 0


@given(st.text(max_size=60))
def test_any_text_is_refused(text: str) -> None:
    assert SIGNER.check(text, "f", NOW).state == "bad-signature"


@given(st.integers(0, 43), st.characters())
def test_a_token_has_one_spelling(place: int, letter: str) -> None:
    token = SIGNER.issue("f", NOW)
    changed = token[:place] + letter + token[place + 1 :]
    assert SIGNER.check(changed, "f", NOW).state == ("ok" if changed == token else "bad-signature")
