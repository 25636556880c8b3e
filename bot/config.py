"""config.toml and the environment become one frozen Config; every fault is named at once."""

import os
import re
import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
)

from bot import endpoints

PREFIX = "HOSHOBIN__"
_WORDING = {"missing": "is missing", "tuple_type": "is not a list"}
_PASSWORD = re.compile(r"(//[^/@:]*:)[^/@]+@")


class BadConfig(Exception):
    """The configuration cannot be used; the text names every bad key and what it accepts."""


Listen = Annotated[str, AfterValidator(endpoints.listen)]
Address = Annotated[str, AfterValidator(endpoints.address)]
Domain = Annotated[str, AfterValidator(endpoints.domain)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Service(_Part):
    """[service]: the desk and how it works."""

    domain: Annotated[str, AfterValidator(endpoints.domain)] = Field(
        description="a domain name, the desk's own"
    )
    desk: Address = Field(description="the one mail address that everything can be sent to")
    node: str = Field(
        "main", min_length=1, description="a name for this node; two nodes of one service have two names"
    )
    subject_prefix: str = Field("", description="text printed before every subject")
    directory: Path | None = Field(None, description="a directory TOML file, imported at start")
    confirmation_hours: int = Field(24, ge=1, le=240, description="hours, 1 to 240")
    shown_a_day: int = Field(50, ge=1, description="letters a day and mailbox before proof is asked")
    guesses_a_day: int = Field(5, ge=1, description="wrong keys a day and sender")
    letters_an_hour: int = Field(60, ge=1, description="mails an hour and sender before they are delayed")
    enrolment_days: int = Field(7, ge=1, le=60, description="days until an enrolment must be confirmed")
    registration_days: int = Field(14, ge=1, le=90, description="days a right enquiry waits to be registered")
    stranger_letters_a_day: int = Field(50, ge=1, description="letters a day to unproven strangers, in all")
    password_days: int = Field(2, ge=1, le=14, description="days an archive waits for its password")
    letters_an_hour_in_a_thread: int = Field(
        20, ge=1, description="mails an hour, party and thread before they are delayed"
    )


class Surety(_Part):
    """[surety]: what letters and papers print of the 保証会社."""

    name: str = Field(description="保証会社の名称")
    address: str = Field(description="本店所在地")
    signatory: str = Field(description="証書に記載する役職と氏名")
    branch: str = Field(description="取扱部店")
    branch_address: str = Field(description="取扱部店の所在地")
    contact: str = Field(description="担当")
    phone: str = Field(description="電話番号")
    fax: str = Field(description="FAX 番号")
    hours: str = Field(description="受付時間, such as 平日9:00〜17:00")
    terms_name: str = Field("前払金保証約款", description="約款の名称")
    terms_url: str = Field("", description="約款を確認できる場所")
    bank_account: str = Field(description="保証料の振込先")
    guarantee_numbers_from: int = Field(
        description="the first 保証契約番号 to give out, 10 digits", ge=10**9, lt=10**10
    )


class TermsPart(_Part):
    """[[terms]]: one text the contractor agrees to."""

    name: str = Field(description="名称")
    version: str = Field(description="版")
    dated_on: date = Field(description="a date, YYYY-MM-DD")


def _both_or_none(key: Path | None, info: ValidationInfo) -> Path | None:
    certificate = info.data.get("tls_certificate")
    if (key is None) != (certificate is None):
        raise ValueError("goes with smtp.tls_certificate: give both or none")
    return key


def _needs_certificate(required: bool, info: ValidationInfo) -> bool:
    if required and info.data.get("tls_certificate") is None:
        raise ValueError("needs smtp.tls_certificate and smtp.tls_key")
    return required


class Smtp(_Part):
    """[smtp]: the door."""

    listen: Listen = Field("127.0.0.1:8025", description="host:port")
    max_bytes: int = Field(30_000_000, ge=100_000, description="bytes of one mail, at least 100000")
    max_recipients: int = Field(50, ge=1, description="recipients of one mail")
    idle_seconds: float = Field(120, gt=0, description="seconds without progress")
    total_seconds: float = Field(600, gt=0, description="seconds for one mail")
    max_connections: int = Field(500, ge=1, description="connections at once")
    max_connections_per_peer: int = Field(100, ge=1, description="connections at once from one address")
    tls_certificate: Path | None = Field(None, description="a PEM file, our certificate and its chain")
    tls_key: Annotated[Path | None, AfterValidator(_both_or_none)] = Field(
        None, validate_default=True, description="a PEM file, the key of smtp.tls_certificate, no password"
    )
    tls_required: Annotated[bool, AfterValidator(_needs_certificate)] = Field(
        False, description="true or false; true needs smtp.tls_certificate"
    )


class Lmtp(_Part):
    """[lmtp]: the same door for an MTA that delivers by LMTP, with the limits of [smtp]."""

    listen: Annotated[str, AfterValidator(endpoints.optional_listen)] = Field(
        "", description="host:port or unix:/PATH; empty: no LMTP"
    )


def _proven_first(user: str, info: ValidationInfo) -> str:
    if user and info.data.get("tls") != "required" and not endpoints.is_private(info.data.get("url", "")):
        raise ValueError('needs relay.tls = "required": a password leaves only over proven TLS')
    return user


def _with_user(password: SecretStr, info: ValidationInfo) -> SecretStr:
    given = [one for one in (password.get_secret_value(), info.data.get("password_file")) if one]
    if len(given) > 1 or ("user" in info.data and bool(info.data["user"]) != bool(given)):
        raise ValueError("relay.user goes with either password_file or password")
    return password


class Relay(_Part):
    """[relay]: where letters go."""

    url: Annotated[str, AfterValidator(endpoints.relay)] = Field(
        "smtp://127.0.0.1:25", description="smtp://host:port, smtps://host:port or maildir:DIRECTORY"
    )
    timeout_seconds: float = Field(60, gt=0, description="seconds")
    tls: Literal["none", "opportunistic", "required"] = Field(
        "opportunistic", description='"none", "opportunistic" or "required"'
    )
    ca_file: Path | None = Field(None, description="a PEM file, the authorities that prove the relay")
    user: Annotated[str, AfterValidator(_proven_first)] = Field(
        "", description="the name of our login; empty: none"
    )
    password_file: Path | None = Field(None, description="a file that holds the password, for relay.user")
    password: Annotated[SecretStr, AfterValidator(_with_user)] = Field(
        SecretStr(""), validate_default=True, description="the password; a file is better"
    )
    return_path: Literal["desk", "verp"] = Field(
        "desk", description='"desk", or "verp" where mail to the desk\'s sub-addresses comes to us'
    )
    return_path_days: int = Field(14, ge=1, le=60, description="days a return path is believed, 1 to 60")


class Storage(_Part):
    """[storage]: the database and its key."""

    url: Annotated[str, AfterValidator(endpoints.storage)] = Field(
        "sqlite:///var/hoshobin.db", description="sqlite:///FILE or postgresql+psycopg://..."
    )
    key_file: Path = Field(Path("var/service.key"), description="a file, mode 0600; made with a new database")


class Identity(_Part):
    """[identity]: whose word counts."""

    authserv_id: str = Field("", description="the authserv-id that our own border writes; empty: none")
    trusted_peers: tuple[Annotated[str, AfterValidator(endpoints.network)], ...] = Field(
        (), description='addresses, networks of at most 256 addresses, "unix" for our Unix socket'
    )
    border: Annotated[str, AfterValidator(endpoints.optional_border)] = Field(
        "", description="smtp://host:port of our own border MTA, for check --border; empty: none"
    )


class Signing(_Part):
    """[signing]: the DKIM keys of our letters."""

    domain: Annotated[str, AfterValidator(endpoints.optional_domain)] = Field(
        "", description="a domain name, the desk's or one above it; empty: the desk's"
    )
    selector: Annotated[str, AfterValidator(endpoints.selector)] = Field(
        "hoshobin", description="a DNS label; an Ed25519 key is published under <selector>-ed25519"
    )
    rsa_key_file: Path | None = Field(None, description="a PEM file, mode 0600, of 2048 bits or more")
    ed25519_key_file: Path | None = Field(None, description="a PEM file, mode 0600")


_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")


def _mailbox_name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError("is not a name of letters, digits, - and _")
    return name


def _tls_or_here(tls: str, info: ValidationInfo) -> str:
    host = str(info.data.get("host", ""))
    if tls == "none" and not endpoints.is_private(f"imap://[{host}]" if ":" in host else f"imap://{host}"):
        raise ValueError("is for this machine's own loopback: a password leaves only over TLS")
    return tls


def _one_secret(command: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
    given = [one for one in (info.data.get("password_file"), info.data.get("password_env"), command) if one]
    if len(given) != 1:
        raise ValueError("give exactly one of password_file, password_env and token_command")
    return command


def _where_moved(folder: str, info: ValidationInfo) -> str:
    if bool(folder) != (info.data.get("after") == "move"):
        raise ValueError('goes with after = "move"')
    if folder and folder == info.data.get("folder"):
        raise ValueError("is the folder that is read")
    return folder


class ImapPart(_Part):
    """[[imap]]: one mailbox at a provider whose mails are fetched."""

    name: Annotated[str, AfterValidator(_mailbox_name)] = Field(
        description="a name for this mailbox; keep it, the record of what was fetched hangs on it"
    )
    host: Annotated[str, AfterValidator(endpoints.host)] = Field(description="a host name or an IP address")
    port: int = Field(0, ge=0, le=65535, description="a port; 0: 993, without implicit TLS 143")
    tls: Annotated[Literal["implicit", "starttls", "none"], AfterValidator(_tls_or_here)] = Field(
        "implicit", description='"implicit", "starttls" or, on loopback, "none"'
    )
    ca_file: Path | None = Field(None, description="a PEM file, the authorities that prove the server")
    user: str = Field(min_length=1, description="the name of our login")
    password_file: Path | None = Field(None, description="a file with the password, mode 0600")
    password_env: str = Field("", description="an environment variable with the password")
    token_command: Annotated[tuple[str, ...], AfterValidator(_one_secret)] = Field(
        (), validate_default=True, description="a list: a command that prints an OAuth access token"
    )
    folder: str = Field("INBOX", min_length=1, description="the folder that is read")
    after: Literal["flag", "move", "keep"] = Field(
        "flag", description='"flag", "move" or "keep": what becomes there of a mail that is ours'
    )
    processed_folder: Annotated[str, AfterValidator(_where_moved)] = Field(
        "", validate_default=True, description='where after = "move" moves to'
    )
    idle_seconds: float = Field(540, ge=1, le=599, description="seconds of one IDLE, below ten minutes")
    poll_seconds: float = Field(60, ge=1, le=3600, description="seconds between looks, without IDLE")
    authserv_id: str = Field("", description="the provider's authserv-id; empty: it proves nothing")


def _each_name_once(mailboxes: tuple[ImapPart, ...]) -> tuple[ImapPart, ...]:
    names = [one.name for one in mailboxes]
    if len(set(names)) != len(names):
        raise ValueError("two mailboxes have one name")
    return mailboxes


class Verifying(_Part):
    """[verification]: finding out a mail's source ourselves, where no border MTA of ours does."""

    direct: bool = Field(False, description="true where mail comes from the outside without a border MTA")
    nameservers: tuple[Annotated[str, AfterValidator(endpoints.nameserver)], ...] = Field(
        (), description="IP addresses, or address:port; none: the system's"
    )
    dns_seconds: float = Field(5, gt=0, le=20, description="seconds for one question, up to 20")
    date_days: int = Field(7, ge=1, le=30, description="days, 1 to 30")
    trusted_forwarders: tuple[Domain, ...] = Field((), description="domains whose ARC seal counts")
    patience_hours: float = Field(24, gt=0, le=120, description="hours, up to 120")


class Work(_Part):
    """[work]: how the machine is used."""

    deciders: int = Field(2, ge=1, le=32, description="threads that read and decide, 1 to 32")
    senders: int = Field(2, ge=1, le=32, description="threads that send, 1 to 32")
    lease_seconds: float = Field(300, ge=1, description="seconds a claim lasts")
    sweep_seconds: float = Field(20, ge=0.1, description="seconds between sweeps for what wake-ups lost")
    retry_seconds: float = Field(60, ge=0.01, description="seconds before the first repeat; doubles")


class Config(_Part):
    """All that can be set."""

    service: Service
    surety: Surety
    terms: tuple[TermsPart, ...] = ()
    smtp: Smtp = Smtp()
    lmtp: Lmtp = Lmtp()
    imap: Annotated[tuple[ImapPart, ...], AfterValidator(_each_name_once)] = ()
    relay: Relay = Relay()
    storage: Storage = Storage()
    identity: Identity = Identity()
    signing: Signing = Signing()
    verification: Verifying = Verifying()
    work: Work = Work()


_LISTED = ("trusted_peers", "nameservers", "trusted_forwarders")  # by the environment with commas between
_LISTS: dict[str, type[_Part]] = {"terms": TermsPart, "imap": ImapPart}  # of tables: [[terms]]


def load(path: Path, environment: Mapping[str, str] | None = None) -> Config:
    """Read one TOML file and the environment over it. Raises BadConfig naming every bad key at once."""
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadConfig(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadConfig(f"{path}: not UTF-8: {error.reason} at byte {error.start}") from error
    except tomllib.TOMLDecodeError as error:
        raise BadConfig(f"{path}: not TOML: {error}") from error
    return build(values, os.environ if environment is None else environment, str(path))


def build(values: dict[str, Any], environment: Mapping[str, str], source: str) -> Config:
    """Validate values with the environment (HOSHOBIN__SMTP__LISTEN=...) laid over them."""
    names, faults = _overlay(values, environment)
    try:
        config = Config.model_validate(values)
    except ValidationError as error:
        faults += [_fault(dict(one), names) for one in error.errors()]
    if faults:
        raise BadConfig("\n".join([f"{source}: {len(faults)} fault(s)", *faults]))
    return config


def _overlay(values: dict[str, Any], environment: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """Lay the environment over values; return which variable gave each key, and what cannot be laid."""
    names: dict[str, str] = {}
    faults: list[str] = []
    for name in sorted(environment):
        if not name.startswith(PREFIX):
            continue
        section, _, key = name.removeprefix(PREFIX).lower().partition("__")
        table = values.setdefault(section, {}) if section and key and section not in _LISTS else None
        if not isinstance(table, dict):
            lists = " and ".join(f"[[{one}]]" for one in _LISTS)
            faults.append(f"  {name}: no such key; one is named as {PREFIX}SMTP__LISTEN, {lists} by none")
            continue
        table[key] = _listed(environment[name]) if key in _LISTED else environment[name]
        names[f"{section}.{key}"] = name
    return names, faults


def _listed(value: str) -> list[str]:
    return [part.strip() for part in value.split(",") if part.strip()]


def _fault(error: dict[str, Any], names: Mapping[str, str]) -> str:
    path = [str(part) for part in error["loc"]]
    key = ".".join(path)
    given_by = [name for given, name in names.items() if key == given or _in(key, given) or _in(given, key)]
    where = f"{key} ({', '.join(given_by)})" if given_by else key
    if error["type"] == "extra_forbidden":
        kind = "section" if len(path) == 1 else "key"
        owner = "the configuration" if len(path) == 1 else f"[{path[0]}]"
        return f"  {where}: no such {kind}; {owner} accepts {', '.join(_keys(path[:-1]))}"
    if len(path) == 1:
        return f"  [{key}] {_section_fault(error)}; it accepts {', '.join(_keys(path))}"
    accepts = _description(path)
    text = _WORDING.get(error["type"], error["msg"].removeprefix("Value error, "))
    silent = error["type"] == "missing" or path[-1] == "password" or "token_command" in path
    shown = "" if silent else f" = {_PASSWORD.sub('//***@', repr(error['input']))}"
    return f"  {where}{shown}: {text}" + (f"; accepts {accepts}" if accepts else "")


def _in(section: str, key: str) -> bool:
    return key.startswith(f"{section}.")


def _section_fault(error: dict[str, Any]) -> str:
    if error["type"] == "value_error":
        return str(error["msg"]).removeprefix("Value error, ")
    if error["loc"][0] in _LISTS:
        return f"is a list of tables: write [[{error['loc'][0]}]]"
    if error["type"] != "missing":
        return "is not a section"
    section = _model([str(error["loc"][0])])
    needed = [name for name, field in section.model_fields.items() if field.is_required()] if section else []
    return f"is missing; it must hold {', '.join(needed)}"


def _model(path: list[str]) -> type[BaseModel] | None:
    field = Config.model_fields.get(path[0]) if path else None
    if field is None:
        return Config if not path else None
    found = _LISTS.get(path[0], field.annotation)
    return found if isinstance(found, type) and issubclass(found, BaseModel) else None


def _keys(path: list[str]) -> list[str]:
    model = _model(path)
    return sorted(model.model_fields) if model is not None else []


def _description(path: list[str]) -> str:
    model = _model(path[:1])
    names = [part for part in path[1:] if not part.isdigit()]
    if model is None or not names or names[0] not in model.model_fields:
        return ""
    return model.model_fields[names[0]].description or ""
