"""The walk for one row at a time, through LightGBM's C API.

`Booster.predict` spends some 50 us of Python on each call; `LGBM_BoosterPredictForMatSingleRowFast`,
made ready once, walks a hundred trees in 4 us. See "C API" in LightGBM's documentation.
"""

from __future__ import annotations

import ctypes
import threading
import weakref
from functools import cache

import lightgbm
import numpy as np

from leadworth.errors import BundleError
from models.base import Vector

RAW, LEAVES = 1, 2  # C_API_PREDICT_RAW_SCORE, C_API_PREDICT_LEAF_INDEX
_FLOAT64 = 1
_FROM_FIRST, _ALL = 0, -1


class SingleRow:
    """An ensemble made ready for single rows.

    Parameters
    ----------
    text
        The model as LightGBM text.
    kind
        `RAW`: one margin. `LEAVES`: the number of the leaf in each tree.
    columns, size
        Number of values that go in and come out.

    Notes
    -----
    One call at a time: the buffers are made once and shared, so a lock stands before them.
    """

    def __init__(self, text: str, kind: int, columns: int, size: int) -> None:
        library, handle, prepared = _library(), ctypes.c_void_p(), ctypes.c_void_p()
        _check(library.LGBM_BoosterLoadModelFromString(text.encode(), ctypes.byref(ctypes.c_int()), _at(handle)))
        weakref.finalize(self, library.LGBM_BoosterFree, handle)
        _check(
            library.LGBM_BoosterPredictForMatSingleRowFastInit(
                handle, kind, _FROM_FIRST, _ALL, _FLOAT64, ctypes.c_int32(columns), b"num_threads=1", _at(prepared)
            )
        )
        weakref.finalize(self, library.LGBM_FastConfigFree, prepared)
        self._row, self._found = np.zeros(columns), np.zeros(size)
        self._predict = library.LGBM_BoosterPredictForMatSingleRowFast
        row, found = (ctypes.c_void_p(buffer.ctypes.data) for buffer in (self._row, self._found))
        self._arguments = prepared, row, ctypes.byref(ctypes.c_int64()), found
        self._lock = threading.Lock()

    def one(self, row: Vector) -> float:
        """Return the first number that comes out for a row of shape (columns,)."""
        with self._lock:
            self._row[:] = row
            _check(self._predict(*self._arguments))
            return float(self._found[0])

    def all(self, row: Vector) -> Vector:
        """Return a copy of all that comes out for a row of shape (columns,), shape (size,)."""
        with self._lock:
            self._row[:] = row
            _check(self._predict(*self._arguments))
            return self._found.copy()


def _at(pointer: ctypes.c_void_p) -> object:
    return ctypes.byref(pointer)


@cache
def _library() -> ctypes.PyDLL:
    """Open LightGBM's library so that a call keeps the interpreter: it is over before a switch would pay."""
    library = ctypes.PyDLL(lightgbm.basic._LIB._name)  # type: ignore[attr-defined]
    library.LGBM_GetLastError.restype = ctypes.c_char_p
    return library


def _check(status: int) -> None:
    if status:
        said = _library().LGBM_GetLastError().decode(errors="replace")
        raise BundleError(f"LightGBM refused a model or a row: {said}", do="train and register it again")
