"""Where DATA ends, to the byte."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.intake.data import DataScanner

from .callers import stuff

# Whatever can be mistaken for the end of data, often.
PIECES = st.lists(
    st.sampled_from([b"\r", b"\n", b".", b"\r\n", b"\r\n.", b"\n.\n", b"x", b"\0", b"\xe3\x81\x82"])
)
CUTS = st.lists(st.integers(1, 7), min_size=1)


def chunks(data: bytes, sizes: list[int]) -> list[bytes]:
    parts: list[bytes] = []
    while data:
        size = sizes[len(parts) % len(sizes)]
        parts.append(data[:size])
        data = data[size:]
    return parts


@given(PIECES, CUTS)
def test_any_content_in_any_chunks_comes_out_as_it_went_in(pieces: list[bytes], cuts: list[int]) -> None:
    content = b"".join(pieces) + b"\r\n"
    scanner = DataScanner(1000)
    rests = [scanner.feed(chunk) for chunk in chunks(stuff(content) + b".\r\n", cuts)]
    assert rests == [None] * (len(rests) - 1) + [b""]
    assert scanner.content() == content


@given(PIECES, st.binary(max_size=20))
def test_the_end_is_found_at_the_first_crlf_dot_crlf_and_nowhere_else(
    pieces: list[bytes], after: bytes
) -> None:
    wire = b"".join(pieces) + b"\r\n.\r\n" + after
    end = (b"\r\n" + wire).index(b"\r\n.\r\n")
    assert DataScanner(1000).feed(wire) == wire[end + 3 :]


def test_a_dot_alone_ends_an_empty_message() -> None:
    scanner = DataScanner(10)
    assert scanner.feed(b".\r\nQUIT\r\n") == b"QUIT\r\n"
    assert scanner.content() == b""


@pytest.mark.parametrize("content", [b"x" * 98 + b"\r\n", b".\r\n" * 33])
def test_the_limit_counts_unstuffed_bytes(content: bytes) -> None:
    for limit, kept in ((len(content), content), (len(content) - 1, None)):
        scanner = DataScanner(limit)
        rests = [scanner.feed(chunk) for chunk in chunks(stuff(content) + b".\r\n", [1])]
        assert rests[-1] == b""
        assert scanner.content() == kept


def test_past_the_limit_only_the_end_is_still_looked_for() -> None:
    scanner = DataScanner(10)
    assert scanner.feed(b"x" * 1000) is None
    assert scanner.feed(b"y" * 5 + b"\r\n.") is None
    assert scanner.feed(b"\r\nNOOP\r\n") == b"NOOP\r\n"
    assert scanner.content() is None
