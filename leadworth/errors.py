"""Every error that leadworth raises on purpose.

The tree::

    LeadworthError
    ├── ConfigurationError   leadworth.toml, LEADWORTH_* or a policy file cannot be used
    ├── InputError           a file or table cannot be read as asked
    ├── TrainingError        the history cannot carry a model
    │   └── LeakageError     the history tells the outcome in advance
    ├── BundleError          an artefact does not match its manifest
    ├── RegistryError        the model registry did not answer, or has no such model
    ├── StoreError           the decision store did not answer
    └── DeliveryError        something that leaves the machine failed
        ├── TerminalError    the same call can never succeed: do not repeat it
        └── TransientError   the same call may succeed later: repeat it

A message says what was given, what is allowed and what to do. Errors of a single row are values,
not exceptions: see `crm.rejects`.
"""

from __future__ import annotations


class LeadworthError(Exception):
    """Base of all errors raised on purpose.

    Parameters
    ----------
    given
        What was found, with the offending value.
    allowed
        What would have been accepted.
    do
        What the reader should do next.

    Examples
    --------
    >>> print(InputError("column 'Emial' is not in leads.csv", allowed="Email, Phone", do="correct [leads.columns]"))
    column 'Emial' is not in leads.csv; allowed: Email, Phone; what to do: correct [leads.columns]
    """

    exit_code = 1

    def __init__(self, given: str, *, allowed: str = "", do: str = "") -> None:
        self.given, self.allowed, self.do = given, allowed, do
        parts = [given]
        if allowed:
            parts.append(f"allowed: {allowed}")
        if do:
            parts.append(f"what to do: {do}")
        super().__init__("; ".join(parts))


class ConfigurationError(LeadworthError):
    """leadworth.toml, a LEADWORTH_* variable or a policy file cannot be used."""

    exit_code = 2


class InputError(LeadworthError):
    """A file or table cannot be read as asked."""

    exit_code = 2


class TrainingError(LeadworthError):
    """The history cannot carry a model."""

    exit_code = 3


class LeakageError(TrainingError):
    """The history tells the outcome in advance; training stopped."""

    exit_code = 4


class BundleError(LeadworthError):
    """An artefact does not match its manifest, or was made for other features."""

    exit_code = 5


class RegistryError(LeadworthError):
    """The model registry did not answer, or has no such model."""

    exit_code = 6


class StoreError(LeadworthError):
    """The decision store did not answer."""

    exit_code = 7


class DeliveryError(LeadworthError):
    """Something that leaves the machine failed."""

    exit_code = 8


class TerminalError(DeliveryError):
    """The same call can never succeed: do not repeat it."""


class TransientError(DeliveryError):
    """The same call may succeed later: repeat it with backoff."""
