"""Velocity keys: what leads of one sender have in common."""

from __future__ import annotations

import hashlib
import random
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.velocity_keys import DOMAIN, KINDS, behaviour_key, keys_of, keys_of_columns, message_key, micros
from tests.features.leads import payload


def test_keys_are_packed_in_the_order_of_their_kinds() -> None:
    keys = keys_of({"email": "ada@acme.example", "ip": "203.0.113.7"})
    numbers = [int.from_bytes(keys.packed()[8 * n : 8 * n + 8], "little", signed=True) for n in range(len(KINDS))]
    assert tuple(numbers) == keys.of
    assert keys.domain == keys.of[DOMAIN] != 0
    assert keys.of[KINDS.index("phone")] == 0


def test_the_kind_is_part_of_a_key() -> None:
    lead = {"email": "ada@acme.example", "ip": "203.0.113.7", "phone": "+39 06 69821", "headers": "a,b"}
    keys = [key for key in keys_of(lead).of if key]
    assert len(keys) == len(set(keys)) == 5


def test_a_time_is_exact_to_the_microsecond() -> None:
    at = datetime(2026, 3, 1, 12, 0, 0, 123_457, tzinfo=timezone(timedelta(hours=2)))
    assert datetime.fromtimestamp(0, UTC) + timedelta(microseconds=micros(at)) == at


def test_messages_share_a_key_as_often_as_their_runs_overlap() -> None:
    pool, pairs = random.Random(7), 3_000
    vocabulary = ["".join(pool.choices("abcdefghijklmnopqrstuvwxyz", k=7)) for _ in range(5_000)]
    shared = 0
    for _ in range(pairs):
        words = pool.choices(vocabulary, k=22)
        edited = [*words]
        edited[pool.randrange(2, 20)] = "another"  # 3 of its 20 runs of three words change
        shared += message_key(" ".join(words)) == message_key(" ".join(edited))
    jaccard = 17 / 23
    assert abs(shared / pairs - jaccard) < 4 * (jaccard * (1 - jaccard) / pairs) ** 0.5


TYPED = {"ik_med": "52", "hold_med": "51", "mv": "1", "path": "30", "ms": "5100"}


@pytest.mark.parametrize(
    "number", ["1e400", "-1e400", "NaN", "Infinity", "1e15", "-3", "true", '"60"', "[60]", "9" * 400]
)
def test_a_number_that_cannot_be_counts_as_missing(number: str) -> None:
    assert behaviour_key(payload(TYPED | {"keys": number})) == behaviour_key(payload(TYPED)) is not None
    assert behaviour_key(payload(TYPED | {"ms": number})) is None  # four numbers are too few


@pytest.mark.parametrize(
    "ip",
    [
        "203.0.113.7",
        " 203.0.113.7 ",
        "0.0.0.0",
        "255.255.255.255",
        "256.1.1.1",
        "01.2.3.4",
        "1.2.3",
        "1.2.3.4\n",
        "٣.1.1.1",
    ],
)
def test_the_short_way_for_ipv4_gives_the_key_of_the_same_ipv6_address(ip: str) -> None:
    plain, mapped = (keys_of({"ip": text}).of for text in (ip, f"::ffff:{ip.strip()}"))
    assert plain == mapped
    assert any(plain) == (ip.strip() in {"203.0.113.7", "0.0.0.0", "255.255.255.255", "1.2.3.4"})


def test_a_digest_is_that_of_blake2b_and_does_not_depend_on_earlier_ones() -> None:
    secret = b"k" * 32
    first = keys_of({"headers": "a,b", "user_agent": "x"}, secret).of
    keys_of({"headers": "c", "user_agent": "y"}, secret)
    assert keys_of({"headers": "A,b", "user_agent": "x"}, secret).of == first
    digest = hashlib.blake2b(b"x\na,b", digest_size=8, person=b"headers", key=secret).digest()
    assert first[KINDS.index("headers")] == int.from_bytes(digest, "little", signed=True)


PAYLOAD = '{"v":1,"keys":%s,"ik_med":52,"hold_med":51.5,"mv":1,"path":30,"first_ms":700,"ms":5100,"touch":%s}'
VALUES: dict[str, list[str | None]] = {
    "lead_id": ["1", "2", None],
    "email": ["Ada@mail.Acme.example", "bob@gmail.com", "é@bücher.de", "asdf", None],
    "phone": ["+39 333 1234567", "0171 2345678", "12", None],
    "country": ["Germany", None],
    "ip": ["203.0.113.7", "::ffff:203.0.113.7", "2001:db8::1", "x", None],
    "user_agent": ["Mozilla", None],
    "headers": ["Host,Accept", None],
    "lw_data": [PAYLOAD % (60, 0), PAYLOAD % (61.5, 0), PAYLOAD % (60, 1), '{"v":1,"ms":5100}', "{", None],
    "message": [
        "we offer the best search engine work for your site",
        "the größte word of all is the süße word",
        "Hi",
        None,
    ],
}


@given(leads=st.lists(st.fixed_dictionaries({name: st.sampled_from(values) for name, values in VALUES.items()})))
def test_keys_of_many_leads_are_those_of_one(leads: list[dict[str, str | None]]) -> None:
    columns = {name: [lead[name] for lead in leads] for name in VALUES}
    people, keys = keys_of_columns(columns, len(leads), b"secret")
    expected = [keys_of(lead, b"secret") for lead in leads]
    assert people.tolist() == [key.person for key in expected]
    assert [tuple(row) for row in keys.tolist()] == [key.of for key in expected]
