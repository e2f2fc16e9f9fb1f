"""Translate database errors to `StoreError`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import SQLAlchemyError

from leadworth.errors import StoreError

DO = "check [serving] store with `leadworth doctor`; the first `leadworth serve` creates the tables"


@contextmanager
def store_errors(do: str = DO) -> Iterator[None]:
    """Raise `StoreError` for every database error of the block.

    Parameters
    ----------
    do
        What the reader should do.

    Raises
    ------
    StoreError
        The message names the kind of error only: a database error may repeat values of the statement.
    """
    try:
        yield
    except SQLAlchemyError as error:
        raise StoreError(f"the store did not answer ({type(error).__name__})", do=do) from error
