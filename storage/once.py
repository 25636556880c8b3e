"""Insert a row unless its like is there: the one statement that SQLite and PostgreSQL spell apart."""

from typing import Any

from sqlalchemy import Column, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session


def insert_once(
    session: Session, table: Table, values: dict[str, Any], unique: list[str], returning: Column[Any]
) -> Any:
    """Insert and return one column of the new row; None where a row with these unique columns exists.

    Another node's uncommitted row is waited for, so two nodes never both insert and neither fails.
    `values` must name every column: a Core insert does not run the models' default factories.
    """
    on_postgresql = session.get_bind().dialect.name == "postgresql"
    make = postgresql.insert if on_postgresql else sqlite.insert
    statement = make(table).values(values).on_conflict_do_nothing(index_elements=unique)
    return session.execute(statement.returning(returning)).scalar()
