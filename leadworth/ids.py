"""Names for requests, decisions and leads that came without one."""

from __future__ import annotations

from random import getrandbits


def new_id(bits: int = 128) -> str:
    """Return a random name in hexadecimal digits.

    Not a secret: it comes from the process' own generator, which the system seeds, in the child of a
    fork too. Asking the system for each one cost more than the score.

    Examples
    --------
    >>> len(new_id()), new_id() == new_id()
    (32, False)
    """
    return f"{getrandbits(bits):0{bits // 4}x}"
