"""The trial: configuration only. Invented people on loopback; nothing leaves this machine."""

import os
import smtplib
import tomllib
from collections.abc import Mapping
from datetime import date, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from importlib import resources
from pathlib import Path

from bot.app import is_loopback, relay_is_local
from bot.clock import TOKYO, SystemClock
from bot.config import BadConfig, Config, build
from bot.endpoints import host_and_port, socket_path
from bot.surety.wareki import wareki, wareki_short

STAMPS = {"trial": "yes"}
PREFIX = "【試行】"
HERE = resources.files("bot.operations")


def trial_config(environment: Mapping[str, str] | None = None) -> Config:
    """Build the trial's configuration. Raises BadConfig where anything would leave this machine."""
    values = tomllib.loads((HERE / "trial.toml").read_text(encoding="utf-8"))
    values["service"]["directory"] = str(HERE / "trial_directory.toml")
    config = build(values, os.environ if environment is None else environment, "trial")
    host = host_and_port(config.smtp.listen)[0]
    faults = []
    if not is_loopback(host):
        faults.append(f"  smtp.listen = {config.smtp.listen!r}: a trial listens on loopback only")
    lmtp = config.lmtp.listen
    if lmtp and socket_path(lmtp) is None and not is_loopback(host_and_port(lmtp)[0]):
        faults.append(f"  lmtp.listen = {lmtp!r}: a trial listens on loopback only")
    if not relay_is_local(config.relay.url):
        faults.append(f"  relay.url = {config.relay.url!r}: a trial's letters stay on this machine")
    if PREFIX not in config.service.subject_prefix:
        faults.append(f"  service.subject_prefix: a trial's subjects carry {PREFIX}")
    if faults:
        raise BadConfig("\n".join(["trial: refused", *faults]))
    return config


def greeting(config: Config, smtp: tuple[str, int]) -> str:
    """Say what listens, where things are, and how to send a first application."""
    where = f"{smtp[0]}:{smtp[1]}"
    desk, authserv = config.service.desk, config.identity.authserv_id
    proof = f"{authserv}; dkim=pass header.d=iyo-kensetsu.example"
    swaks = f"swaks --server {where} --from soumu@iyo-kensetsu.example --to {desk}"
    received = "from mail.iyo-kensetsu.example by border.hoshobin.example"
    data = (
        f"Authentication-Results: {proof}\\nReceived: {received}\\nFrom: soumu@iyo-kensetsu.example\\n"
        f"To: {desk}\\nMessage-ID: <first-%RANDOM%@iyo-kensetsu.example>\\nSubject: 状況\\n\\n状況\\n"
    )
    lines = [
        f"Hoshobin trial: SMTP on {where}, desk {desk}",
        f"  database   {config.storage.url}",
        f"  letters    {config.relay.url} (a Maildir for each recipient)",
        "",
        "In a second terminal, after `. .venv/bin/activate`:",
        "A first application, proven (as our own border would have vouched for it):",
        "  hoshobin trial send --proof",
        "The same without proof: a confirmation goes to the registered mailbox instead:",
        "  hoshobin trial send",
        "By swaks:",
        f"  {swaks} --header 'Subject: 状況' --body '状況'",
        f"  {swaks} --data '{data}'",
        "Look at the answers:",
        "  hoshobin trial letters",
        "Stop with Ctrl-C.",
    ]
    return "\n".join(lines)


def sample_application(today: date) -> str:
    """Return the sample application form, as a builder fills it in within days of its contract."""
    days = {
        "needed": wareki(today + timedelta(days=3)),
        "contract": wareki(today + timedelta(days=6)),
        "start": wareki_short(today + timedelta(days=7)),
        "end": wareki_short(today + timedelta(days=135)),
        "notice": wareki(today - timedelta(days=21)),
    }
    return (HERE / "sample_application.txt").read_text(encoding="utf-8").format(**days)


def trial_mail(
    config: Config, *, sender: str, subject: str, body: str, proof: bool, reply_to: str = ""
) -> bytes:
    """Make a mail to the desk; with `proof`, as our border hands it on after a good DKIM signature."""
    now = SystemClock().now()
    domain = sender.rpartition("@")[2]
    mail = EmailMessage(policy=SMTP)
    if proof:
        mail["Authentication-Results"] = f"{config.identity.authserv_id}; dkim=pass header.d={domain}"
        mail["Received"] = f"from mail.{domain} by {config.identity.authserv_id}; {format_datetime(now)}"
    mail["From"] = sender
    mail["To"] = config.service.desk
    mail["Subject"] = subject
    mail["Date"] = format_datetime(now.astimezone(TOKYO))
    mail["Message-ID"] = f"<{now.timestamp():.6f}@{domain}>"
    if reply_to:
        mail["In-Reply-To"] = reply_to
    mail.set_content(body, cte="base64")
    return mail.as_bytes()


def send(config: Config, sender: str, data: bytes) -> None:
    """Hand a mail to the trial's door by SMTP. Raises BadConfig where the trial does not run."""
    try:
        with smtplib.SMTP(*host_and_port(config.smtp.listen), timeout=30) as connection:
            connection.sendmail(sender, [config.service.desk], data)
    except ConnectionRefusedError as error:
        raise BadConfig(
            f"nothing listens on {config.smtp.listen}: start the trial first, hoshobin serve --trial"
        ) from error


def letters(config: Config) -> list[Path]:
    """List the letters in the trial's Maildirs, oldest first."""
    root = Path(config.relay.url.removeprefix("maildir:"))
    return sorted(root.glob("*/new/*"), key=lambda path: path.name)
