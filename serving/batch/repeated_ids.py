"""Ids that occur more than once in the leads of a run, counted over all partitions in bounded memory.

Each row has a score of its own, so that two rows of one lead give it two values: `leadworth score` says so. The ids of
each partition are written with digests, and the digests are compared bucket by bucket.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from leadworth.atomic_files import replacing
from leadworth.privacy import redact
from leadworth.readers.id_reader import fold_case

_OPTIONS = pa.ipc.IpcWriteOptions(compression="lz4")
_ID, _EXACT, _FOLDED = "id", "exact", "folded"
_BUCKET_ROWS = 2_000_000
"""Digests that are compared at once, about: 50 MB."""
_MOST_EXAMPLES = 3
_LONGEST_EXAMPLE = 30
Digests = NDArray[np.uint64]


@dataclass(frozen=True)
class RepeatedIds:
    """Repeated ids of the rows of a run.

    Attributes
    ----------
    rows
        Rows whose id is that of an earlier row.
    cases
        Ids that differ from another one only in case.
    examples, case_examples
        Some of the ids, redacted.
    """

    rows: int
    cases: int
    examples: tuple[str, ...] = ()
    case_examples: tuple[str, ...] = ()

    def warnings(self) -> tuple[str, ...]:
        """Return what is repeated, in sentences.

        Examples
        --------
        >>> RepeatedIds(1, 0, ("L-1",)).warnings()
        ("1 row has the id of another row, such as 'L-1'; each has a score of its own. Keep one row a lead.",)
        """
        found = []
        if self.rows:
            found.append(
                f"{_number(self.rows, 'row has', 'rows have')} the id of another row, such as "
                f"{', '.join(map(repr, self.examples))}; each has a score of its own. Keep one row a lead."
            )
        if self.cases:
            found.append(
                f"{_number(self.cases, 'id differs', 'ids differ')} from another only in case, such as "
                f"{', '.join(map(repr, self.case_examples))}; they are scored as different leads, and joins by id take "
                "them for one."
            )
        return tuple(found)


def write_ids(path: Path, parts: Iterable[pd.Series]) -> None:
    """Write the ids of a partition, given in parts, with their digests."""
    ids = pd.concat([pd.Series([], dtype="str"), *parts]).to_numpy(dtype=object)
    folded = np.array([fold_case(written) for written in ids], dtype=object)
    columns = {_ID: pa.array(ids, pa.string()), _EXACT: _digests(ids), _FOLDED: _digests(folded)}
    rows = pa.table(columns)
    with (
        replacing(path) as unfinished,
        pa.OSFile(str(unfinished), "wb") as file,
        pa.ipc.new_file(file, rows.schema, options=_OPTIONS) as stream,
    ):
        stream.write_table(rows)


def repeated_ids(paths: Sequence[Path], rows: int) -> RepeatedIds:
    """Count the repeated ids of the files of `write_ids`.

    Parameters
    ----------
    paths
        In the order of the leads.
    rows
        Rows of all files, about.
    """
    buckets = np.uint64(rows // _BUCKET_ROWS + 1)
    repeated = cases = 0
    of_rows, of_cases = list[np.uint64](), list[np.uint64]()
    for bucket in range(int(buckets)):
        exact, folded = _bucket(paths, np.uint64(bucket), buckets)
        order = np.lexsort((exact, folded))
        exact, folded = exact[order], folded[order]
        one_lead = folded[1:] == folded[:-1]
        one_id = one_lead & (exact[1:] == exact[:-1])
        other_case = one_lead & ~one_id
        repeated += int(one_id.sum())
        cases += int(other_case.sum())
        of_rows += exact[1:][one_id][:_MOST_EXAMPLES].tolist()
        of_cases += folded[1:][other_case][:1].tolist()
    return RepeatedIds(
        repeated, cases, _examples(paths, _EXACT, of_rows[:_MOST_EXAMPLES]), _examples(paths, _FOLDED, of_cases[:1])
    )


def _bucket(paths: Sequence[Path], bucket: np.uint64, buckets: np.uint64) -> tuple[Digests, Digests]:
    exact, folded = [np.zeros(0, np.uint64)], [np.zeros(0, np.uint64)]
    for path in paths:
        table = _read(path)
        of_lead = table[_FOLDED].to_numpy()
        inside = of_lead % buckets == bucket
        exact.append(table[_EXACT].to_numpy()[inside])
        folded.append(of_lead[inside])
    return np.concatenate(exact), np.concatenate(folded)


def _examples(paths: Sequence[Path], column: str, digests: Sequence[np.uint64]) -> tuple[str, ...]:
    """Return the first ids with some digests, each once."""
    found: dict[str, None] = {}
    for path in paths if digests else ():
        table = _read(path)
        rows = np.flatnonzero(np.isin(table[column].to_numpy(), np.array(digests, dtype=np.uint64)))
        found |= dict.fromkeys(table[_ID].take(pa.array(rows)).to_pylist())
    return tuple(redact(written)[:_LONGEST_EXAMPLE] for written in [*found][:_MOST_EXAMPLES])


def _read(path: Path) -> pa.Table:
    with pa.OSFile(str(path)) as source, pa.ipc.open_file(source) as file:
        return file.read_all()


def _digests(texts: NDArray[np.object_]) -> Digests:
    return pd.util.hash_array(texts, categorize=False)


def _number(count: int, one: str, more: str) -> str:
    return f"{count:,} {one if count == 1 else more}"
