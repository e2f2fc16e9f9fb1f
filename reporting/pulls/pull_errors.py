"""Errors of a pull."""

from __future__ import annotations

from leadworth.errors import TerminalError


class PullRefusedError(TerminalError):
    """A source refused a request: the same request can never succeed.

    Parameters
    ----------
    code
        Code of the refusal.
    """

    def __init__(self, code: str, *, do: str = "") -> None:
        self.code = code
        super().__init__(f"the source refused the request: {code}", do=do)
