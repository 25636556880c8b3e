"""The migrations make exactly the tables of the models, on both databases, from any older schema."""

from collections.abc import Iterator

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from storage import migrations
from storage.database import make_engine
from storage.migrations import _config
from storage.tables import metadata


@pytest.fixture
def engine(empty_storage_url: str) -> Iterator[Engine]:
    """Open a database that has nothing in it yet."""
    made = make_engine(empty_storage_url)
    yield made
    made.dispose()


def differences(engine: Engine) -> list[object]:
    with engine.connect() as connection:
        options = {"compare_type": True, "compare_server_default": True}
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))


def test_the_migrations_make_the_tables_of_the_models(engine: Engine) -> None:
    migrations.upgrade(engine)
    assert differences(engine) == []


def test_a_table_that_no_migration_made_would_be_noticed(engine: Engine) -> None:
    migrations.upgrade(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE letter DROP COLUMN reason")
        connection.exec_driver_sql("CREATE TABLE stray (id INTEGER)")
    assert len(differences(engine)) == 2


def test_a_new_database_has_no_revision_and_an_upgraded_one_the_newest(engine: Engine) -> None:
    for expected in (None, migrations.head()):
        with engine.connect() as connection:
            assert migrations.current(connection) == expected
        migrations.upgrade(engine)


def test_a_database_of_any_older_schema_is_brought_to_the_newest(engine: Engine) -> None:
    revisions = [script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()]
    for revision in reversed(revisions):
        with engine.begin() as connection:
            command.upgrade(_config(connection), revision)
        with engine.connect() as connection:
            assert migrations.current(connection) == revision
    assert differences(engine) == []
