"""Letters to one SMTP relay: the connection kept between letters, TLS, login, and what its answers mean."""

import base64
import logging
import re
import smtplib
import ssl

from bot.relay.answers import Deferred, Refused, Unknown
from bot.relay.security import BadSecurity, Security, is_loopback_address
from bot.wire_address import on_the_wire

log = logging.getLogger(__name__)

# RFC 4954 §6: our login is missing, wrong or too weak. That is our configuration, never the letter.
_ABOUT_OUR_LOGIN = frozenset({530, 534, 535, 538})


class SmtpRelay:
    """A connection to one SMTP relay, kept between letters. Used by one thread."""

    def __init__(
        self,
        host: str,
        port: int,
        name: str,
        timeout: float,
        security: Security | None = None,
        *,
        tls_at_once: bool = False,
    ) -> None:
        """Greet as `name`; `timeout` is seconds for each answer. At once is smtps: always proven."""
        self._host, self._port, self._name, self._timeout = host, port, name, timeout
        self._security = security or Security()
        self._at_once = tls_at_once
        self._kept: smtplib.SMTP | None = None

    def transmit(self, sender: str, recipient: str, data: bytes) -> None:
        """Hand one letter over."""
        connection = self._connected()
        try:
            self._envelope(connection, on_the_wire(sender), on_the_wire(recipient))
            connection.send(_dot_stuffed(data))  # where it raises, the last dot has not left
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            raise Deferred(f"the relay went away: {type(error).__name__}") from error
        try:
            code, text = connection.getreply()
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            raise Unknown(f"no answer after the last dot: {type(error).__name__}") from error
        _judge(code, text)

    def _connected(self) -> smtplib.SMTP:
        if self._kept is not None:
            try:
                if self._kept.rset()[0] == 250:
                    return self._kept
            except (OSError, smtplib.SMTPException):
                pass
            self.close()
        try:
            self._open(encrypt=self._security.tls != "none")
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            raise Deferred(f"the relay cannot be reached: {_shown(error)}") from error
        except BadSecurity as error:
            self.close()
            log.error("%s", error)
            raise Deferred(str(error)) from error
        except Deferred:
            self.close()
            raise
        assert self._kept is not None
        return self._kept

    def _open(self, *, encrypt: bool) -> None:
        """Connect, greet, encrypt, log in. An opportunistic handshake that fails holds up no letter."""
        proven = self._security.tls == "required" or self._at_once
        self._kept = self._dialled()
        self._kept.ehlo_or_helo_if_needed()
        if encrypt and not self._at_once and self._kept.has_extn("starttls"):
            try:
                self._kept.starttls(context=self._security.context(verified=proven))
                self._kept.ehlo_or_helo_if_needed()
            except (ssl.SSLError, smtplib.SMTPResponseException) as error:
                if proven:
                    raise
                log.warning("no TLS with the relay, going on without: %s", _shown(error))
                self.close()
                self._open(encrypt=False)
                return
        elif proven and not self._at_once:
            raise Deferred("the relay offers no STARTTLS, which relay.tls requires")
        self._log_in(self._kept, proven=proven)

    def _dialled(self) -> smtplib.SMTP:
        where, name, timeout = (self._host, self._port), self._name, self._timeout
        if self._at_once:
            context = self._security.context(verified=True)
            return smtplib.SMTP_SSL(*where, name, timeout=timeout, context=context)
        return smtplib.SMTP(*where, name, timeout)

    def _log_in(self, connection: smtplib.SMTP, *, proven: bool) -> None:
        if not self._security.user:
            return
        if not proven and not _on_this_machine(connection):
            raise Deferred("a password leaves only over proven TLS: relay.tls = 'required'")
        code, text = _authenticate(connection, self._security.user, self._security.password())
        if code != 235:
            shown = _quoted(code, text)
            log.error("the relay refuses our login as %s; letters wait: %s", self._security.user, shown)
            raise Deferred(f"the relay refuses our login: {shown}")

    def _envelope(self, connection: smtplib.SMTP, sender: str, recipient: str) -> None:
        options: list[str] = []
        if not (sender + recipient).isascii():
            if not connection.has_extn("smtputf8"):
                raise Refused("the relay does not know SMTPUTF8, which this address needs")
            options = ["SMTPUTF8"]
        for code, text in (connection.mail(sender, options), connection.rcpt(recipient)):
            _judge(code, text)
        code, text = connection.docmd("DATA")
        if code != 354:
            _judge(code, text)
            raise Deferred(f"the relay answered {code} to DATA")

    def close(self) -> None:
        """Close the connection; the relay hears QUIT where it still listens."""
        kept, self._kept = self._kept, None
        if kept is not None:
            try:
                kept.quit()
            except (OSError, smtplib.SMTPException):
                kept.close()


def _authenticate(connection: smtplib.SMTP, user: str, password: str) -> tuple[int, bytes]:
    """Log in once, by PLAIN (RFC 4616) or LOGIN; return the last reply.

    smtplib would try a wrong password by every mechanism in turn, CRAM-MD5 first, and knows only ASCII.
    """
    known = connection.esmtp_features.get("auth", "").upper().split()
    if "PLAIN" in known:
        return connection.docmd("AUTH", "PLAIN " + _base64(f"\0{user}\0{password}"))
    if "LOGIN" not in known:
        raise Deferred("the relay offers neither AUTH PLAIN nor LOGIN")
    code, text = connection.docmd("AUTH", "LOGIN")
    for answer in (user, password):
        if code != 334:
            break
        code, text = connection.docmd(_base64(answer))
    return code, text


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode("ascii")


def _on_this_machine(connection: smtplib.SMTP) -> bool:
    assert connection.sock is not None
    return is_loopback_address(str(connection.sock.getpeername()[0]))


def _shown(error: Exception) -> str:
    """Name an error of the connection: of a certificate its fault, of the rest the kind."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not proven: {error.verify_message}"
    return type(error).__name__


def _quoted(code: int, text: bytes) -> str:
    return f"{code} {text.decode('ascii', 'replace')}"[:300]


def _judge(code: int, text: bytes) -> None:
    shown = _quoted(code, text)
    if code in _ABOUT_OUR_LOGIN:
        log.error("the relay wants another login than relay.user and its password; letters wait: %s", shown)
        raise Deferred(shown)
    if 500 <= code < 600:
        raise Refused(shown)
    if not 200 <= code < 300:
        raise Deferred(shown)


def _dot_stuffed(data: bytes) -> bytes:
    body = re.sub(rb"(?m)^\.", b"..", data)
    return body + (b".\r\n" if body.endswith(b"\r\n") else b"\r\n.\r\n")
