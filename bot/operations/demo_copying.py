"""What the people of the demo copy out of our letters: codes, lines to answer with, numbers and keys."""

import re

from bot.operations.demo_mails import Post, outlook_ja
from bot.operations.demo_people import KESSAI, SHINSA, SHUNO
from bot.operations.demo_play import Play
from bot.operations.demo_sink import Arrived

_CODE = re.compile(r"\[([A-Z]\d+-\d{5}-\w{4})\]")


def case_code(letter: Arrived) -> str:
    """Return the case code in a subject."""
    found = _CODE.search(letter.subject)
    assert found is not None
    return found.group(1)


def typed(letter: Arrived, line: str) -> str:
    """Return the words of a letter to staff that begin with these, as they copy them from 「…」."""
    offered: list[str] = re.findall(r"本文に「(.+)」と書いて返信", letter.text)
    return next(one for one in offered if one.startswith(line))


def value(letter: Arrived, label: str) -> str:
    """Return the value behind a label in a letter."""
    found = re.search(rf"(?m)(?:^|　){label}[:　 ] ?(\S+)", letter.text)
    assert found is not None
    return found.group(1)


def answer(play: Play, letter: Arrived, words: str) -> Post:
    """Answer a letter to staff, as the person who got it: words above a quotation."""
    people = {person.address: person for person in (SHINSA, KESSAI, SHUNO)}
    subject = f"RE: {letter.subject}"
    return play.mailer.post(people[letter.recipient], subject, outlook_ja(words, letter), answers=letter)
