"""Random identifiers of requests, decisions and leads."""

from __future__ import annotations

from random import getrandbits


def new_id(bits: int = 128) -> str:
    """Return a random identifier in hexadecimal digits.

    Not a secret: it is from the generator of the process, which the system seeds, after a fork too. A system call for
    each identifier would cost more than a score.

    Examples
    --------
    >>> len(new_id()), new_id() == new_id()
    (32, False)
    """
    return f"{getrandbits(bits):0{bits // 4}x}"
