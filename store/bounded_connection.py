"""PostgreSQL connection that gives up on a server that does not answer.

`statement_timeout` is kept by the server, and `tcp_user_timeout` ends only with unacknowledged packets: a
proxy or a suspended server that takes packets and never answers would block a thread for ever. The time limit here is
kept by this process.
"""

from __future__ import annotations

from typing import Any

import psycopg

ANSWER_SECONDS = 6.0
"""Above the server's own limit of a statement, which gives the better error."""
TCP_OPTIONS = {
    "tcp_user_timeout": 3_000,
    "keepalives": 1,
    "keepalives_idle": 2,
    "keepalives_interval": 1,
    "keepalives_count": 2,
}
"""Parameters of libpq: a peer that is gone is noticed within 3 to 4 seconds."""


class BoundedConnection(psycopg.Connection[Any]):
    """Connection that is closed, with an `OperationalError`, if the server does not answer in time.

    Attributes
    ----------
    answer_seconds
        Longest wait for an answer.
    """

    answer_seconds = ANSWER_SECONDS

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """Wait for the server, at most `timeout` seconds, or `answer_seconds`."""
        try:
            return super().wait(gen, interval=interval, timeout=self.answer_seconds if timeout is None else timeout)
        except psycopg.errors._WaitTimeout as error:
            self.pgconn.finish()
            raise psycopg.OperationalError(f"the server did not answer within {self.answer_seconds:g} s") from error
