"""Authentication-Results cut into tokens (RFC 8601), hostile ones included."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.mail import AuthenticationHeader
from bot.reading.mime import Headers
from bot.reading.signatures import authentication_headers


def tokens(value: str | bytes) -> AuthenticationHeader:
    raw = value.encode() if isinstance(value, str) else value
    (found,) = authentication_headers(Headers([("authentication-results", raw), ("received", b"x")]))
    return found


def results(value: str) -> list[tuple[str, str, dict[str, str]]]:
    found = tokens(value)
    assert found.sound, value
    return [(one.method, one.result, one.properties) for one in found.results]


def test_the_examples_of_the_standard_are_read() -> None:
    """RFC 8601, appendix B."""
    assert results(" example.org 1; none") == []
    assert results("example.com;\r\n spf=pass smtp.mailfrom=example.net") == [
        ("spf", "pass", {"smtp.mailfrom": "example.net"})
    ]
    assert results(
        "example.com;\r\n\tauth=pass (cram-md5) smtp.auth=sender@example.net;\r\n"
        "\tspf=pass smtp.mailfrom=example.net"
    ) == [
        ("auth", "pass", {"smtp.auth": "sender@example.net"}),
        ("spf", "pass", {"smtp.mailfrom": "example.net"}),
    ]
    assert results(
        "foo.example.net (foobar) 1 (baz);\r\n dkim (Because I like it) / 1 (One yay) = (wait for it) fail"
        "\r\n  policy (A dot can go here) . (like that) expired\r\n  (this surprised me) = (as I am not) 136"
    ) == [("dkim", "fail", {"policy.expired": "136"})]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (
            "mx.example; DKIM=Pass header.d=Iyo.example header.i=@iyo.example header.s=s1 header.b=ab/C+d==",
            ("dkim", "pass", {"header.d": "Iyo.example", "header.i": "@iyo.example", "header.s": "s1",
                              "header.b": "ab/C+d=="}),
        ),
        (
            "mx.example; dmarc=pass action=none header.from=iyo.example;",
            ("dmarc", "pass", {"action": "none", "header.from": "iyo.example"}),
        ),
        (
            'mx.example; dkim=fail reason="it; says \\"dkim=pass\\"" header.d=x.example',
            ("dkim", "fail", {"reason": 'it; says "dkim=pass"', "header.d": "x.example"}),
        ),
        ("mx.example; dkim/1=pass(x)header.d = (y) x.example", ("dkim", "pass", {"header.d": "x.example"})),
        ("mx.example; spf=pass (a (b; dkim=pass) \\) c) smtp.helo=x", ("spf", "pass", {"smtp.helo": "x"})),
        ('"mx.example"; x=pass policy.x=2001:db8::1', ("x", "pass", {"policy.x": "2001:db8::1"})),
    ],
)  # fmt: skip
def test_real_headers_are_read(value: str, expected: tuple[str, str, dict[str, str]]) -> None:
    assert results(value) == [expected]
    assert tokens(value).authserv_id == "mx.example"


@pytest.mark.parametrize(
    "value",
    [
        "",
        ";",
        "; dkim=pass",
        "mx.example dkim=pass",
        "spf=pass smtp.mailfrom=x; dkim=pass",
        "mx.example 2; dkim=pass",
        "mx.example; dkim",
        "mx.example; dkim=",
        "mx.example; =pass",
        "mx.example; dkim=pass header.d",
        "mx.example; dkim=pass header.d=",
        "mx.example; dkim=pass header.d=exa(x)mple.jp",
        'mx.example; dkim=pass header.d="a"b',
        "mx.example; dkim=pass header.d=a header.d=b",
        "mx.example; dkim=pass (open",
        "mx.example; dkim=pass )",
        "mx.example; dkim=pass (a\\",
        'mx.example; dkim=fail reason="open; dkim=pass',
        "mx.example; dkim=fail (x)) ; dkim=pass",
        "mx.example; none; dkim=pass",
        "mx.example; dkim/2=pass",
        "mx.example; dkim=pass;; spf=pass",
        "mx.example, mx.other; dkim=pass",
        "mx.example; dkim=pass\u3000header.d=x",
        "mx\0.example; dkim=pass",
    ],
)  # fmt: skip
def test_hostile_syntax_is_not_sound_and_gives_no_results(value: str) -> None:
    """Trap: parsers of this header get fooled by nested comments and quoted strings."""
    found = tokens(value)
    assert not found.sound
    assert found.results == ()


def test_only_headers_above_the_topmost_received_line_are_marked_so() -> None:
    fields = [
        ("return-path", b"<a@b.example>"),
        ("authentication-results", b"ours; dkim=pass"),
        ("received", b"by ours"),
        ("authentication-results", b"ours; dkim=fail"),
        ("received", b"by theirs"),
        ("authentication-results", b"theirs; none"),
    ]
    found = authentication_headers(Headers(fields))
    assert [(one.authserv_id, one.above_received) for one in found] == [
        ("ours", True),
        ("ours", False),
        ("theirs", False),
    ]


def test_without_any_received_line_no_header_stands_above_it() -> None:
    (found,) = authentication_headers(Headers([("authentication-results", b"ours; dkim=pass")]))
    assert not found.above_received


@pytest.mark.parametrize("unit", ["(", "a(b)", '"', '\\"', "a; b=c ", "=", " "])
def test_tokenising_is_linear(unit: str) -> None:
    began = time.process_time()
    tokens("mx.example; dkim=pass " + unit * (120_000 // len(unit)))
    assert time.process_time() - began < 1


@given(st.text(st.sampled_from('mx;=.() "\\/dkimpass1@\t'), max_size=60))
def test_no_header_raises(value: str) -> None:
    assert tokens(value).results == () or tokens(value).sound
