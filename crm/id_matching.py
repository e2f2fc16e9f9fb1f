"""Match ids of two tables in any form, also where a cell holds several ids.

Ids match exactly, or else in their canonical form, or else in this without regard to case. Where several ids of
the reference table share a form, such as 0123 and 123, they are different ids and do not match in this form.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from crm.column_cast import dense_mask
from crm.id_lists import LIST_MARKS, split_ids, split_loosely
from leadworth.readers.id_reader import canonical_id, fold_case, read_id
from leadworth.readers.plain_text import PLAIN_MARKED_ID
from leadworth.unreadable import readable

Positions = NDArray[np.intp]
_ABSENT, _AMBIGUOUS = -1, -2
_CANONICAL = r"[1-9]\d{0,17}"
"""Ids that are their own canonical form: most ids, found without a call for each."""
_GROUPED = re.compile(r"[1-9]\d{0,2}([.,' \u2019\u00a0\u202f])\d{3}(?:\1\d{3})*")
"""Numbers with grouped thousands."""
_GROUP_MARK = re.compile(r"\D")


@dataclass(frozen=True)
class IdMatches:
    """Matches of n cells of ids with the cells of a reference table.

    Attributes
    ----------
    rows, reference_rows
        Positions of the matching cells: one pair for each match, ordered by row.
    met
        (n,) whether a cell matches any.
    ambiguous
        (n,) whether a cell matches none because several ids of the reference share its form.
    """

    rows: Positions
    reference_rows: Positions
    met: NDArray[np.bool_]
    ambiguous: NDArray[np.bool_]


def canonical_ids(ids: pd.Series) -> NDArray[np.object_]:
    """Return the canonical forms of ids, shape (n,); missing ids are unchanged.

    Examples
    --------
    >>> canonical_ids(pd.Series(["20240", "020240"])).tolist()
    ['20240', '20240']
    """
    forms = np.array(ids.to_numpy(dtype=object))
    written = ids.notna().to_numpy(dtype=bool)
    others = written & ~ids.str.fullmatch(_CANONICAL).fillna(False).to_numpy(dtype=bool)
    rest = forms[others]
    marked = _marked(rest)
    rest[marked] = [text.lower() for text in rest[marked]]
    rest[~marked] = [_canonical(text) for text in rest[~marked]]
    forms[others] = rest
    return forms


def _marked(ids: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Return which ids are letters and digits with marks between them: in small letters they are canonical."""
    try:
        texts = pa.array(ids, pa.string())
    except (UnicodeEncodeError, pa.ArrowInvalid):  # lone surrogate
        return np.zeros(len(ids), dtype=np.bool_)
    return dense_mask(pc.match_substring_regex(texts, PLAIN_MARKED_ID))


def _canonical(written: str) -> str:
    text = readable(read_id(written)) or written
    return canonical_id(_GROUP_MARK.sub("", text) if is_grouped(text) else text)


def is_grouped(written: str) -> bool:
    """Return whether an id is a number with grouped thousands.

    Examples
    --------
    >>> is_grouped("10,000,007"), is_grouped("20240"), is_grouped("20,40")
    (True, False, False)
    """
    return _GROUPED.fullmatch(written) is not None


def repeated_forms(ids: pd.Series) -> NDArray[np.object_]:
    """Return the forms by which a column repeats its own ids, shape (n,); missing ids are unchanged.

    One column writes an id in one way but for its case, so other forms stay different ids.

    Examples
    --------
    >>> repeated_forms(pd.Series(["d1", "D1", "01", "1", "aB3xY9zQ1"])).tolist()
    ['d1', 'd1', '01', '1', 'aB3xY9zQ1']
    """
    return np.array(
        [fold_case(text) if isinstance(text, str) else text for text in ids.to_numpy(dtype=object)], dtype=object
    )


class IdIndex:
    """Index of the ids of a reference table.

    Parameters
    ----------
    reference
        (m,) text of each cell; missing cells match nothing, cells with several ids match by each of them.

    Examples
    --------
    >>> index = IdIndex(pd.Series(["20240", "20241", "20242"]))
    >>> matches = index.match(pd.Series(["20241.0", "20240;20242", "7"]))
    >>> matches.rows.tolist(), matches.reference_rows.tolist(), matches.met.tolist()
    ([0, 1, 1], [1, 0, 2], [True, True, False])
    """

    def __init__(self, reference: pd.Series) -> None:
        cells = IdCells.of(reference)
        self._tokens = pd.Index(cells.tokens, dtype=object)
        self._loose = pd.Index(cells.loose_tokens, dtype=object)
        self._rows = _grouped(cells.token_of, cells.cell_of, len(self._tokens))
        self._loose_rows = _grouped(cells.loose_token_of, cells.loose_cell_of, len(self._loose))
        self._forms: list[tuple[pd.Index, Positions]] = []

    def match(self, ids: pd.Series) -> IdMatches:
        """Return the matches of (n,) cells of ids."""
        cells = IdCells.of(ids)
        positions = self._find(pd.Index(cells.tokens, dtype=object))
        found = [(cells.cell_of, positions[cells.token_of], self._rows)]
        met = np.zeros(len(ids), dtype=bool)
        met[cells.cell_of[positions[cells.token_of] >= 0]] = True
        ambiguous = np.zeros(len(ids), dtype=bool)
        ambiguous[cells.cell_of[positions[cells.token_of] == _AMBIGUOUS]] = True
        if len(self._loose) and not met.all():
            late = self._loose.get_indexer(pd.Index(cells.tokens, dtype=object))[cells.token_of]
            late[met[cells.cell_of]] = _ABSENT
            found.append((cells.cell_of, late, self._loose_rows))
            met[cells.cell_of[late >= 0]] = True
        if len(cells.loose_tokens):
            loose = self._find(pd.Index(cells.loose_tokens, dtype=object))[cells.loose_token_of]
            partly = np.zeros(len(ids), dtype=bool)
            partly[cells.loose_cell_of[loose < 0]] = True
            loose[(met | partly)[cells.loose_cell_of]] = _ABSENT
            found.append((cells.loose_cell_of, loose, self._rows))
            met[cells.loose_cell_of[loose >= 0]] = True
        pairs = [_expand(cell_of[at >= 0], at[at >= 0], rows) for cell_of, at, rows in found]
        both = np.unique(np.concatenate(pairs, axis=1), axis=1)
        return IdMatches(both[0], both[1], met, ambiguous & ~met)

    def _find(self, tokens: pd.Index) -> Positions:
        """Return the position of each token among the tokens of the reference."""
        positions = self._tokens.get_indexer(tokens)
        absent = np.flatnonzero(positions == _ABSENT)
        if not len(absent):
            return positions
        if not self._forms:
            self._forms = [_distinct_forms(forms) for forms in _forms_of(self._tokens)]
        for (forms, token_of), written in zip(self._forms, _forms_of(tokens[absent]), strict=True):
            at = forms.get_indexer(pd.Index(written, dtype=object))
            still = positions[absent] == _ABSENT
            positions[absent[still]] = np.where(at >= 0, token_of[at], _ABSENT)[still]
        return positions


def _forms_of(tokens: pd.Index) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """Return the canonical forms of distinct ids, and these without regard to case."""
    canonical = canonical_ids(pd.Series(tokens, dtype=object))
    return canonical, np.array([form.casefold() for form in canonical], dtype=object)


def _distinct_forms(forms: NDArray[np.object_]) -> tuple[pd.Index, Positions]:
    """Return the distinct forms, and the position of the token of each, or that there are several."""
    codes, distinct = pd.factorize(forms)
    token_of: Positions = np.full(len(distinct) + 1, _ABSENT, dtype=np.intp)
    token_of[codes] = np.arange(len(codes))
    token_of[:-1][np.bincount(codes, minlength=len(distinct)) > 1] = _AMBIGUOUS
    return pd.Index(distinct, dtype=object), token_of


@dataclass(frozen=True)
class IdCells:
    """Distinct ids of a column, and the cells that hold each.

    Attributes
    ----------
    tokens
        Distinct ids.
    token_of, cell_of
        Pairs of the position of an id and of a cell that holds it.
    loose_tokens, loose_token_of, loose_cell_of
        The same for the parts of cells that may be lists; see `crm.id_lists.split_loosely`.
    """

    tokens: NDArray[np.object_]
    token_of: Positions
    cell_of: Positions
    loose_tokens: NDArray[np.object_]
    loose_token_of: Positions
    loose_cell_of: Positions

    @classmethod
    def of(cls, column: pd.Series) -> IdCells:
        """Return the ids of (n,) cells of text."""
        codes, values = pd.factorize(column.to_numpy(dtype=object))
        tokens = np.asarray(values, dtype=object)
        cell_of = np.flatnonzero(codes >= 0)
        marked = np.flatnonzero(
            pd.Series(tokens, dtype=object).str.contains(LIST_MARKS, regex=True).to_numpy(dtype=bool)
        )
        lists = {value: ids for value in marked.tolist() if (ids := split_ids(tokens[value]))}
        others = (value for value in marked.tolist() if value not in lists)
        loose = {value: ids for value in others if (ids := split_loosely(tokens[value]))}
        single = ~np.isin(codes[cell_of], list(lists))
        parts, cells = _tokens_of(lists, codes)
        token_of, distinct = pd.factorize(np.concatenate([tokens[codes[cell_of[single]]], parts]))
        loose_parts, loose_cells = _tokens_of(loose, codes)
        loose_token_of, loose_distinct = pd.factorize(loose_parts)
        return cls(
            np.asarray(distinct, dtype=object),
            token_of,
            np.concatenate([cell_of[single], cells]),
            np.asarray(loose_distinct, dtype=object),
            loose_token_of,
            loose_cells,
        )


def _tokens_of(lists: dict[int, tuple[str, ...]], codes: Positions) -> tuple[NDArray[np.object_], Positions]:
    """Return the parts of the cells that are lists, and the cell of each."""
    parts: list[str] = []
    cells: list[int] = []
    for cell in np.flatnonzero(np.isin(codes, list(lists))) if lists else ():
        ids = lists[codes[cell]]
        parts.extend(ids)
        cells.extend([int(cell)] * len(ids))
    return np.array(parts, dtype=object), np.array(cells, dtype=np.intp)


def _grouped(groups: Positions, members: Positions, count: int) -> tuple[Positions, Positions]:
    """Return the members ordered by group, and where each group starts, shape (count + 1,)."""
    order = np.lexsort((members, groups))
    return members[order], np.concatenate([[0], np.cumsum(np.bincount(groups, minlength=count))]).astype(np.intp)


def _expand(cells: Positions, groups: Positions, grouped: tuple[Positions, Positions]) -> NDArray[np.intp]:
    """Return pairs of a cell and each member of its group, shape (2, pairs)."""
    members, starts = grouped
    sizes = starts[groups + 1] - starts[groups]
    within = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return np.stack([np.repeat(cells, sizes), members[np.repeat(starts[groups], sizes) + within]])
