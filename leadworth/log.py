"""Logging: JSON lines for machines, readable lines for a terminal, personal data redacted in both."""

from __future__ import annotations

import logging
import sys
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from leadworth.privacy import PERSONAL, REDACTED, redact

_UNTOUCHED = frozenset({"timestamp", "level", "logger"})
QUIET_LIBRARIES = {"alembic": logging.WARNING, "httpx2": logging.WARNING, "python_multipart": logging.ERROR}
"""Lowest level of libraries: httpx2 logs URLs at INFO, and that of GA4 contains a secret; python-multipart warns of
malformed bodies, with bytes of what a visitor sent."""


class StandardErrorHandler(logging.StreamHandler[TextIO]):
    """Handler that writes to the standard error of the moment."""

    @property
    def stream(self) -> TextIO:
        """The stream; what is set is ignored."""
        return sys.stderr

    @stream.setter
    def stream(self, value: TextIO) -> None: ...


def set_up_logging(level: str = "INFO", *, as_json: bool | None = None) -> None:
    """Write the logs of the process, those of libraries included, to standard error.

    Parameters
    ----------
    level
        Lowest level that is written: DEBUG, INFO, WARNING or ERROR.
    as_json
        One JSON object a line; default: JSON unless standard error is a terminal.
    """
    machine = not sys.stderr.isatty() if as_json is None else as_json
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        redacted,
    ]
    renderer: Processor = structlog.processors.JSONRenderer() if machine else structlog.dev.ConsoleRenderer()
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    handler = StandardErrorHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer]
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for library, lowest in QUIET_LIBRARIES.items():
        logging.getLogger(library).setLevel(lowest)


def redacted(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Redact personal data, by the name of the field or by the pattern of the text.

    Examples
    --------
    >>> redacted(None, "info", {"event": "scored", "email": "ada@example.org", "path": "/?to=ada@example.org"})
    {'event': 'scored', 'email': '[redacted]', 'path': '[redacted]'}
    """
    del logger, method
    return {name: value if name in _UNTOUCHED else _clean(name, value) for name, value in event.items()}


def _clean(name: str, value: Any) -> Any:
    if name in PERSONAL and value is not None:
        return REDACTED
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, dict):
        return {key: _clean(str(key), inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_clean(name, inner) for inner in value]
    return value
