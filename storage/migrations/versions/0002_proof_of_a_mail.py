"""Whether the visible From of a decided mail was proven: what forgers send counts for no one else."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("inbox", sa.Column("proof", sa.String(), nullable=True))
