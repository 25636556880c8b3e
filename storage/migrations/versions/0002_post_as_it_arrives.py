"""Post as it really arrives: verification, the mailbox door, bounces, enrolment."""

import sqlalchemy as sa
from alembic import op

from storage.tables import Moment

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _inbox()
    _mailbox_door()
    _bounces()
    _enrolment()


def _inbox() -> None:
    with op.batch_alter_table("inbox") as inbox:
        inbox.add_column(sa.Column("parents", sa.String(), nullable=True))
        inbox.add_column(sa.Column("words_digest", sa.String(), nullable=True))
        inbox.add_column(sa.Column("thread_digest", sa.String(), nullable=True))
        inbox.add_column(sa.Column("signed_digest", sa.String(), nullable=True))
        inbox.add_column(sa.Column("party_id", _ID, nullable=True))
        inbox.create_foreign_key(op.f("fk_inbox_party_id"), "party", ["party_id"], ["id"])
        inbox.create_index("ix_inbox_words_digest_decided_at", ["words_digest", "decided_at"])
        inbox.create_index("ix_inbox_thread_digest_decided_at", ["thread_digest", "decided_at"])
        inbox.create_index("ix_inbox_party_id_decided_at", ["party_id", "decided_at"])
        inbox.create_index(op.f("ix_inbox_signed_digest"), ["signed_digest"])
    op.create_table(
        "inbox_verification",
        sa.Column("inbox_id", _ID, nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["inbox_id"], ["inbox.id"], name=op.f("fk_inbox_verification_inbox_id")),
        sa.PrimaryKeyConstraint("inbox_id", name=op.f("pk_inbox_verification")),
    )


def _mailbox_door() -> None:
    op.create_table(
        "fetched",
        sa.Column("id", _ID, nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("folder", sa.String(), nullable=False),
        sa.Column("uidvalidity", sa.BigInteger(), nullable=False),
        sa.Column("uid", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("inbox_id", _ID, nullable=True),
        sa.Column("filed", sa.Boolean(), nullable=False),
        sa.Column("fetched_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["inbox_id"], ["inbox.id"], name=op.f("fk_fetched_inbox_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fetched")),
        sa.UniqueConstraint(
            "account", "folder", "uidvalidity", "uid", name=op.f("uq_fetched_account_folder_uidvalidity_uid")
        ),
    )
    op.create_index(op.f("ix_fetched_digest"), "fetched", ["digest"])
    op.create_index(op.f("ix_fetched_inbox_id"), "fetched", ["inbox_id"])
    op.create_table(
        "imap_pass",
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("folder", sa.String(), nullable=False),
        sa.Column("uidvalidity", sa.BigInteger(), nullable=False),
        sa.Column("passed_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_imap_pass")),
    )


def _bounces() -> None:
    op.add_column("letter", sa.Column("bounced", sa.String(), nullable=True))
    op.add_column("letter", sa.Column("bounced_at", Moment(), nullable=True))
    op.add_column("letter", sa.Column("bounce_reason", sa.String(), nullable=True))
    op.add_column("mailbox", sa.Column("unreachable_since", Moment(), nullable=True))


def _enrolment() -> None:
    op.create_table(
        "enrolment",
        sa.Column("id", _ID, nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("party_name", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolment")),
        sa.UniqueConstraint("number", name=op.f("uq_enrolment_number")),
    )
    op.create_index(op.f("ix_enrolment_address"), "enrolment", ["address"])
    op.create_index(op.f("ix_enrolment_state"), "enrolment", ["state"])
