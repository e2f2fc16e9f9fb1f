"""Errors of leadworth: every exception that a command or a call raises on purpose derives from `LeadworthError`.

The tree, with the subclasses that are declared where they are raised::

    LeadworthError
    ├── ConfigurationError             leadworth.toml, LEADWORTH_* or a policy file cannot be used
    ├── InputError                     a file or table cannot be read with the given settings
    │   ├── UndecidedError             reporting.imports.undecided: a file does not show what an option has to say
    │   ├── UnreadableValueError       reporting.pulls.answer_values: a value of a source cannot be read
    │   ├── FilterError                reporting.views.report_filters: a filter of the report does not exist
    │   ├── UnknownFigureError         reporting.views.drill_figures: the report has no such figure
    │   ├── UnknownBlockError          reporting.views.block_tables: the report has no such block
    │   └── NoSnapshotError            reporting.views.said_then: no figures were kept on a day
    ├── TrainingError                  no model can be trained on the history
    │   └── LeakageError               a column of the history gives the outcome away
    ├── BundleError                    an artefact does not match its manifest
    ├── RegistryError                  the model registry did not answer, or has no such model
    │   └── VersionNotFoundError       models.model_registry: the model or version does not exist
    ├── StoreError                     the decision store did not answer
    ├── EngineError                    serving.batch.engines.partition_engine: workers died, or a cluster failed
    └── DeliveryError                  a call to another machine failed
        ├── TerminalError              the same call can never succeed: do not repeat it
        │   ├── EventRejected          conversions.delivery_errors: an event must not be sent
        │   ├── RowsRefusedError       conversions.delivery_errors: a platform refused a batch
        │   ├── UnauthorisedError      leadworth.http_errors: a system refused the credentials
        │   ├── StaleCursorError       crm.connector: a CRM no longer knows the changes since a cursor
        │   ├── ForgedEventError       crm.connector: a webhook that is not from the CRM, or too old
        │   ├── CrmRefusedError        crm.crm_http: a CRM refused a request
        │   └── PullRefusedError       reporting.pulls.pull_errors: a source of spend or traffic refused a request
        │       └── IncompleteDaysError reporting.pulls.microsoft.adapter: the newest days are not complete yet
        └── TransientError             the same call may succeed later: repeat it
            ├── QuotaReachedError      crm.crm_http: the share of a CRM's daily requests is used
            ├── BusyError              leadworth.http_errors: a system refused a request for now
            └── UnansweredError        leadworth.http_errors: no answer; the request may have arrived

A message says what was given, what is allowed and what to do. The HTTP API answers with `serving.problems.Problem`,
which is not one of them. Errors of a single row are values, not exceptions: see `crm.rejects`.
"""

from __future__ import annotations

__all__ = [
    "BundleError",
    "ConfigurationError",
    "DeliveryError",
    "InputError",
    "LeadworthError",
    "LeakageError",
    "RegistryError",
    "StoreError",
    "TerminalError",
    "TrainingError",
    "TransientError",
]


class LeadworthError(Exception):
    """Base of all errors raised on purpose.

    Parameters
    ----------
    given
        What was given, with the offending value.
    allowed
        What is accepted.
    do
        What the user should do next.

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
    """A file or table cannot be read with these settings."""

    exit_code = 2


class TrainingError(LeadworthError):
    """The history is not sufficient for a model."""

    exit_code = 3


class LeakageError(TrainingError):
    """Columns of the history reveal the outcome; training stopped."""

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
    """A transfer to another system failed."""

    exit_code = 8


class TerminalError(DeliveryError):
    """The same call can never succeed: do not retry."""


class TransientError(DeliveryError):
    """The same call may succeed later: retry with backoff."""
