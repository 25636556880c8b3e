"""Rules that every letter of the demo must obey, whatever the step."""

import re

from bot.operations.demo_people import CONTRACTORS, REGISTERED
from bot.operations.demo_sink import Arrived
from bot.writing.html import to_html

_KEY_LETTERS = ("認証キー等のお知らせ(発注者への提出用)", "【電子保証】")
_NEVER = ("有効です", "偽造", "None", "{{", "}}")


def faults_of(letter: Arrived, desk: str, keys: set[str]) -> list[str]:
    """Name the rules a letter breaks: who gets it, who wrote it, what it must never say."""
    name = f"「{letter.subject}」 to {letter.recipient}"
    faults = []
    if letter.recipient not in REGISTERED and "ご照会を受け付けました" not in letter.subject:
        faults.append(f"{name}: not a mailbox of the directory")
    if [str(one) for one in letter.mail.get_all("To", [])] != [letter.recipient] or letter.mail["Cc"]:
        faults.append(f"{name}: To is not the recipient alone")
    if desk not in str(letter.mail["From"]) or letter.mail["Reply-To"]:
        faults.append(f"{name}: From is not the desk")
    if "auto-" not in str(letter.mail["Auto-Submitted"]):
        faults.append(f"{name}: does not say that it is automatic")
    made = to_html(letter.text, letter.subject, desk, _case_code(letter))
    if letter.html.strip() != made.strip():
        faults.append(f"{name}: the HTML part says something else")
    if letter.recipient in CONTRACTORS and "一致しない" in letter.text:
        faults.append(f"{name}: a contractor sees differences")
    faults += [f"{name}: says {word}" for word in _NEVER if word in letter.text + letter.subject]
    shown = f"{letter.text}{letter.html}"
    if any(k in shown for k in keys) and not any(one in letter.subject for one in _KEY_LETTERS):
        faults.append(f"{name}: carries a key")
    if any(key in letter.subject for key in keys):
        faults.append(f"{name}: a key in the subject")
    return faults


def _case_code(letter: Arrived) -> str | None:
    """Return the code that routes answers: it ends the subject, or where that is prescribed, the text."""
    found = re.search(r"\[(\S+)\]\Z", letter.subject) or re.search(r"案件番号 \[(\S+)\]", letter.text)
    return found[1] if found else None
