"""Take one legal step of a state table, conditionally: the only way a `state` column changes."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Table, update
from sqlmodel import Session

from storage.states import Step, is_legal


class LostClaim(Exception):
    """The row is not where the caller thought: another holder has it, or somebody moved it."""


def take(
    session: Session,
    table: Table,
    steps: tuple[Step, ...],
    row_id: int,
    sources: Iterable[str],
    target: str,
    *,
    under_fence: int | None = None,
    **columns: Any,
) -> None:
    """Move one row to `target` if it stands in one of `sources` (and under this fence, where given).

    Raises LostClaim where no row moved, ValueError where the step is not in the table of steps.
    """
    allowed = list(sources)
    for source in allowed:
        if not is_legal(steps, source, target, fenced=under_fence is not None):
            raise ValueError(f"no legal step {source} -> {target} in {table.name}")
    where = [table.c.id == row_id, table.c.state.in_(allowed)]
    if under_fence is not None:
        where.append(table.c.fence == under_fence)
    result = session.execute(update(table).where(*where).values(state=target, **columns))
    if result.rowcount != 1:  # type: ignore[attr-defined]
        raise LostClaim(f"{table.name} {row_id} is not {' or '.join(allowed)} any more")
