"""Errors of a request to another system, by what they mean for a retry."""

from __future__ import annotations

from datetime import timedelta

from leadworth.errors import TerminalError, TransientError


class BusyError(TransientError):
    """A system refused a request for now and accepted none of it.

    Parameters
    ----------
    code
        Code of the refusal.
    after
        Time to wait, where the system named it.
    """

    def __init__(self, code: str, after: timedelta | None = None) -> None:
        self.code, self.after = code, after
        wait = f"; it asks to wait {after}" if after is not None and after >= timedelta(minutes=1) else ""
        super().__init__(f"the other system is busy or away: {code}{wait}")


class UnauthorisedError(TerminalError):
    """A system refused our credentials: no row is at fault, and no attempt counts.

    Parameters
    ----------
    code
        Code of the refusal.
    """

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(f"the other system refused the credentials: {code}", do="see `leadworth doctor`")


class UnansweredError(TransientError):
    """A request may have arrived; no usable answer came.

    Parameters
    ----------
    code
        What happened instead.
    """

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(f"the other system did not answer: {code}")
