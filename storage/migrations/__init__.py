"""Alembic migrations, run by the program itself."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def upgrade(engine: Engine) -> None:
    """Bring a database, new or old, to the newest schema, in one transaction."""
    with engine.begin() as connection:
        command.upgrade(_config(connection), "head")


def head() -> str:
    """Return the newest revision that this program knows."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


def current(connection: Connection) -> str | None:
    """Return the revision of a database; None where it is new."""
    return MigrationContext.configure(connection).get_current_revision()
