"""How many letters strangers get: one a day and mailbox, and so many a day in all.

Anybody can write a From. Without a bound our letters would be a flood for whoever stands there; where the
From is proven no third party is written to, and no forger uses up what a proven stranger may have.
"""

from bot.clock import tokyo_date
from bot.desk import World
from bot.handlers.casework import to_role
from bot.outcome import Letter, once_each
from bot.surety.address import without_tag
from bot.surety.party import Role, Stranger

MOST_PROVEN = 300  # letters a day to proven strangers, all together: a flood of letters helps nobody


def name(address: str, matter: str, stranger: Stranger, world: World) -> str:
    """Name a letter so that its mailbox gets no other that day, whatever it is about (`Letter.once`).

    A proven stranger may get one of each matter, besides the one that a forger let it have.
    """
    proven = f":{matter}" if stranger.proof.may_change else ""
    return f"stranger:{without_tag(address)}:{tokyo_date(world.now).isoformat()}{proven}"


def allowed(once: str, stranger: Stranger, world: World) -> bool:
    """Say whether the letter of a name may go out; it always may where it has. Counts it for the day."""
    if world.ledger.has_letter(once):
        return True
    most = MOST_PROVEN if stranger.proof.may_change else world.office.stranger_letters_a_day
    return world.numbers(_series(stranger, world)) <= most


def told(stranger: Stranger, world: World) -> tuple[Letter, ...]:
    """Tell 管理, once a day, that strangers are not answered any more."""
    proven = stranger.proof.may_change
    values = {
        "proven": proven,
        "most": MOST_PROVEN if proven else world.office.stranger_letters_a_day,
    }
    letters = to_role(world.directory, Role.MANAGE, "staff_stranger_letters", values)
    return once_each(letters, _series(stranger, world))


def _series(stranger: Stranger, world: World) -> str:
    kind = "proven strangers" if stranger.proof.may_change else "strangers"
    return f"letters to {kind} {tokyo_date(world.now).isoformat()}"
