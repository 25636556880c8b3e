"""ZIP archives in a reading child: what comes out of them, and what becomes of hostile ones."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.mail import Attachment, Mail
from bot.reading import zip_crypto
from bot.reading.archives import MAX_ARCHIVES, MAX_FILES, Unpacked, unpack
from bot.reading.attachments import describe_file
from bot.reading.client import ReadingHelper
from bot.reading.limits import Limits
from bot.reading.wire import Unpack
from bot.reading.zip_directory import members, packed_bytes
from tests import mails
from tests.reading.builders import attached, mail, multipart, part
from tests.zips import SYMLINK, Held, archive, locked, overlapping

SECRET = "Tk#8vQ2m"
PDF = b"%PDF-1.4 the contract"


@pytest.fixture(scope="module")
def helper() -> Iterator[ReadingHelper]:
    running = ReadingHelper()
    running.start()
    yield running
    running.close()


def described(*files: bytes) -> list[Attachment]:
    return [describe_file(at, f"{at}.zip", "application/zip", data, 0) for at, data in enumerate(files)]


def opened(*files: bytes, passwords: tuple[str, ...] = ()) -> Unpacked:
    return unpack(described(*files), files, passwords)


def state(*files: bytes, passwords: tuple[str, ...] = ()) -> str:
    return opened(*files, passwords=passwords).attachments[0].archive


def names(*files: bytes, passwords: tuple[str, ...] = ()) -> list[str]:
    found = opened(*files, passwords=passwords).attachments
    return [one.name for one in found if one.within is not None]


def with_archives(*files: bytes) -> bytes:
    parts = [attached(data, f"{at}.zip", "application/zip") for at, data in enumerate(files)]
    return b"From: a@b.example\r\n" + multipart("mixed", part("x"), *parts)


def test_the_files_of_an_archive_are_further_attachments() -> None:
    found = opened(archive(Held("請負契約書.pdf", PDF), Held("内訳/明細.txt", b"x")))
    inner = [(one.index, one.name, one.kind, one.size, one.within) for one in found.attachments[1:]]
    assert inner == [(1, "請負契約書.pdf", "pdf", len(PDF), 0), (2, "明細.txt", "text", 1, 0)]
    assert found.files[1:] == [PDF, b"x"]


def test_an_archive_under_a_password_is_known_by_its_flag() -> None:
    plain, under = described(archive(Held("a.pdf", PDF)), locked(SECRET))
    assert (plain.encrypted, under.encrypted) == (False, True)


def test_one_locked_file_among_open_ones_makes_an_archive_encrypted() -> None:
    (one,) = described(archive(Held("a.txt", b"x"), Held("b.pdf", PDF, SECRET)))
    assert one.encrypted


def test_an_archive_whose_directory_is_lost_is_judged_by_its_first_header() -> None:
    assert described(locked(SECRET)[:80])[0].encrypted
    assert not described(archive(Held("a.txt", b"x" * 80, method=0))[:80])[0].encrypted


@pytest.mark.parametrize("method", [0, 8])
@pytest.mark.parametrize("later_crc", [False, True])
def test_the_right_password_opens(method: int, later_crc: bool) -> None:
    data = archive(Held("a.pdf", PDF * 50, SECRET, method=method, later_crc=later_crc))
    found = opened(data, passwords=("wrong1", SECRET))
    assert (found.attachments[0].archive, found.files[1], found.used) == ("opened", PDF * 50, {1})


def test_an_archive_of_info_zip_is_opened(helper: ReadingHelper) -> None:
    data = (Path(mails.__file__).parent / "ppap-gateway-archive.eml").read_bytes()
    with helper.read(data, null_sender=False) as conversation:
        found, _ = conversation.unpack((SECRET,))
    assert [one.name for one in found.attachments] == ["請負契約書（写）.zip", "contract.pdf"]


def test_without_a_password_a_locked_archive_stays_locked() -> None:
    assert state(locked(SECRET)) == "locked"


def test_wrong_passwords_open_nothing() -> None:
    found = opened(locked(SECRET), passwords=("wrong1", "wrong2", ""))
    assert (found.attachments[0].archive, len(found.attachments), found.used) == ("wrong_password", 1, set())


def test_a_wrong_password_that_passes_the_header_is_told_by_the_checksum() -> None:
    """One wrong password in 256 passes the one byte that a header has for telling."""
    data = locked(SECRET)
    lucky = next(f"{n}" for n in range(5000) if zip_crypto.fits(str(n).encode(), *_header(data)))
    assert opened(data, passwords=(lucky, SECRET)).used == {1}


def _header(data: bytes) -> tuple[bytes, int]:
    (member,) = members(data)
    return packed_bytes(data, member), member.check


def test_an_archive_is_unpacked_with_three_passwords_at_most() -> None:
    data = locked(SECRET)
    lucky = [f"{n}" for n in range(9000) if zip_crypto.fits(str(n).encode(), *_header(data))]
    assert state(data, passwords=(*lucky[:3], SECRET)) == "wrong_password"
    assert state(data, passwords=(*lucky[:2], SECRET)) == "opened"


def test_each_archive_is_opened_by_its_own_password() -> None:
    found = opened(locked("one1"), locked("two2"), passwords=("two2", "one1"))
    assert [one.archive for one in found.attachments[:2]] == ["opened", "opened"]
    assert found.used == {0, 1}


def test_names_in_cp932_are_read() -> None:
    """Trap: Windows in Japan writes CP932 without saying so; the standard library reads it as CP437."""
    assert names(archive(Held("請負契約書（写）①.pdf".encode("cp932"), PDF))) == ["請負契約書（写）①.pdf"]


def test_names_in_utf_8_without_its_flag_are_read_and_marks_are_put_back() -> None:
    assert names(archive(Held("か\u3099.pdf".encode(), PDF, flags=0))) == ["が.pdf"]


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "/etc/passwd", "..\\..\\passwd", "C:\\x\\passwd", "a/../passwd", "passwd"]
)
def test_a_name_is_never_a_path(name: str) -> None:
    assert names(archive(Held(name, b"x"))) == ["passwd"]


def test_a_name_without_its_direction_characters_is_shown() -> None:
    assert names(archive(Held("a\u202efdp.exe\0x", b"x")))[0].isprintable()


def test_symbolic_links_folders_and_what_a_mac_leaves_behind_are_no_files() -> None:
    data = archive(
        Held("link", b"/etc/passwd", mode=SYMLINK),
        Held("folder/", b"", method=0),
        Held("__MACOSX/._a.pdf", b"x"),
        Held(".DS_Store", b"x"),
        Held("a.pdf", PDF),
    )
    assert names(data) == ["a.pdf"]


def test_more_than_fifty_files_are_too_many() -> None:
    assert state(archive(*(Held(f"{n}", b"x") for n in range(MAX_FILES)))) == "opened"
    assert state(archive(*(Held(f"{n}", b"x") for n in range(MAX_FILES + 1)))) == "too_much"


def test_a_directory_of_sixty_five_thousand_entries_costs_nothing() -> None:
    data = overlapping(65_000, b"x")
    began = time.monotonic()
    assert state(data) == "too_much"
    assert time.monotonic() - began < 1


def test_a_bomb_of_zeros_is_too_much() -> None:
    """Trap: 399 kB of ZIP unpack to 835 MB."""
    assert state(archive(Held("zeros", bytes(62 << 20)))) == "too_much"


def test_a_bomb_under_a_password_is_too_much() -> None:
    data = archive(Held("zeros", bytes(20 << 20), SECRET))
    assert state(data, passwords=(SECRET,)) == "too_much"


def test_members_that_share_their_bytes_count_each_time() -> None:
    """A bomb without nesting: one packed member, named again and again."""
    few, many = (overlapping(times, b"0123456789abcdef" * 4000) for times in (10, 20))
    found = [unpack(described(one), [one], (), 1 << 20).attachments[0].archive for one in (few, many)]
    assert found == ["opened", "too_much"]


def test_all_archives_of_a_mail_share_one_room() -> None:
    one = archive(Held("a", b"x" * 600_000, method=0))
    found = unpack(described(one, one), [one, one], (), 1 << 20).attachments[:2]
    assert [a.archive for a in found] == ["opened", "too_much"]


def test_more_than_five_archives_are_not_opened() -> None:
    one = archive(Held("a", b"x"))
    found = opened(*[one] * (MAX_ARCHIVES + 1)).attachments[: MAX_ARCHIVES + 1]
    assert [a.archive for a in found] == ["opened"] * MAX_ARCHIVES + ["too_much"]


def test_an_archive_in_an_archive_stays_closed() -> None:
    found = opened(archive(Held("inner.zip", locked(SECRET)))).attachments
    assert [(one.kind, one.archive, one.encrypted) for one in found[1:]] == [("zip", "", True)]


@pytest.mark.parametrize("held", [Held("a", PDF, SECRET, method=99), Held("a", PDF, SECRET, flags=0x40)])
def test_other_encryption_than_the_traditional_is_not_opened(held: Held) -> None:
    assert state(archive(held), passwords=(SECRET,)) == "unknown_encryption"
    assert state(archive(held)) == "unknown_encryption"


@pytest.mark.parametrize(
    "data",
    [
        archive(Held("a", PDF, crc=1)),
        archive(Held("a", PDF, method=12)),
        archive(Held("a", b"no deflate"))[:60],
        archive(Held("a", PDF)).replace(b"PK\1\2", b"PK\1\3"),
        archive(Held("a", PDF), Held("b", PDF))[:-40],
        b"PK\3\4",
    ],
)
def test_a_damaged_archive_is_damaged(data: bytes) -> None:
    assert state(data) == "damaged"


def test_what_stands_before_or_behind_an_archive_does_not_matter() -> None:
    data = archive(Held("a.pdf", PDF), before=b"PK\3\4 a program", comment=b"by a gateway")
    assert names(data) == ["a.pdf"]


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_no_bytes_whatever_raise(data: st.DataObject) -> None:
    whole = bytearray(archive(Held("a.pdf", PDF, SECRET), Held("b", b"x" * 99)))
    for _ in range(data.draw(st.integers(0, 6))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(whole)))
    unpack(described(b"PK\3\4" + bytes(whole[:cut])), [b"PK\3\4" + bytes(whole[:cut])], (SECRET,))


def test_a_confined_child_opens_an_archive_and_reads_the_pdf_in_it(helper: ReadingHelper) -> None:
    """Trap: what loads at first use cannot be loaded in a child that opens no file."""
    data = with_archives(
        archive(Held("写.pdf".encode("cp932"), PDF, SECRET), Held("メモ.txt", "承認".encode()))
    )
    with helper.read(data, null_sender=False) as conversation:
        found, used = conversation.unpack(("wrong1", SECRET))
        assert [one.name for one in found.attachments] == ["0.zip", "写.pdf", "メモ.txt"]
        assert used == (1,)
        readings = conversation.papers([1, 2])
    assert (readings[0].what, readings[1].text) == ("damaged", "承認")


def test_a_fresh_child_comes_to_the_same_files(helper: ReadingHelper) -> None:
    """The one before it died: its files are gone with it."""
    data = with_archives(locked(SECRET, "a.txt", data=b"yes"))
    with helper.read(data, null_sender=False) as conversation:
        conversation.unpack((SECRET,))
        conversation.close()
        assert conversation.papers([1])[0].text == "yes"


def test_an_archive_that_takes_too_long_is_too_much() -> None:
    quick = ReadingHelper(Limits(archive_seconds=1))
    slow = with_archives(archive(Held("big", PDF, SECRET, noise=bytes(12 << 20))))
    try:
        with quick.read(slow, null_sender=False) as conversation:
            found, used = conversation.unpack((SECRET,))
            assert isinstance(conversation.mail, Mail)
        assert ([one.archive for one in found.attachments], used) == (["too_much"], ())
    finally:
        quick.close()


def test_a_password_stands_in_no_representation() -> None:
    assert SECRET not in repr(Unpack(passwords=(SECRET,)))


def test_a_plain_mail_has_nothing_to_unpack(helper: ReadingHelper) -> None:
    with helper.read(mail("承認"), null_sender=False) as conversation:
        assert conversation.unpack(())[0].attachments == ()
