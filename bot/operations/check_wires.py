"""Check what protects the wires: the certificate of our door, and the login at the relay."""

from cryptography import x509

from bot.app import relay_security
from bot.clock import Clock, SystemClock
from bot.config import BadConfig, Config
from bot.doors import load_certificate
from bot.operations.checked import CheckResult


def check_wires(config: Config, clock: Clock | None = None) -> list[CheckResult]:
    """Load the files as the service will; say how long the certificate lasts."""
    return [_door(config, clock or SystemClock()), _relay(config)]


def _door(config: Config, clock: Clock) -> CheckResult:
    file = config.smtp.tls_certificate
    try:
        certificate = load_certificate(config)
    except BadConfig as error:
        return CheckResult("door", False, str(error))
    if certificate is None or file is None:
        return CheckResult("door", True, "no certificate: STARTTLS is not offered")
    until = x509.load_pem_x509_certificates(file.read_bytes())[0].not_valid_after_utc
    return CheckResult("door", clock.now() < until, f"certificate valid until {until:%Y-%m-%d %H:%M} UTC")


def _relay(config: Config) -> CheckResult:
    try:
        relay_security(config)
    except BadConfig as error:
        return CheckResult("relay", False, str(error))
    login = f"login as {config.relay.user}" if config.relay.user else "no login"
    return CheckResult("relay", True, f"{config.relay.url}, TLS {config.relay.tls}, {login}")
