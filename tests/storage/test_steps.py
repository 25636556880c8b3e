"""The state tables: every step can really be taken, no other can, and the README shows them all."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from sqlmodel import Session

from storage import inbox, letters
from storage.opening import Opened
from storage.states import INBOX_STEPS, LETTER_STEPS, InboxState, LetterState, Step, diagram, is_legal
from storage.steps import LostClaim, take
from storage.tables import InboxRow, LetterRow, table

from .rows import (
    LEASE,
    MINUTE,
    NOW,
    accept,
    claimed,
    do,
    finish,
    hold,
    letter_state,
    mail,
    queued,
    ready,
    ripen,
    sending,
    taken,
    writing,
    written,
)

README = Path(__file__).parents[2] / "storage" / "README.md"
I, L = InboxState, LetterState  # noqa: E741
LATER = NOW + LEASE + MINUTE
MUCH_LATER = LATER + LEASE + MINUTE
Seen = tuple[str, str]


def _inbox_walk(opened: Opened, moves: list[Callable[[int], object]]) -> Seen:
    """Accept a mail, make the moves; return the state before and after the last one."""
    inbox_id = accept(opened)
    for move in moves[:-1]:
        move(inbox_id)
    before = mail(opened, inbox_id).state
    moves[-1](inbox_id)
    return before, mail(opened, inbox_id).state


def _inbox_moves(opened: Opened, source: str, target: str) -> list[Callable[[int], object]]:
    def claim(_: int) -> object:
        return taken(opened)

    def result(state: InboxState, _: int) -> None:
        finish(opened, claims.pop(), state)

    claims: list[inbox.Claim] = []

    def keep(_: int) -> None:
        claims.append(taken(opened))

    def held(_: int) -> None:
        hold(opened, claims.pop())

    def later(_: int) -> None:
        do(opened, partial(inbox.try_later, claim=claims.pop(), due_at=NOW, reason="busy"))

    ways: dict[Seen, list[Callable[[int], object]]] = {
        (I.WAITING, I.CLAIMED): [claim],
        (I.CLAIMED, I.CLAIMED): [claim, lambda _: taken(opened, LATER)],
        (I.CLAIMED, I.HELD): [keep, held],
        (I.CLAIMED, I.WAITING): [keep, later],
        (I.HELD, I.WAITING): [
            keep,
            held,
            lambda i: do(opened, lambda s: inbox.resume(s, i, {}, NOW)),
        ],
        (I.HELD, I.EXPIRED): [keep, held, lambda _: do(opened, lambda s: inbox.expire(s, LATER))],
        (I.PARKED, I.WAITING): [
            keep,
            partial(result, I.PARKED),
            lambda i: do(opened, lambda s: inbox.retry(s, i, NOW)),
        ],
        (I.WAITING, I.PARKED): [lambda i: do(opened, lambda s: inbox.park(s, i, "staff"))],
    }
    for final in (I.DONE, I.REFUSED, I.IGNORED, I.PARKED):
        ways[I.CLAIMED, final] = [keep, partial(result, final)]
    return ways[source, target]


def _named(step: Step) -> str:
    return f"{step.source}-{step.target}{'' if step.fenced else '-by-anybody'}"


@pytest.mark.parametrize("step", INBOX_STEPS, ids=_named)
def test_every_step_of_the_inbox_can_be_taken(opened: Opened, step: Step) -> None:
    moves = _inbox_moves(opened, step.source, step.target)
    assert _inbox_walk(opened, moves) == (step.source, step.target)


def _letter_moves(opened: Opened, step: Step) -> list[Callable[[int], object]]:
    claims: list[letters.LetterClaim] = []

    def write(_: int) -> None:
        claims.append(writing(opened))

    def store(_: int) -> None:
        written(opened, claims.pop())

    def claim(_: int) -> None:
        claims.append(claimed(opened))

    def send(_: int) -> None:
        claims.append(sending(opened))

    def send_later(_: int) -> None:
        claims.append(sending(opened, LATER))

    def fail_to_write(times: int) -> list[Callable[[int], object]]:
        def give_up(_: int) -> None:
            job = partial(letters.writing_failed, claim=claims.pop(), due_at=NOW, reason="no such font")
            do(opened, job)

        return [write, give_up] * times

    def defer(source: LetterState, _: int) -> None:
        job = partial(letters.deferred, claim=claims.pop(), source=source, due_at=NOW, reason="451")
        do(opened, job)

    def sent(_: int) -> None:
        do(opened, partial(letters.sent, claim=claims.pop(), now=NOW))

    def failed(_: int) -> None:
        do(opened, partial(letters.failed, claim=claims.pop(), reason="550"))

    def lost(_: int) -> None:
        do(opened, partial(letters.uncertain, claim=claims.pop(), due_at=NOW, reason="broke"))

    def time(_: int) -> None:
        ripen(opened, LATER)

    def withdraw(letter_id: int) -> None:
        do(opened, lambda s: letters.withdraw(s, letter_id, "moot"))

    def retry(letter_id: int) -> None:
        do(opened, lambda s: letters.retry(s, letter_id, NOW))

    to: dict[str, list[Callable[[int], object]]] = {
        L.WAITING: [],
        L.WRITING: [write],
        L.READY: [write, store],
        L.CLAIMED: [write, store, claim],
        L.SENDING: [write, store, send],
        L.DEFERRED: [write, store, send, partial(defer, L.SENDING)],
        L.UNCERTAIN: [write, store, send, lost],
        L.FAILED: [write, store, send, failed],
        L.PARKED: fail_to_write(3),
    }
    last: dict[tuple[str, str, bool], Callable[[int], object]] = {
        (L.WAITING, L.WRITING, False): write,
        (L.WRITING, L.WRITING, False): lambda _: writing(opened, LATER),
        (L.WRITING, L.READY, True): store,
        (L.WRITING, L.WAITING, True): fail_to_write(1)[-1],
        (L.WRITING, L.PARKED, True): fail_to_write(3)[-1],
        (L.READY, L.CLAIMED, False): claim,
        (L.CLAIMED, L.READY, False): time,
        (L.CLAIMED, L.SENDING, True): lambda _: do(opened, lambda s: letters.sending(s, claims[-1])),
        (L.CLAIMED, L.DEFERRED, True): partial(defer, L.CLAIMED),
        (L.SENDING, L.SENT, True): sent,
        (L.SENDING, L.DEFERRED, True): partial(defer, L.SENDING),
        (L.SENDING, L.FAILED, True): failed,
        (L.SENDING, L.UNCERTAIN, True): lost,
        (L.DEFERRED, L.READY, False): time,
        (L.UNCERTAIN, L.READY, False): time,
        (L.PARKED, L.WAITING, False): retry,
        (L.FAILED, L.READY, False): retry,
    }
    way = to[step.source]
    if step.target == L.PARKED:
        way = fail_to_write(3)[:-1]
    if (step.source, step.target, step.fenced) == (L.SENDING, L.UNCERTAIN, False):
        # Repeated by itself it would be ready again within the same sweep: the fourth time it is not.
        return [write, store, *[send_later, lost, time] * 3, send_later, lambda _: ripen(opened, MUCH_LATER)]
    if step.target == L.WITHDRAWN:
        return [*way, withdraw]
    return [*way, last[step.source, step.target, step.fenced]]


@pytest.mark.parametrize("step", LETTER_STEPS, ids=_named)
def test_every_step_of_a_letter_can_be_taken(opened: Opened, step: Step) -> None:
    moves = _letter_moves(opened, step)
    letter_id = queued(opened)
    for move in moves[:-1]:
        move(letter_id)
    assert letter_state(opened, letter_id) == step.source
    moves[-1](letter_id)
    assert letter_state(opened, letter_id) == step.target


INBOX_ILLEGAL = [
    (source, target, fenced)
    for source in InboxState
    for target in InboxState
    for fenced in (True, False)
    if not is_legal(INBOX_STEPS, source, target, fenced=fenced)
]
LETTER_ILLEGAL = [
    (source, target, fenced)
    for source in LetterState
    for target in LetterState
    for fenced in (True, False)
    if not is_legal(LETTER_STEPS, source, target, fenced=fenced)
]


def test_a_step_that_is_not_in_the_table_raises_and_changes_nothing(opened: Opened) -> None:
    inbox_id, letter_id = accept(opened), ready(opened)
    tables = (
        (table(InboxRow), INBOX_STEPS, inbox_id, INBOX_ILLEGAL),
        (table(LetterRow), LETTER_STEPS, letter_id, LETTER_ILLEGAL),
    )
    for rows, steps, row_id, illegal in tables:
        for source, target, fenced in illegal:
            fence = 0 if fenced else None
            with pytest.raises(ValueError, match=f"no legal step {source} -> {target}"):
                do(opened, partial(_take, rows, steps, row_id, source, target, fence))
    assert mail(opened, inbox_id).state == InboxState.WAITING
    assert letter_state(opened, letter_id) == LetterState.READY


def _take(
    rows: object, steps: object, row_id: int, source: str, target: str, fence: int | None, session: object
) -> None:
    take(session, rows, steps, row_id, [source], target, under_fence=fence)  # type: ignore[arg-type]


def test_a_final_state_has_no_step_out(opened: Opened) -> None:
    left = {step.source for step in INBOX_STEPS}
    assert set(InboxState) - left == {I.DONE, I.REFUSED, I.IGNORED, I.EXPIRED}
    left = {step.source for step in LETTER_STEPS}
    assert set(LetterState) - left == {L.SENT, L.WITHDRAWN}


def test_a_result_needs_the_fence_of_the_claim_and_a_claim_needs_none() -> None:
    assert is_legal(INBOX_STEPS, I.CLAIMED, I.DONE, fenced=True)
    assert not is_legal(INBOX_STEPS, I.CLAIMED, I.DONE, fenced=False)
    assert is_legal(LETTER_STEPS, L.READY, L.CLAIMED, fenced=False)
    assert not is_legal(LETTER_STEPS, L.READY, L.CLAIMED, fenced=True)


def test_a_row_that_does_not_exist_cannot_take_a_step(opened: Opened) -> None:
    moves: list[Callable[[Session], object]] = [
        lambda s: inbox.retry(s, 4711, NOW),
        lambda s: inbox.park(s, 4711, "staff"),
        lambda s: inbox.resume(s, 4711, {}, NOW),
        lambda s: inbox.wrong_code(s, 4711, NOW),
        lambda s: letters.retry(s, 4711, NOW),
        lambda s: letters.withdraw(s, 4711, "moot"),
    ]
    for move in moves:
        with pytest.raises(LostClaim, match="4711"):
            do(opened, move)


@pytest.mark.parametrize("steps", [INBOX_STEPS, LETTER_STEPS], ids=["inbox", "letter"])
def test_the_readme_shows_the_diagram_that_the_code_draws(steps: tuple[Step, ...]) -> None:
    assert f"```mermaid\n{diagram(steps)}\n```" in README.read_text(encoding="utf-8")
