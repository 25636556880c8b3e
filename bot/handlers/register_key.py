"""An outside registry's key arrives as a file, by the command line alone, and registers its guarantee."""

from pydantic import SecretStr

from bot.handlers.casework import require
from bot.handlers.issuing import registered_letter
from bot.ledger import Put, RegisterKey
from bot.outcome import Desk, Outcome, Refusal
from bot.requests import Kind, Request, Word
from bot.surety.guarantee import GuaranteeState
from bot.surety.party import PartyKind, Proof, Role

# No form: no key ever arrives by mail.
WORDS = (
    Word("register_key", "認証キー登録", Kind.BINDING, (), frozenset({PartyKind.SURETY}), needs_proof=True),
)


def handle(request: Request, desk: Desk) -> Outcome:
    """Keep the key and send the notice (leaflet STEP 2: at registration, not at issue).

    Raises Refusal from anywhere but the command line, or where the guarantee waits for no key.
    """
    if desk.sender.proof != Proof.COMMAND_LINE:
        raise Refusal("unclear_again")
    require(desk, Role.MANAGE)
    number, key = request.arguments["number"], SecretStr(request.arguments["key"])
    guarantee = desk.ledger.guarantee(number)
    application = desk.ledger.application(guarantee.case_id) if guarantee else None
    if guarantee is None or application is None or guarantee.state != GuaranteeState.REGISTERING:
        raise Refusal("no_key_awaited", number=number)
    done = guarantee.but(state=GuaranteeState.REGISTERED, key_version=1)
    return Outcome(
        note=f"key of {number} registered",
        changes=(
            RegisterKey(guarantee_number=number, version=1, issuer=guarantee.issuer, key=key),
            Put(value=done),
        ),
        letters=(registered_letter(desk, application.applicant, [done]),),
    )
