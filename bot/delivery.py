"""Send one ready letter: mark, transmit, mark. The only caller of the relay."""

import time
from collections.abc import Callable
from datetime import timedelta

from pydantic import JsonValue
from sqlmodel import Session

from bot import maillog
from bot.bells import Bell
from bot.clock import Clock
from bot.relay import Deferred, Refused, Relay, Unknown
from bot.trouble import FAILED, tell_managers
from storage import journal, letters
from storage.database import Database
from storage.letters import LetterClaim
from storage.sealed import KeyMissing, Sealer
from storage.states import LetterState
from storage.steps import LostClaim
from storage.tables import LetterRow

LONGEST_WAIT = timedelta(hours=4)


class Delivery:
    """Claims ready letters and hands them to its own relay connection; one instance a thread."""

    def __init__(
        self,
        database: Database,
        sealer: Sealer,
        relay: Relay,
        clock: Clock,
        node: str,
        return_path: Callable[[int], str],
        lease: timedelta,
        retry: timedelta,
        letter_bell: Bell,
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._relay = relay
        self._clock = clock
        self._node = node
        self._return_path = return_path
        self._lease = lease
        self._retry = retry
        self._letter_bell = letter_bell

    def step(self) -> bool:
        """Send one letter, if one is ready; say whether there was one."""
        now = self._clock.now()
        claim = self._database.write(
            lambda session: letters.claim_to_send(session, self._node, now, self._lease)
        )
        if claim is None:
            return False
        try:
            self._send(claim)
        except LostClaim as lost:
            maillog.not_sent(claim.letter_id, "lost", str(lost))
        return True

    def close(self) -> None:
        """Let the relay's connection go."""
        self._relay.close()

    def _send(self, claim: LetterClaim) -> None:
        try:
            with self._database.reading() as session:
                data = letters.data_of(session, self._sealer, claim.letter_id)
        except KeyMissing as error:
            self._deferred(claim, str(error), LetterState.CLAIMED)
            return
        self._database.write(lambda session: letters.sending(session, claim))
        started = time.monotonic()
        try:
            self._relay.transmit(self._return_path(claim.letter_id), claim.recipient, data)
        except Deferred as error:
            self._deferred(claim, str(error))
        except Refused as error:
            self._failed(claim, str(error))
        except Unknown as error:
            self._uncertain(claim, str(error))
        else:
            now = self._clock.now()
            self._database.write(lambda session: letters.sent(session, claim, now))
            maillog.sent(claim.letter_id, claim.recipient, (time.monotonic() - started) * 1000)

    def _deferred(self, claim: LetterClaim, reason: str, source: LetterState = LetterState.SENDING) -> None:
        wait = min(self._retry * 2 ** min(claim.attempt, 20), LONGEST_WAIT)
        due_at = self._clock.now() + wait
        self._mark(claim, lambda s: letters.deferred(s, claim, source, due_at, reason), "deferred", reason)

    def _failed(self, claim: LetterClaim, reason: str) -> None:
        def fail(session: Session) -> None:
            letters.failed(session, claim, reason)
            journal.append(
                session,
                journal.SERVICE,
                "letter failed",
                at=self._clock.now(),
                actor="relay",
                cause=f"letter:{claim.letter_id}",
                detail={"recipient": claim.recipient, "reason": reason},
            )
            title = session.get_one(LetterRow, claim.letter_id).subject
            told: dict[str, JsonValue] = {"title": title, "reason": reason}
            cause = f"letter:{claim.letter_id}:0"
            tell_managers(session, self._sealer, claim, cause, FAILED, told, self._clock.now())

        self._mark(claim, fail, "failed", reason)
        self._letter_bell.ring()

    def _uncertain(self, claim: LetterClaim, reason: str) -> None:
        due_at = self._clock.now() + self._retry
        self._mark(claim, lambda s: letters.uncertain(s, claim, due_at, reason), "uncertain", reason)

    def _mark(self, claim: LetterClaim, job: Callable[[Session], None], state: str, reason: str) -> None:
        self._database.write(job)
        maillog.not_sent(claim.letter_id, state, reason)
