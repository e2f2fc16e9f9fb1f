"""A store of the first version is brought to this one, rows kept."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import command

from serving import replay_command
from store import decision_log, feedback
from store.engine import open_engine
from store.migrate import _config, revisions, upgrade
from tests.store.test_group_commit import row


def test_rows_of_the_first_version_are_kept_and_cannot_be_replayed(store_url: str) -> None:
    engine = open_engine(store_url)
    with engine.connect() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        old = {name: value for name, value in row("A").items() if value is not None or name == "idempotency_key"}
        table = sa.Table("decisions", sa.MetaData(), autoload_with=connection)
        connection.execute(sa.insert(table).values(**old))
        connection.commit()
    upgrade(engine)
    assert revisions(engine)[0] == revisions(engine)[1]
    with engine.connect() as connection:
        [kept] = decision_log.replayable(connection, decision=None, lead=None, last=None)
        assert kept["lead_id"] == "A"
        assert replay_command.again(kept, None).state == replay_command.OLD
        assert feedback.current(connection, "A")["verdict"] == "accept"
    with engine.connect() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.downgrade(config, "0001")
        connection.commit()
        assert "vector" not in {column["name"] for column in sa.inspect(connection).get_columns("decisions")}
    engine.dispose()
