"""Records of a peer's account in an order that no later change of a record alters, such as that of their ids."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from crm.sandbox.peer_account import PeerAccount, PeerRecord


class RecordOrder:
    """Records sorted by a key, and sorted again only where records were added.

    Parameters
    ----------
    account
        Records; none is taken out of it, since deleted ones keep their place with another state.
    key
        Record -> what it is sorted by. It must stay the same while the record exists.

    Examples
    --------
    >>> account = PeerAccount()
    >>> ids = [account.create("leads", {}) for _ in range(3)]
    >>> order = RecordOrder(account, lambda record: int(record.record_id))
    >>> [record.record_id for record in order.after("leads", int(ids[0]))] == ids[1:]
    True
    """

    def __init__(self, account: PeerAccount, key: Callable[[PeerRecord], Any]) -> None:
        self._account, self._key = account, key
        self._sorted: dict[str, tuple[tuple[int, str], list[PeerRecord]]] = {}

    def all(self, object_name: str) -> Sequence[PeerRecord]:
        """Return the records of an object, in order; the caller must not change the list."""
        records = self._account.of(object_name)
        state = (len(records), next(reversed(records), ""))
        known = self._sorted.get(object_name)
        if known is None or known[0] != state:
            known = self._sorted[object_name] = (state, sorted(records.values(), key=self._key))
        return known[1]

    def after(self, object_name: str, least: Any) -> Iterator[PeerRecord]:
        """Yield the records whose key is above a value, in order."""
        found = self.all(object_name)
        for position in range(bisect_right(found, least, key=self._key), len(found)):
            yield found[position]

    def before(self, object_name: str, most: Any) -> Iterator[PeerRecord]:
        """Yield the records whose key is below a value, in falling order."""
        found = self.all(object_name)
        for position in range(bisect_left(found, most, key=self._key) - 1, -1, -1):
            yield found[position]


def id_order(account: PeerAccount) -> RecordOrder:
    """Return the order by id, for peers whose ids are numbers."""
    return RecordOrder(account, lambda record: int(record.record_id))
