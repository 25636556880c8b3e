"""The peer of the bench: a mail robot as it is usually written, with stock libraries and nothing more.

The stock aiosmtpd hook reads the attached PDF by pdfplumber, looks number and key up, commits once, draws the
certificate, and hands one letter to the relay over a new connection; then it answers 250. It has no sandbox,
asks for no proof of source, keeps no journal and no sealed columns, and sends nothing again after a crash.
"""

import asyncio
import io
import re
import smtplib
import sqlite3
import sys
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pdfplumber
from aiosmtpd.smtp import SMTP, Envelope, Session

from bot.surety.papers import CertificatePaper
from bot.writing.documents.certificate import certificate_pdf

_NUMBER = re.compile(r"\b(\d{10})\b")
_KEY = re.compile(r"\b([0-9A-Z]{5})-([0-9A-Z]{5})\b")
_TEXT = """\
ご照会の保証契約番号と認証キーは、当社の記録と一致しました。

　保証契約番号: {number}
　工事名: {work_name}
　発注者: {orderer}
　保証契約者: {contractor}
　保証金額: {amount:,}円
　請負金額: {price:,}円
"""


def make_record(file: Path) -> sqlite3.Connection:
    """Open the robot's database; every commit of it is on disk."""
    record = sqlite3.connect(file)
    record.execute("PRAGMA journal_mode=WAL")
    record.execute("PRAGMA synchronous=FULL")
    record.execute(
        "CREATE TABLE IF NOT EXISTS guarantee (number TEXT PRIMARY KEY, key TEXT, certificate TEXT)"
    )
    record.execute("CREATE TABLE IF NOT EXISTS enquiry (number TEXT, sender TEXT, verdict TEXT, mail BLOB)")
    return record


class Robot:
    """The hook."""

    def __init__(self, record: sqlite3.Connection, relay: tuple[str, int]) -> None:
        self._record = record
        self._relay = relay

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Read, look up, commit, answer."""
        content = envelope.content
        assert isinstance(content, bytes)
        mail = message_from_bytes(content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        number, key = _number_and_key(mail)
        certificate = self._look_up(number, key)
        verdict = "match" if certificate else "not confirmed"
        row = (number, str(mail["From"]), verdict, content)
        self._record.execute("INSERT INTO enquiry VALUES (?, ?, ?, ?)", row)
        self._record.commit()
        with smtplib.SMTP(*self._relay) as relay:
            relay.send_message(_letter(mail, number, certificate))
        return "250 OK"

    def _look_up(self, number: str, key: str) -> CertificatePaper | None:
        query = "SELECT certificate FROM guarantee WHERE number = ? AND key = ?"
        row = self._record.execute(query, (number, key)).fetchone()
        return CertificatePaper.model_validate_json(row[0]) if row else None


def _number_and_key(mail: EmailMessage) -> tuple[str, str]:
    for part in mail.iter_attachments():
        if part.get_content_type() == "application/pdf":
            with pdfplumber.open(io.BytesIO(part.get_content())) as pdf:
                text = pdf.pages[0].extract_text()
            number, key = _NUMBER.search(text), _KEY.search(text)
            if number and key:
                return number[1], key[1] + key[2]
    return "", ""


def _letter(mail: EmailMessage, number: str, paper: CertificatePaper | None) -> EmailMessage:
    letter = EmailMessage()
    letter["From"] = "hosho@hoshobin.example"
    letter["To"] = mail["From"]
    letter["In-Reply-To"] = mail["Message-ID"]
    if paper is None:
        letter["Subject"] = "確認できませんでした"
        letter.set_content("確認できませんでした。\n")
        return letter
    letter["Subject"] = f"一致しました {number}"
    letter.set_content(
        _TEXT.format(
            number=number,
            work_name=paper.work_name,
            orderer=paper.orderer,
            contractor=paper.contractor_name,
            amount=paper.guaranteed_amount_yen,
            price=paper.contract_price_yen,
        )
    )
    letter.add_attachment(certificate_pdf(paper), "application", "pdf", filename=f"certificate_{number}.pdf")
    return letter


async def serve(file: Path, relay: tuple[str, int]) -> None:
    """Listen on a free port, say which, and serve for ever."""
    robot = Robot(make_record(file), relay)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(robot, hostname="plain.example"), "127.0.0.1", 0)
    print(f"listening on {server.sockets[0].getsockname()}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), ("127.0.0.1", int(sys.argv[2]))))
