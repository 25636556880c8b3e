"""A real DNS server on loopback, UDP and TCP, that answers from a table and fails as told."""

import socketserver
import struct
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

UDP_BYTES = 1232


class DnsServer:
    """Answers with `records` (name and kind -> values as a zone file writes them)."""

    def __init__(self, records: Mapping[tuple[str, str], list[str]]) -> None:
        self.records = dict(records)
        self.ttl = 300
        self.silent: set[str] = set()  # names nobody answers for
        self.failing: set[str] = set()  # names answered with SERVFAIL
        self.asked: list[tuple[str, str]] = []
        self.by_tcp = 0
        self._tcp = _Tcp(("127.0.0.1", 0), _TcpTurn)
        self.port = int(self._tcp.server_address[1])
        self._udp = _Udp(("127.0.0.1", self.port), _UdpTurn)
        self._tcp.owner = self._udp.owner = self
        self._threads = [threading.Thread(target=one.serve_forever, args=(0.02,)) for one in self._servers]
        for thread in self._threads:
            thread.start()

    @property
    def _servers(self) -> "list[_Tcp | _Udp]":
        return [self._tcp, self._udp]

    @property
    def address(self) -> str:
        """Where it listens, as the configuration writes it."""
        return f"127.0.0.1:{self.port}"

    def close(self) -> None:
        """Stop answering."""
        for server in self._servers:
            server.shutdown()
            server.server_close()
        for thread in self._threads:
            thread.join()

    def answer(self, wire: bytes, most: int) -> bytes | None:
        """Answer one message in at most so many bytes; None for silence."""
        query = dns.message.from_wire(wire)
        question = query.question[0]
        name, kind = (
            question.name.to_text(omit_final_dot=True).lower(),
            dns.rdatatype.to_text(question.rdtype),
        )
        self.asked.append((name, kind))
        if name in self.silent:
            return None
        response = dns.message.make_response(query, recursion_available=True)
        if name in self.failing:
            response.set_rcode(dns.rcode.SERVFAIL)
            return response.to_wire()
        for rrset in self._sets(question.name, kind):
            response.answer.append(rrset)
        if not response.answer and all(known != name for known, _ in self.records):
            response.set_rcode(dns.rcode.NXDOMAIN)
        whole = response.to_wire(max_size=65535)
        if len(whole) <= most:
            return whole
        cut = dns.message.make_response(query, recursion_available=True)
        cut.flags |= dns.flags.TC
        return cut.to_wire()

    def _sets(self, name: dns.name.Name, kind: str) -> Iterator[dns.rrset.RRset]:
        """Yield the records of a name, those of the names it stands for before them."""
        text = name.to_text(omit_final_dot=True).lower()
        if alias := self.records.get((text, "CNAME")):
            yield dns.rrset.from_text(name, self.ttl, "IN", "CNAME", f"{alias[0]}.")
            yield from self._sets(dns.name.from_text(alias[0]), kind)
        elif values := self.records.get((text, kind)):
            yield dns.rrset.from_text_list(name, self.ttl, "IN", kind, values)


class _UdpTurn(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        data, line = self.request
        assert isinstance(self.server, _Udp)
        answer = self.server.owner.answer(data, UDP_BYTES)
        if answer is not None:
            line.sendto(answer, self.client_address)


class _TcpTurn(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        assert isinstance(self.server, _Tcp)
        (length,) = struct.unpack(">H", self.rfile.read(2))
        self.server.owner.by_tcp += 1
        answer = self.server.owner.answer(self.rfile.read(length), 65535)
        if answer is not None:
            self.wfile.write(struct.pack(">H", len(answer)) + answer)


class _Udp(socketserver.ThreadingUDPServer):
    owner: DnsServer
    daemon_threads = True


class _Tcp(socketserver.ThreadingTCPServer):
    owner: DnsServer
    allow_reuse_address = True
    daemon_threads = True


def txt(value: str) -> str:
    """Write a TXT value as a zone file does, in strings of 255 characters."""
    pieces = [value[at : at + 255] for at in range(0, len(value), 255)] or [""]
    escaped = (piece.replace("\\", "\\\\").replace('"', '\\"') for piece in pieces)
    return " ".join(f'"{piece}"' for piece in escaped)


@contextmanager
def dns_serving(records: Mapping[tuple[str, str], list[str]]) -> Iterator[DnsServer]:
    """Run a DNS server until the block ends."""
    server = DnsServer(records)
    try:
        yield server
    finally:
        server.close()
