"""Random identifiers are hexadecimal, of the right length and distinct, in a forked child too."""

from __future__ import annotations

import os
import string

import pytest

from leadworth.ids import new_id


@pytest.mark.parametrize(("bits", "digits"), [(128, 32), (64, 16)])
def test_identifiers_are_distinct_hexadecimal_digits(bits: int, digits: int) -> None:
    ids = {new_id(bits) for _ in range(5_000)}
    assert len(ids) == 5_000
    assert {len(identifier) for identifier in ids} == {digits}
    assert set("".join(ids)) <= set(string.hexdigits.lower())


def test_a_forked_child_has_identifiers_of_its_own() -> None:
    reader, writer = os.pipe()
    if os.fork() == 0:
        os.write(writer, new_id().encode())
        os._exit(0)
    own = new_id()
    os.wait()
    assert os.read(reader, 32).decode() != own
    os.close(reader)
    os.close(writer)
