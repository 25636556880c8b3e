"""What the door replaces inside aiosmtpd fits the one version it was written against."""

import asyncio

import aiosmtpd
from aiosmtpd.smtp import SMTP

from bot.clock import FixedClock
from bot.intake.connection import Connection
from bot.intake.lmtp import LmtpConnection
from bot.intake.lobby import Lobby
from bot.intake.protocol import SmtpConnection

from .callers import MOMENT, SETTINGS, Inbox, run


def test_the_version_is_the_pinned_one() -> None:
    assert aiosmtpd.__version__ == "1.4.6"


def test_our_init_leaves_out_nothing_that_aiosmtpd_would_set() -> None:
    async def story() -> None:
        loop = asyncio.get_running_loop()
        stock = SMTP(object(), loop=loop, command_call_limit=None)
        ours = SmtpConnection(SETTINGS, Lobby(SETTINGS, Inbox()), FixedClock(MOMENT), loop)
        assert [name for name in vars(stock) if not hasattr(ours, name)] == ["_timeout_duration"]

    run(story())


def test_everything_replaced_is_there_to_be_replaced() -> None:
    ours = {
        name
        for level in (Connection, SmtpConnection, LmtpConnection)
        for name in vars(level)
        if callable(getattr(level, name))
    }
    own = {"dismiss", "cut", "_hang_up", "_say_goodbye", "_start_deadline", "_secure", "_begin_anew"}
    own |= {"smtp_LHLO", "_count_recipient", "_for_each"}
    own |= {"_begin_message", "_take_recipient", "_read_message", "_answer_message", "_stored", "_claims"}
    assert {name for name in ours - own if not hasattr(SMTP, name)} == set()
    assert all(hasattr(SMTP, f"smtp_{name}") for name in ("EHLO", "VRFY", "DATA"))
