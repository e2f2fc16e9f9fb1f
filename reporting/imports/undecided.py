"""What a file does not show and a person has to say."""

from __future__ import annotations

from leadworth.errors import InputError


class UndecidedError(InputError):
    """A file does not show its platform, account, currency, decimal mark or order of dates.

    Parameters
    ----------
    given
        What the file shows.
    option
        Option of the command that decides it, without its hyphens.
    allowed
        Values of the option.
    """

    def __init__(self, given: str, option: str, allowed: str) -> None:
        super().__init__(given, allowed=f"--{option} {allowed}", do=f"run the command with --{option}")
        self.option = option
