"""A provider of our own on a real socket: enough of IMAP4rev1 for the mailbox door, and faults on demand."""

import base64
import re
import select
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

USER, PASSWORD = "hosho", 'hunter2 "with\\ 秘密'
MOMENT = datetime(2026, 10, 1, 0, 30, tzinfo=UTC)
EVERYTHING = ("IDLE", "MOVE", "UIDPLUS", "AUTH=PLAIN", "AUTH=XOAUTH2")


@dataclass
class Kept:
    """One mail in a folder. `said` is the size the provider claims, where that is not the truth."""

    uid: int
    data: bytes
    moment: datetime = MOMENT
    flags: set[str] = field(default_factory=set)
    said: int | None = None


@dataclass
class Folder:
    """One folder: its mails in order, and what its UIDs mean."""

    uidvalidity: int = 1
    uidnext: int = 1
    mails: list[Kept] = field(default_factory=list)
    permanent: str = r"\Seen \Flagged \Deleted \*"


class Gone(Exception):
    """This connection is over."""


Fault = Callable[["Conversation", str, str], None]
"""What happens instead of the answer to one command: given the connection, the tag and the arguments."""


class Provider:
    """A server that listens until it is closed. `faults`: the beginning of a command, and what goes wrong."""

    def __init__(self, *capabilities: str) -> None:
        self.capabilities = capabilities
        self.folders = {"INBOX": Folder()}
        self.commands: list[str] = []  # all, in order, without their tags
        self.faults: list[tuple[str, Fault]] = []  # each happens once, at the first command it fits
        self.password = PASSWORD
        self.token = ""  # where set, XOAUTH2 wants it
        self.connections = 0
        self.lock = threading.RLock()
        self.conversations: list[Conversation] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._threads = [threading.Thread(target=self._listen, daemon=True)]
        self._threads[0].start()

    @property
    def inbox(self) -> Folder:
        """The folder INBOX."""
        return self.folders["INBOX"]

    def deliver(self, data: bytes, folder: str = "INBOX", **fields: object) -> int:
        """Put a mail into a folder and tell whoever idles there; return its UID."""
        with self.lock:
            box = self.folders[folder]
            uid = box.uidnext
            box.uidnext += 1
            box.mails.append(Kept(uid, data, **fields))  # type: ignore[arg-type]
        self.tell()
        return uid

    def tell(self) -> None:
        """Wake the connections that idle."""
        for one in list(self.conversations):
            one.wake()

    def remove(self, uid: int) -> None:
        """Take a mail away, as another client would, telling nobody."""
        with self.lock:
            self.inbox.mails = [one for one in self.inbox.mails if one.uid != uid]

    def mail(self, uid: int, folder: str = "INBOX") -> Kept:
        """Return one mail."""
        with self.lock:
            return next(one for one in self.folders[folder].mails if one.uid == uid)

    def said(self, beginning: str) -> list[str]:
        """Return the commands that began so."""
        with self.lock:
            return [one for one in self.commands if one.startswith(beginning)]

    def idling(self) -> bool:
        """Say whether somebody idles."""
        return any(one.idles for one in list(self.conversations))

    def kick(self) -> None:
        """Close every connection without a word."""
        for one in list(self.conversations):
            one.drop()

    def close(self) -> None:
        """Stop listening and end all connections."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.kick()
        for thread in self._threads:
            thread.join(10)

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            conversation = Conversation(self, connection)
            self.conversations.append(conversation)
            thread = threading.Thread(target=conversation.run, daemon=True)
            thread.start()
            self._threads.append(thread)


class Conversation:
    """One client."""

    def __init__(self, provider: Provider, connection: socket.socket) -> None:
        self.provider = provider
        self.idles = False
        self.folder: Folder | None = None
        self.told = 0  # EXISTS as the client knows it
        self._connection = connection
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._held = b""
        self._woken, self._waker = socket.socketpair()

    def run(self) -> None:
        """Speak with the client until either is tired of it."""
        try:
            self._maybe_fault("GREETING", "", "")
            self.say(f"* OK [CAPABILITY {self._capability()}] ready")
            while True:
                tag, _, command = self.line().partition(" ")
                with self.provider.lock:
                    self.provider.commands.append(command)
                self._answer(tag, command)
        except (Gone, OSError):
            pass
        finally:
            with suppress(ValueError):
                self.provider.conversations.remove(self)
            for one in (self._connection, self._woken, self._waker):
                one.close()

    def wake(self) -> None:
        """Let an idling client hear of what is new."""
        with suppress(OSError):
            self._waker.send(b"!")

    def drop(self) -> None:
        """Close the connection from outside."""
        with suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)

    def say(self, *lines: str) -> None:
        """Send lines in one packet."""
        self.send("".join(f"{one}\r\n" for one in lines).encode())

    def send(self, data: bytes) -> None:
        """Send bytes."""
        self._connection.sendall(data)

    def line(self) -> str:
        """Return the client's next line."""
        while b"\r\n" not in self._held:
            chunk = self._connection.recv(65536)
            if not chunk:
                raise Gone
            self._held += chunk
        line, _, self._held = self._held.partition(b"\r\n")
        return line.decode("utf-8", "replace")

    def silence(self) -> None:
        """Say nothing any more until the client goes away."""
        while self._connection.recv(65536):
            pass
        raise Gone

    def _capability(self) -> str:
        return " ".join(("IMAP4rev1", *self.provider.capabilities))

    def _maybe_fault(self, command: str, tag: str, arguments: str) -> bool:
        with self.provider.lock:
            for one in self.provider.faults:
                if command.startswith(one[0]):
                    self.provider.faults.remove(one)
                    break
            else:
                return False
        one[1](self, tag, arguments)
        return True

    def _answer(self, tag: str, command: str) -> None:
        uid = command.upper().startswith("UID ")
        verb, _, arguments = command[4 * uid :].partition(" ")
        if self._maybe_fault(command, tag, arguments):
            return
        method = getattr(self, f"_do_{verb.lower()}", None)
        if method is None:
            self.say(f"{tag} BAD unknown command")
        else:
            method(tag, arguments)

    def done(self, tag: str, text: str = "done") -> None:
        """End a command well; tell of new mails first, as servers do."""
        self._tell_exists()
        self.say(f"{tag} OK {text}")

    def _tell_exists(self) -> None:
        if self.folder is not None and len(self.folder.mails) != self.told:
            self.told = len(self.folder.mails)
            self.say(f"* {self.told} EXISTS")

    def _do_capability(self, tag: str, _: str) -> None:
        self.say(f"* CAPABILITY {self._capability()}", f"{tag} OK done")

    def _do_noop(self, tag: str, _: str) -> None:
        self.done(tag)

    def _do_logout(self, tag: str, _: str) -> None:
        self.say("* BYE", f"{tag} OK bye")
        raise Gone

    def _do_login(self, tag: str, arguments: str) -> None:
        quoted = self.provider.password.replace("\\", "\\\\").replace('"', '\\"')
        self._let_in(tag, arguments == f'{USER} "{quoted}"')

    def _do_authenticate(self, tag: str, mechanism: str) -> None:
        self.say("+ ")
        answer = base64.b64decode(self.line()).decode()
        if mechanism == "PLAIN":
            self._let_in(tag, answer == f"\0{USER}\0{self.provider.password}")
        elif answer == f"user={USER}\1auth=Bearer {self.provider.token}\1\1":
            self._let_in(tag, True)
        else:
            self.say("+ " + base64.b64encode(b'{"status":"401"}').decode())
            assert self.line() == ""
            self._let_in(tag, False)

    def _let_in(self, tag: str, right: bool) -> None:
        answer = f"OK [CAPABILITY {self._capability()}]" if right else f"NO wrong: {self.provider.password}"
        self.say(f"{tag} {answer}")

    def _do_select(self, tag: str, arguments: str) -> None:
        self.folder = self.provider.folders.get(arguments.strip('"'))
        if self.folder is None:
            self.say(f"{tag} NO [NONEXISTENT] no such folder")
            return
        self.told = len(self.folder.mails)
        self.say(
            r"* FLAGS (\Seen \Flagged \Deleted)",
            f"* {self.told} EXISTS",
            "* 0 RECENT",
            f"* OK [PERMANENTFLAGS ({self.folder.permanent})] ok",
            f"* OK [UIDVALIDITY {self.folder.uidvalidity}] ok",
            f"* OK [UIDNEXT {self.folder.uidnext}] ok",
            f"{tag} OK [READ-WRITE] selected",
        )

    _do_examine = _do_select

    def _do_create(self, tag: str, arguments: str) -> None:
        with self.provider.lock:
            self.provider.folders.setdefault(arguments.strip('"'), Folder())
        self.done(tag)

    def _do_search(self, tag: str, arguments: str) -> None:
        with self.provider.lock:
            mails = list(self._open().mails)
        if arguments.startswith("UID "):
            low = int(arguments[4:].partition(":")[0])
            found = [one for one in mails if one.uid >= low] or mails[-1:]
        else:
            first, last = (int(one) for one in arguments.split(":"))
            found = mails[first - 1 : last]
        self.say(" ".join(["* SEARCH", *(str(one.uid) for one in found)]))
        self.done(tag)

    def _open(self) -> Folder:
        assert self.folder is not None
        return self.folder

    def _named(self, uids: str) -> list[tuple[int, Kept]]:
        wanted = {int(one) for one in uids.split(",")}
        with self.provider.lock:
            return [(n, one) for n, one in enumerate(self._open().mails, 1) if one.uid in wanted]

    def _do_fetch(self, tag: str, arguments: str) -> None:
        uids, _, items = arguments.partition(" ")
        for number, mail in self._named(uids):
            size = len(mail.data) if mail.said is None else mail.said
            if "BODY" not in items:
                self.say(f"* {number} FETCH (UID {mail.uid} RFC822.SIZE {size})")
                continue
            date = mail.moment.strftime("%d-%b-%Y %H:%M:%S %z")
            head = f'* {number} FETCH (UID {mail.uid} INTERNALDATE "{date}" BODY[] {{{len(mail.data)}}}\r\n'
            self.send(head.encode() + mail.data + b")\r\n")
        self.done(tag)

    def _do_store(self, tag: str, arguments: str) -> None:
        match = re.fullmatch(r"(\S+) \+FLAGS\.SILENT \((.*)\)", arguments)
        assert match is not None, arguments
        for _, mail in self._named(match[1]):
            mail.flags |= set(match[2].split())
        self.done(tag)

    def _do_copy(self, tag: str, arguments: str) -> bool:
        uids, _, name = arguments.partition(" ")
        name = name.strip('"')
        if name not in self.provider.folders:
            self.say(f"{tag} NO [TRYCREATE] no such folder")
            return False
        for _, mail in self._named(uids):
            self.provider.deliver(mail.data, name, flags=set(mail.flags))
        self.done(tag)
        return True

    def _do_move(self, tag: str, arguments: str) -> None:
        if self._do_copy(tag, arguments):
            self._take_out({mail.uid for _, mail in self._named(arguments.partition(" ")[0])})

    def _do_expunge(self, tag: str, arguments: str) -> None:
        named = {int(one) for one in arguments.split(",")} if arguments else None
        gone = {
            one.uid
            for one in self._open().mails
            if r"\Deleted" in one.flags and (named is None or one.uid in named)
        }
        self._take_out(gone)
        self.done(tag)

    def _take_out(self, uids: set[int]) -> None:
        with self.provider.lock:
            folder = self._open()
            folder.mails = [one for one in folder.mails if one.uid not in uids]
            self.told = len(folder.mails)

    def _do_idle(self, tag: str, _: str) -> None:
        self.say("+ idling")
        self.idle(tag)

    def idle(self, tag: str) -> None:
        """Tell of new mails until DONE."""
        self.idles = True
        try:
            while b"\r\n" not in self._held:
                self._tell_exists()
                ready, _, _ = select.select([self._connection, self._woken], [], [])
                if self._woken in ready:
                    self._woken.recv(4096)
                if self._connection in ready:
                    chunk = self._connection.recv(65536)
                    if not chunk:
                        raise Gone
                    self._held += chunk
            assert self.line() == "DONE"
        finally:
            self.idles = False
        self.say(f"{tag} OK idle done")


def closes(conversation: Conversation, tag: str, arguments: str) -> None:
    """Close the connection instead of answering."""
    raise Gone


def silent(conversation: Conversation, tag: str, arguments: str) -> None:
    """Never answer again, and keep the connection."""
    conversation.silence()


def says_no(conversation: Conversation, tag: str, arguments: str) -> None:
    """Refuse."""
    conversation.say(f"{tag} NO not now")


def says_bad(conversation: Conversation, tag: str, arguments: str) -> None:
    """Take the command for nonsense."""
    conversation.say(f"{tag} BAD what?")


def says_bye(conversation: Conversation, tag: str, arguments: str) -> None:
    """Say good-bye and go, as servers do that are restarted."""
    conversation.say("* BYE shutting down")
    raise Gone


@contextmanager
def provider(*capabilities: str) -> Iterator[Provider]:
    """Run a provider until the block ends."""
    running = Provider(*capabilities)
    try:
        yield running
    finally:
        running.close()
