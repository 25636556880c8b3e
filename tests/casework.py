"""How far a case is played before a test begins, each step by its mail; and what tests ask of answers."""

from bot.clock import tokyo_date
from bot.operations.trial import sample_application
from tests.desk import COLLECTOR, DECIDER, EXAMINER, IYO, Answered, Desk


def apply_for(desk: Desk, sender: str = IYO) -> str:
    """Send the sample application; return its case code."""
    desk.write(sender, sample_application(tokyo_date(desk.clock.now())), subject="保証申込")
    return desk.application().case_code


def agree(desk: Desk, sender: str = IYO) -> str:
    """Apply, and answer the read-back; return the case code."""
    code = apply_for(desk, sender)
    desk.write(sender, "この内容で申し込みます", subject=f"Re: [{code}]")
    return code


def examine(desk: Desk, sender: str = IYO) -> str:
    """Apply and have it examined, premium 61,200 yen; return the case code."""
    code = agree(desk, sender)
    codes = desk.value(EXAMINER, "staff_review", "codes")
    assert isinstance(codes, dict)
    desk.write(EXAMINER, f"審査済 {codes['審査済']} 保証料 61,200円", subject=f"Re: [{code}]")
    return code


def approve(desk: Desk, sender: str = IYO) -> str:
    """Apply, have it examined and approved; return the case code."""
    code = examine(desk, sender)
    codes = desk.value(DECIDER, "staff_decision", "codes")
    assert isinstance(codes, dict)
    desk.write(DECIDER, f"承認 {codes['承認']}", subject=f"Re: [{code}]")
    return code


def issue(desk: Desk, sender: str = IYO) -> str:
    """Go all the way to a registered 契約保証, while 前払 waits for the contract; return the case code."""
    code = approve(desk, sender)
    paid = desk.value(COLLECTOR, "staff_payment", "code")
    desk.write(COLLECTOR, f"入金 {paid}", subject=f"Re: [{code}]")
    return code


def refused(answered: Answered, template: str) -> bool:
    """Whether nothing was done and the sender was told why."""
    told = answered.templates[:1] == [template]
    return told and answered.changes == () and answered.decision.state == "refused"


def reply(desk: Desk, sender: str, says: str, code: str) -> Answered:
    """Answer a letter of a case."""
    return desk.write(sender, says, subject=f"Re: [{code}]")


def codes(desk: Desk, address: str, template: str) -> dict[str, str]:
    """Return the codes in the newest letter of a kind, by action."""
    found = desk.value(address, template, "codes")
    assert isinstance(found, dict)
    return found
