"""Any order of steps over the inbox, compared with a small model: no double, no loss, no lost order."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import delete, select

from storage import inbox
from storage.database import Database
from storage.inbox import ATTEMPTS, Claim
from storage.opening import Opened
from storage.states import InboxState
from storage.steps import LostClaim
from storage.tables import InboxBlob, InboxRow, table

from .rows import KENSETSU, KOMUTEN, LEASE, MINUTE, NOW, arrival

FINAL = [InboxState.DONE, InboxState.REFUSED, InboxState.IGNORED, InboxState.PARKED]
NODES = ["one", "two"]


@dataclass
class Modelled:
    """What the model knows of one mail."""

    sender: str
    received_at: datetime
    due_at: datetime
    state: InboxState = InboxState.WAITING
    fence: int = 0
    attempt: int = 0
    round: int = 0
    tries: int = 0
    until: datetime | None = None  # end of the lease, or of the hold
    node: str = ""


@dataclass
class Model:
    """The inbox as it should be."""

    now: datetime = NOW
    mails: dict[int, Modelled] = field(default_factory=dict)

    def next_for_claim(self) -> int | None:
        """Find the oldest free mail that no earlier one of its sender holds up; park on the way.

        What gave way, and is not due for an hour yet, comes after all others.
        """
        for inbox_id, one in sorted(self.mails.items(), key=self._place):
            if not self._free(one) or self._held_up(inbox_id, one):
                continue
            if one.attempt >= ATTEMPTS:
                one.state = InboxState.PARKED
                return self.next_for_claim()
            return inbox_id
        return None

    def _place(self, numbered: tuple[int, Modelled]) -> tuple[bool, int]:
        inbox_id, one = numbered
        tried = one.sender == "" and one.due_at > one.received_at
        return tried and one.due_at > self.now - timedelta(hours=1), inbox_id

    def _free(self, one: Modelled) -> bool:
        if one.state == InboxState.WAITING:
            return one.due_at <= self.now
        return one.state == InboxState.CLAIMED and one.until is not None and one.until < self.now

    def _held_up(self, inbox_id: int, one: Modelled) -> bool:
        busy = (InboxState.WAITING, InboxState.CLAIMED)
        return one.sender != "" and any(
            other.sender == one.sender and other.state in busy
            for other_id, other in self.mails.items()
            if other_id < inbox_id
        )

    def holds(self, claim: Claim) -> bool:
        """Say whether a claim is still the one that counts."""
        one = self.mails[claim.inbox_id]
        return one.state == InboxState.CLAIMED and one.fence == claim.fence


class InboxMachine(RuleBasedStateMachine):
    """Two nodes on one inbox, in any order of steps, claims used long after they were lost."""

    ids = Bundle("ids")
    claims = Bundle("claims")

    def __init__(self, opened: Opened, nodes: list[Database]) -> None:
        super().__init__()
        self.opened, self.nodes = opened, dict(zip(NODES, nodes, strict=True))
        self.model = Model()
        self.known: dict[tuple[str, int], int] = {}

    def write(self, job: Any, node: str = "one") -> Any:
        return self.nodes[node].write(job)

    @initialize()
    def empty(self) -> None:
        for model in (InboxBlob, InboxRow):
            self.write(lambda s, model=model: s.execute(delete(table(model))) and None)

    @rule(
        target=ids,
        sender=st.sampled_from([KENSETSU, KOMUTEN, ""]),
        content=st.integers(0, 5),
        node=st.sampled_from(NODES),
    )
    def accept(self, sender: str, content: int, node: str) -> Any:
        new = arrival(self.opened.sealer, b"%d" % content, sender, self.model.now)
        inbox_id = self.write(lambda s: inbox.accept(s, new), node)
        if (sender, content) in self.known:
            assert inbox_id == self.known[sender, content]
            return multiple()
        assert inbox_id not in self.model.mails
        self.known[sender, content] = inbox_id
        self.model.mails[inbox_id] = Modelled(sender, self.model.now, self.model.now)
        return inbox_id

    @rule(target=claims, node=st.sampled_from(NODES))
    def claim(self, node: str) -> Any:
        expected = self.model.next_for_claim()
        got = self.write(lambda s: inbox.claim(s, node, self.model.now, LEASE), node)
        assert (got.inbox_id if got else None) == expected
        if got is None:
            return multiple()
        one = self.model.mails[got.inbox_id]
        one.state, one.until, one.node = InboxState.CLAIMED, self.model.now + LEASE, node
        one.fence, one.attempt = one.fence + 1, one.attempt + 1
        assert (got.fence, got.attempt, got.round) == (one.fence, one.attempt, one.round)
        return got

    def _result(self, claim: Claim, job: Any) -> Modelled | None:
        """Write a result; None where the claim was lost, which storage must have noticed too."""
        if self.model.holds(claim):
            self.write(job)
            return self.model.mails[claim.inbox_id]
        with pytest.raises(LostClaim):
            self.write(job)
        return None

    @rule(
        claim=claims,
        kind=st.sampled_from([*FINAL, "held", "later", "way", "failed"]),
        wait=st.integers(0, 2),
    )
    def result(self, claim: Claim, kind: str, wait: int) -> None:
        """The holder of a claim gives its result, perhaps long after it lost the claim."""
        now, due_at = self.model.now, self.model.now + wait * MINUTE
        held = {"party_id": 1, "tries_left": wait + 1}
        ways: dict[str, Any] = {
            "held": lambda s: inbox.hold(s, claim, "confirmation", due_at, held),
            "later": lambda s: inbox.try_later(s, claim, due_at, "busy"),
            "way": lambda s: inbox.try_later(s, claim, due_at, "the DNS is silent", gives_way=True),
            "failed": lambda s: inbox.failed(s, claim, due_at, "our fault"),
        }
        way = ways.get(kind, lambda s: inbox.finish(s, claim, InboxState(kind), now))
        if not self.model.holds(claim):
            with pytest.raises(LostClaim):
                self.write(way)
            return
        self.write(way)
        one = self.model.mails[claim.inbox_id]
        one.due_at, one.until, one.tries = due_at, due_at, wait + 1
        if kind == "failed":
            one.state = InboxState.PARKED if one.attempt >= ATTEMPTS else InboxState.WAITING
        else:
            one.attempt = 0
            one.state = InboxState.WAITING if kind in ("later", "way") else InboxState(kind)
            one.sender = "" if kind == "way" else one.sender

    @rule(inbox_id=ids, kind=st.sampled_from(["resume", "wrong code", "retry", "park"]))
    def move(self, inbox_id: int, kind: str) -> None:
        """Somebody who holds no claim moves a mail: it must stand where that is possible."""
        now, one = self.model.now, self.model.mails[inbox_id]
        source, way = {
            "resume": (InboxState.HELD, partial(inbox.resume, known={"confirmed": "yes"}, now=now)),
            "wrong code": (InboxState.HELD, partial(inbox.wrong_code, now=now)),
            "retry": (InboxState.PARKED, partial(inbox.retry, now=now)),
            "park": (InboxState.WAITING, partial(inbox.park, reason="staff")),
        }[kind]
        job = partial(way, inbox_id=inbox_id)
        if one.state != source:
            with pytest.raises(LostClaim):
                self.write(job)
            return
        self.write(job)
        if kind == "wrong code":
            one.tries -= 1
            one.state = InboxState.HELD if one.tries else InboxState.EXPIRED
        elif kind == "park":
            one.state = InboxState.PARKED
        else:
            one.state, one.round, one.due_at = InboxState.WAITING, one.round + 1, now
            one.attempt = 0

    @rule(by=st.sampled_from([MINUTE, LEASE, LEASE + MINUTE, timedelta(hours=1)]))
    def time_passes(self, by: timedelta) -> None:
        self.model.now += by

    @rule()
    def expire(self) -> None:
        over = [
            inbox_id
            for inbox_id, one in self.model.mails.items()
            if one.state == InboxState.HELD and one.until is not None and one.until < self.model.now
        ]
        assert sorted(self.write(lambda s: inbox.expire(s, self.model.now))) == sorted(over)
        for inbox_id in over:
            self.model.mails[inbox_id].state = InboxState.EXPIRED

    @rule(node=st.sampled_from(NODES))
    def restart(self, node: str) -> None:
        self.write(lambda s: inbox.release_leases(s, node, self.model.now), node)
        for one in self.model.mails.values():
            if one.state == InboxState.CLAIMED and one.node == node:
                one.until = self.model.now - timedelta(seconds=1)

    @invariant()
    def the_table_is_as_the_model_says(self) -> None:
        t = table(InboxRow)
        with self.opened.database.reading() as session:
            rows = session.execute(select(t.c.id, t.c.state, t.c.fence, t.c.attempt, t.c.round)).all()
        found = {row.id: tuple(row)[1:] for row in rows}
        assert found == {
            inbox_id: (one.state, one.fence, one.attempt, one.round)
            for inbox_id, one in self.model.mails.items()
        }


def test_any_order_of_steps_over_the_inbox_agrees_with_the_model(opened: Opened) -> None:
    nodes = [Database(opened.database.url) for _ in NODES]
    quiet = settings(
        max_examples=25,
        stateful_step_count=25,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    # Hypothesis takes any factory of machines here, though it is annotated with the class.
    machine = cast("type[RuleBasedStateMachine]", partial(InboxMachine, opened, nodes))
    try:
        run_state_machine_as_test(machine, settings=quiet)
    finally:
        for node in nodes:
            node.close()
