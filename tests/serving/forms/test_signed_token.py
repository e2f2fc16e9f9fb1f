"""Tokens of forms: forged, changed, expired, of another form; key rotation."""

from __future__ import annotations

import random
import string
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous.encoding import base64_decode, base64_encode

from serving.forms.signed_token import TokenSigner

KEY = b"a key of this test, long enough"
OLD_KEY = b"the key before"
SIGNER = TokenSigner([KEY, OLD_KEY], 86_400, 7_200)
ALPHABET = string.ascii_letters + string.digits + "-_"


def issued_at(token: str) -> float:
    return float(int.from_bytes(base64_decode(token.split(".")[1]), "big"))


def test_a_token_gives_the_time_at_the_form() -> None:
    token = SIGNER.issue("contact")
    check = SIGNER.check(token, "Contact ", issued_at(token) + 61.5)
    assert (check.state, check.seconds) == ("ok", 61.5)
    assert issued_at(token) == pytest.approx(time.time(), abs=5)
    assert len(token) == 48
    assert check.nonce == base64_decode(token.split(".")[0])[:8]


def test_nonces_are_unique() -> None:
    nonces = {SIGNER.check(SIGNER.issue("contact"), "contact", time.time()).nonce for _ in range(1_000)}
    assert len(nonces) == 1_000


@pytest.mark.parametrize(
    ("age", "state", "timed"),
    [
        (0, "ok", True),
        (7_200, "ok", True),
        (7_201, "ok", False),
        (86_400, "ok", False),
        (86_402, "expired", False),
        (-30, "ok", True),
        (-90, "future", False),
    ],
)
def test_age_and_clock_skew(age: float, state: str, timed: bool) -> None:
    token = SIGNER.issue("f")
    check = SIGNER.check(token, "f", issued_at(token) + age)
    assert (check.state, check.seconds is not None) == (state, timed)


def test_wrong_form_and_missing_token() -> None:
    now = time.time()
    assert SIGNER.check(SIGNER.issue("contact"), "quote", now).state == "wrong-form"
    assert SIGNER.check(SIGNER.issue("contact"), None, now).state == "wrong-form"
    assert SIGNER.check(SIGNER.issue("contact"), "quote", now).nonce is not None
    assert SIGNER.check(None, "contact", now).state == "missing"


def test_a_rotated_key_verifies_until_it_is_dropped() -> None:
    now = time.time()
    old = TokenSigner([OLD_KEY], 86_400, 7_200)
    assert SIGNER.check(old.issue("f"), "f", now).state == "ok"
    assert TokenSigner([KEY], 86_400, 7_200).check(old.issue("f"), "f", now).state == "bad-signature"
    assert old.check(SIGNER.issue("f"), "f", now).state == "bad-signature"


def test_none_of_20_000_forged_tokens_is_accepted() -> None:
    """Half have a random signature, half are genuine with one bit changed."""
    generator = random.Random(7)
    genuine = SIGNER.issue("f")
    payload, timestamp, signature = genuine.split(".")
    now = issued_at(genuine)
    states: set[str] = set()
    for _ in range(10_000):
        forged = base64_encode(generator.randbytes(18)).decode()
        states.add(SIGNER.check(f"{payload}.{timestamp}.{forged}", "f", now).state)
        parts = [bytearray(base64_decode(part)) for part in (payload, timestamp, signature)]
        part = generator.choice(parts)
        part[generator.randrange(len(part))] ^= 1 << generator.randrange(8)
        changed = ".".join(base64_encode(bytes(part)).decode() for part in parts)
        states.add(SIGNER.check(changed, "f", now).state)
    assert states == {"bad-signature"}


@given(st.text(max_size=60) | st.text("ab-_.=", min_size=44, max_size=50))
def test_any_text_is_refused(text: str) -> None:
    assert SIGNER.check(text, "f", time.time()).state == "bad-signature"


@given(st.integers(0, 47), st.characters() | st.sampled_from(ALPHABET))
def test_a_token_has_one_spelling(position: int, letter: str) -> None:
    token = SIGNER.issue("f")
    changed = token[:position] + letter + token[position + 1 :]
    assert SIGNER.check(changed, "f", time.time()).state == ("ok" if changed == token else "bad-signature")


@given(st.integers(0, 48), st.characters())
def test_a_token_with_an_inserted_character_is_refused(position: int, letter: str) -> None:
    token = SIGNER.issue("f")
    assert SIGNER.check(token[:position] + letter + token[position:], "f", time.time()).state == "bad-signature"


@given(st.floats(-1e9, 1e9), st.sampled_from(["f", "g", None]))
def test_a_token_of_ours_is_never_called_bad(age: float, form: str | None) -> None:
    token = SIGNER.issue("f")
    check = SIGNER.check(token, form, issued_at(token) + age)
    assert check.state != "bad-signature"
    assert (check.issued_at, check.nonce) == (issued_at(token), base64_decode(token.split(".")[0])[:8])
