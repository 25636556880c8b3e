"""Where a process can be killed: every commit that changes something, and every write to the relay."""

import json
import os
import signal
import smtplib
import socket
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Engine, event
from sqlalchemy.engine.default import DefaultDialect

Kind = Literal["commit", "relay"]
When = Literal["before", "after"]

_CHANGED = "hoshobin changed"


class Kill(BaseModel):
    """Die immediately before, or after, the n-th commit or relay write of this process, from 1."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: Kind
    when: When
    n: int


class KillAtMoment(BaseModel):
    """Die at the n-th moment of any kind, from 1."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    n: int


class Points:
    """Counts the points as they pass, tells each to the test, and dies at the one it was given."""

    def __init__(self, report: socket.socket, kill: Kill | KillAtMoment | None) -> None:
        self._report = report
        self._kill = kill
        self._counts: Counter[str] = Counter()
        self._moments = 0
        self._lock = threading.Lock()

    def tell(self, **line: Any) -> None:
        """Send one line to the test."""
        self._report.sendall(json.dumps(line).encode() + b"\n")

    def before(self, kind: Kind, what: str) -> int:
        """Pass the moment before; return the number of the point."""
        with self._lock:
            self._counts[kind] += 1
            n = self._counts[kind]
            self._pass(kind, "before", n, what)
        return n

    def after(self, kind: Kind, n: int, what: str) -> None:
        """Pass the moment after."""
        with self._lock:
            self._pass(kind, "after", n, what)

    def _pass(self, kind: Kind, when: When, n: int, what: str) -> None:
        self.tell(event=kind, when=when, n=n, what=what)
        self._moments += 1
        if self._kill in (Kill(kind=kind, when=when, n=n), KillAtMoment(n=self._moments)):
            os.kill(os.getpid(), signal.SIGKILL)


def watch_commits(points: Points) -> None:
    """Watch every commit of every connection, whoever asks for it, if rows changed in it.

    A commit of nothing leaves storage, relay and senders as they were, so a death there is no new case;
    counting it would only make the numbers depend on the clock.
    """
    commit: Callable[[DefaultDialect, Any], None] = DefaultDialect.do_commit

    def note(
        connection: Any, cursor: Any, statement: str, _parameters: Any, context: Any, _many: bool
    ) -> None:
        writes = context.isinsert or context.isupdate or context.isdelete or context.isddl
        if writes and (context.isinsert or cursor.rowcount != 0):
            verb, *words = statement.split(maxsplit=3)
            table = words[0] if verb == "UPDATE" else words[1]
            what = f"{verb.lower()} {table}"
            if context.isddl or table == "alembic_version":
                what = "migrate"
            connection.connection.info.setdefault(_CHANGED, []).append(what)

    def watched(self: DefaultDialect, connection: Any) -> None:
        changed = connection.info.pop(_CHANGED, [])
        if not changed:
            commit(self, connection)
            return
        what = ", ".join(dict.fromkeys(changed))
        n = points.before("commit", what)
        commit(self, connection)
        points.after("commit", n, what)

    event.listen(Engine, "after_cursor_execute", note)
    DefaultDialect.do_commit = watched  # type: ignore[method-assign]


def watch_relay(points: Points) -> None:
    """Watch everything that goes to the relay."""
    send = smtplib.SMTP.send

    def watched(self: smtplib.SMTP, data: Any) -> None:
        shown = data if isinstance(data, bytes) else data.encode()
        what = "body" if shown.endswith(b"\r\n.\r\n") else shown.split()[0].decode().lower()
        n = points.before("relay", what)
        send(self, data)
        points.after("relay", n, what)

    smtplib.SMTP.send = watched  # type: ignore[method-assign, assignment]
