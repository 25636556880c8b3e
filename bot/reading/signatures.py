"""Authentication-Results headers cut into tokens (RFC 8601 §2.2); whom to believe is decided elsewhere."""

import re
from dataclasses import dataclass

from bot.mail import AuthenticationHeader, MethodResult
from bot.reading.headers import unfold
from bot.reading.mime import Headers

_WORD = re.compile(r'[^\s;()"=]+')
_VALUE = re.compile(r'[^\s;()"]+')
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_METHOD = re.compile(r"([A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)(?:/([0-9]+))?")
_KEYWORD = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?")
_VERSION = "1"


class _Broken(Exception):
    """The header is not written to the grammar."""


def authentication_headers(headers: Headers) -> tuple[AuthenticationHeader, ...]:
    """Return every Authentication-Results header in order, each with its place against the topmost Received.

    Where no Received line stands at all none counts as above it: no hop has put its mark on the mail.
    """
    names = [name for name, _ in headers.fields]
    topmost = names.index("received") if "received" in names else 0
    return tuple(
        _header(raw, above_received=place < topmost)
        for place, (name, raw) in enumerate(headers.fields)
        if name == "authentication-results"
    )


def _header(raw: bytes, *, above_received: bool) -> AuthenticationHeader:
    text = unfold(raw).decode("utf_8", "replace")
    scanner = _Scanner(text)
    authserv_id, results, sound = "", [], True
    try:
        authserv_id = scanner.authserv_id()
        results = list(scanner.results())
    except _Broken:
        sound, results = False, []
    return AuthenticationHeader(
        authserv_id=authserv_id, above_received=above_received, results=tuple(results), sound=sound
    )


@dataclass
class _Scanner:
    """One pass over one header; comments count as space, wherever space may stand."""

    text: str
    at: int = 0

    def authserv_id(self) -> str:
        self._space()
        found = self._value()
        self._space()
        if version := self._match(_WORD):
            if version != _VERSION:
                raise _Broken
            self._space()
        if self.at < len(self.text) and self.text[self.at] != ";":
            raise _Broken
        return found.lower()

    def results(self) -> list[MethodResult]:
        found: list[MethodResult] = []
        said_none = False
        while self.at < len(self.text):
            self.at += 1
            self._space()
            if self.at == len(self.text):
                break  # a last ';' with nothing behind it: not in the grammar, but seen everywhere
            one = self._result()
            said_none = said_none or one is None
            if one:
                found.append(one)
        if said_none and found:
            raise _Broken
        return found

    def _result(self) -> MethodResult | None:
        method = self._name()
        if method.lower() == "none" and self._ended():
            return None
        named = _METHOD.fullmatch(method)
        if not named or (named[2] and named[2] != _VERSION):
            raise _Broken
        result = self._equals_value()
        if not _KEYWORD.fullmatch(result):
            raise _Broken
        properties: dict[str, str] = {}
        while not self._ended():
            key = self._name().lower()
            if not _KEYWORD.fullmatch(key):
                raise _Broken
            value = self._equals_value()
            if properties.setdefault(key, value) != value:
                raise _Broken
        return MethodResult(method=named[1].lower(), result=result.lower(), properties=properties)

    def _name(self) -> str:
        """Return a method or property name; comments may stand around its slash or dot."""
        name = self._match(_WORD)
        self._space()
        while name and (name[-1] in "./" or self.text[self.at : self.at + 1] in (".", "/")):
            if not (more := self._match(_WORD)):
                raise _Broken
            name += more
            self._space()
        return name

    def _equals_value(self) -> str:
        if self.text[self.at : self.at + 1] != "=":
            raise _Broken
        self.at += 1
        self._space()
        value = self._value()
        before = self.at
        self._space()
        if not self._ended() and before == self.at:
            raise _Broken  # two values, or a value and a word, run together
        return value

    def _value(self) -> str:
        if self.text[self.at : self.at + 1] == '"':
            quoted = _QUOTED.match(self.text, self.at)
            if not quoted or not quoted[1].isprintable():
                raise _Broken
            self.at = quoted.end()
            return re.sub(r"\\(.)", r"\1", quoted[1])
        if not (value := self._match(_VALUE)):
            raise _Broken
        return value

    def _ended(self) -> bool:
        return self.text[self.at : self.at + 1] in ("", ";")

    def _match(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self.text, self.at)
        if not found:
            return ""
        if not found[0].isascii() or not found[0].isprintable():
            raise _Broken
        self.at = found.end()
        return found[0]

    def _space(self) -> None:
        """Skip blanks and comments; comments nest, and a backslash in them hides the next character."""
        depth = 0
        while self.at < len(self.text):
            char = self.text[self.at]
            if char == "(":
                depth += 1
            elif char == ")" and depth:
                depth -= 1
            elif char == "\\" and depth:
                self.at += 1
            elif not depth and char not in " \t":
                return
            self.at += 1
        if depth or self.at > len(self.text):
            raise _Broken
