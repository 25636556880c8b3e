"""Whole mails: what a Mail says, what is Unreadable, and that nothing ever raises."""

import base64
import hashlib
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.mail import Mail, Unreadable
from bot.reading.mail import OpenedMail, read_mail
from tests.reading.builders import attached, encoded_word, mail, multipart, part, windows_jis

PDF = b"%PDF-1.4\n"


def opened(data: bytes) -> OpenedMail:
    found = read_mail(data)
    assert isinstance(found, OpenedMail), found
    return found


def read(data: bytes) -> Mail:
    return opened(data).mail


def refused(data: bytes) -> Unreadable:
    found = read_mail(data)
    assert isinstance(found, Unreadable)
    return found


def test_a_plain_mail_is_read_whole() -> None:
    found = read(
        mail(
            windows_jis("①を承認します\n"),
            **{"from": encoded_word("髙橋", "iso-2022-jp") + b" <soumu@Iyo.example>"},
            to="a@b.example, <c@d.example>",
            cc="e@f.example",
            subject=encoded_word("㈱いよ建設", "iso-2022-jp"),
            date="Fri, 13 Nov 2026 17:40:55 +0900",
            message_id="<1@x>",
            in_reply_to="<0@y>",
            references="<00@y> <0@y>",
            content_type="text/plain; charset=iso-2022-jp",
        )
    )
    assert (found.from_address, found.from_name) == ("soumu@iyo.example", "髙橋")
    assert (found.to, found.cc) == (("a@b.example", "c@d.example"), ("e@f.example",))
    assert (found.subject, found.new_text) == ("㈱いよ建設", "①を承認します")
    assert found.date is not None
    assert found.date.isoformat() == "2026-11-13T08:40:55+00:00"
    assert (found.message_id, found.references) == ("1@x", ("0@y", "00@y"))


def test_a_subject_of_448_kilobytes_makes_the_mail_unreadable_at_once() -> None:
    """Trap: header blocks are capped before anything is parsed."""
    began = time.process_time()
    found = refused(b"From: a@b.example\r\nSubject: " + b"=?utf-8?B?5L+d?= " * 26_000 + b"\r\n\r\n")
    assert (found.reason, found.from_address) == ("header block over 128 kB", "a@b.example")
    assert time.process_time() - began < 1


def test_a_thousand_nested_multiparts_are_unreadable() -> None:
    """Trap: they are a RecursionError in the standard library."""
    nest = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(1000))
    assert refused(b"From: a@b.example\n" + nest).reason == "parts nested more than 20 deep"
    assert refused(b"From: a@b.example\n" + b"Content-Type: message/rfc822\n\n" * 1000).reason == (
        "parts nested more than 20 deep"
    )


def test_ten_thousand_parts_are_unreadable_at_once() -> None:
    began = time.process_time()
    data = mail(b"--cut\r\n\r\nx\r\n" * 10_000, content_type="multipart/mixed; boundary=cut")
    assert refused(data).reason == "more than 200 parts"
    assert time.process_time() - began < 1


@pytest.mark.parametrize("unit", [b"--cut", b"--cut--cut\n", b"--cut \n", b"\n", b"-"])
def test_cutting_at_boundaries_is_linear(unit: bytes) -> None:
    began = time.process_time()
    read_mail(mail(unit * (4_000_000 // len(unit)), content_type="multipart/mixed; boundary=cut"))
    assert time.process_time() - began < 3


def test_an_unknown_charset_is_read_by_evidence() -> None:
    """Trap: LookupError on twelve real mails in the standard library."""
    assert read(mail("承認", content_type="text/plain; charset=x-nobody-knows")).new_text == "承認"


@pytest.mark.parametrize("name", ["message_id", "references", "in_reply_to"])
def test_message_ids_with_brackets_do_not_stop_the_reading(name: str) -> None:
    """Trap: IndexError in the standard library."""
    found = read(mail("x", **{name: "<[x@microsoft.example]>"}))
    assert "[x@microsoft.example]" in (found.message_id, *found.references)


def test_a_from_of_one_bracket_is_no_identity() -> None:
    """Trap: IndexError in the standard library."""
    assert read(mail("x", **{"from": "<"})).from_address is None


@pytest.mark.parametrize(
    "lines",
    [
        ["a@b.example", "c@d.example"],
        ["a@b.example", "a@b.example"],
        ["a@b.example, c@d.example"],
        ["<a@b.example> <c@d.example>"],
        ["team: a@b.example;"],
        [""],
    ],
)
def test_without_exactly_one_from_and_one_address_there_is_no_identity(lines: list[str]) -> None:
    """Trap: of two From headers the standard library silently takes the first."""
    found = read(mail("x", **{"from": lines}))
    assert found.from_address is None
    assert any("From" in remark for remark in found.remarks)


def test_an_rfc_2231_name_in_iso_2022_jp_is_read() -> None:
    """Trap: get_filename() raises UnicodeDecodeError."""
    name = b"".join(b"%%%02X" % byte for byte in windows_jis("①.pdf"))
    file = part(
        base64.b64encode(PDF),
        "application/pdf",
        disposition=b"attachment; filename*=iso-2022-jp''" + name,
        content_transfer_encoding="base64",
    )
    (found,) = read(b"From: a@b.example\r\n" + multipart("mixed", part("x"), file)).attachments
    assert (found.name, found.kind, found.size) == ("①.pdf", "pdf", len(PDF))
    assert found.digest == hashlib.sha256(PDF).hexdigest()


def test_plain_text_is_taken_before_html_and_files_of_both_forms_are_kept() -> None:
    html = multipart("mixed", part("<p>html</p>", "text/html"), attached(PDF, "a.pdf"), boundary="in")
    found = read(b"From: a@b.example\r\n" + multipart("alternative", part("plain"), html))
    assert found.new_text == "plain"
    assert [one.name for one in found.attachments] == ["a.pdf"]


def test_a_mail_in_html_alone_is_text_with_its_quotation_apart() -> None:
    html = (
        "<html><head><style>p{}</style></head><body><div>提出　おねがい<br>以上</div>"
        "<table><tr><td>工期</td><td>令和9年</td></tr></table>"
        "<div>2026年11月13日(金) 14:02 保証便 &lt;hosho@hoshobin.example&gt;:<br>"
        "<blockquote>「提出」と返信</blockquote></div><p>追伸</p><script>x()</script></body></html>"
    )
    found = read(mail(html, content_type="text/html; charset=utf-8"))
    assert [line for line in found.new_text.split("\n") if line] == [
        "提出　おねがい",
        "以上",
        "工期  令和9年",
        "追伸",
    ]
    assert "「提出」と返信" in found.quoted_text


def test_html_names_its_own_charset_where_the_header_does_not() -> None:
    html = '<meta charset="Shift_JIS"><p>保証①</p>'.encode("cp932")
    assert read(mail(html, content_type="text/html")).new_text == "保証①"


@pytest.mark.parametrize(
    "unit", ["<div>", "<blockquote>", "<blockquote ", "<table><tr><td>", "<p>", "<!--", "&#"]
)
def test_hostile_html_is_bounded(unit: str) -> None:
    began = time.process_time()
    read_mail(mail(unit * (400_000 // len(unit)), content_type="text/html"))
    assert time.process_time() - began < 5


def test_flowed_lines_are_joined_and_quotation_stays_quoted() -> None:
    body = "お世話に \r\nなります。\r\n> 古い \r\n> 言葉\r\n-- \r\n高橋"
    found = read(mail(body, content_type="text/plain; charset=utf-8; format=flowed; delsp=yes"))
    assert found.new_text == "お世話になります。\n-- \n高橋"
    assert found.quoted_text == "> 古い言葉"


def test_a_text_attachment_is_an_attachment_and_no_words() -> None:
    file = part("承認", disposition='attachment; filename="a.txt"')
    named = part("承認", 'text/plain; charset=utf-8; name="b.txt"')
    found = read(
        b"From: a@b.example\r\n" + multipart("mixed", part("見てください"), file, named, part("以上"))
    )
    assert found.new_text == "見てください\n以上"
    assert [(one.name, one.kind) for one in found.attachments] == [("a.txt", "text"), ("b.txt", "text")]


def test_an_attached_message_is_opened_and_its_words_are_quoted() -> None:
    inner = (
        mail("", subject="中の件名").rstrip()
        + b"\r\n"
        + multipart("mixed", part("中の言葉"), attached(PDF, "k.pdf"), boundary="in")
    )
    for attach in (part(inner, "message/rfc822"), attached(inner, "転送.eml")):
        found = opened(b"From: a@b.example\r\n" + multipart("mixed", part("確認願います"), attach))
        assert found.mail.new_text == "確認願います"
        assert found.mail.quoted_text == "中の件名\n中の言葉"
        assert [(one.kind, one.inside) for one in found.mail.attachments] == [("mail", 0), ("pdf", 1)]
        assert found.files == (inner, PDF)


def test_attachments_are_numbered_as_their_bytes_are() -> None:
    files = [attached(PDF + bytes((n,)), f"{n}.pdf") for n in range(5)]
    alternative = multipart("alternative", part("x"), part("<p>", "text/html"), files[0], boundary="a")
    found = opened(b"From: a@b.example\r\n" + multipart("mixed", alternative, *files[1:]))
    assert [one.index for one in found.mail.attachments] == [0, 1, 2, 3, 4]
    assert [hashlib.sha256(data).hexdigest() for data in found.files] == [
        one.digest for one in found.mail.attachments
    ]


def test_the_same_content_has_the_same_digest_whatever_the_transport() -> None:
    first = read(mail("承認", subject="x", message_id="<1@x>", content_type="text/plain; charset=utf-8"))
    again = read(
        mail(base64.b64encode("承認".encode()), subject="x", received="y", content_transfer_encoding="base64")
    )
    other = read(mail("謝絶", subject="x"))
    assert first.content_digest == again.content_digest != other.content_digest


def test_gateway_banners_become_remarks() -> None:
    found = read(mail("*** このメールは無害化されました ***\n\n確認をお願いします。"))
    assert found.new_text == "確認をお願いします。"
    assert found.remarks == ("gateway banner: このメールは無害化されました",)


def test_broken_transfer_encodings_give_what_is_whole() -> None:
    assert read(mail("5om/6KqN!!5", content_transfer_encoding="base64")).new_text == "承認"
    assert (
        read(mail("=E6=89=BF=E8=AA=8D=Z", content_transfer_encoding="quoted-printable")).new_text == "承認=Z"
    )
    assert read(mail("承認", content_transfer_encoding="x-nobody-knows")).new_text == "承認"


@pytest.mark.parametrize("data", [b"", b"\r\n", b"hello", b"hello\r\nworld\r\n", b"\0" * 100, b"%PDF-1.4"])
def test_bytes_without_a_header_are_unreadable(data: bytes) -> None:
    assert refused(data).reason == "no header block"


def test_an_mbox_line_above_the_headers_is_no_harm() -> None:
    assert read(b"From x Fri Nov 13\nFrom: a@b.example\nSubject: s\n\nbody").subject == "s"


def test_words_beyond_the_limit_are_cut_and_remarked() -> None:
    found = read(mail("あ" * 300_000))
    assert len(found.new_text) == 200_000
    assert "text cut at 200000 characters" in found.remarks


@pytest.mark.parametrize("before", [b"\xef\xbb\xbf", b"\r\n\r\n", b"\n"])
def test_a_byte_order_mark_or_blank_lines_above_the_headers_are_no_harm(before: bytes) -> None:
    assert read(before + b"From: a@b.example\r\nSubject: s\r\n\r\nbody").new_text == "body"


def test_doubled_carriage_returns_are_one_line_end() -> None:
    found = read(b"From: a@b.example\r\r\nSubject: s\r\r\n\r\r\none\r\r\ntwo\r\r\n")
    assert (found.subject, found.new_text) == ("s", "one\ntwo")


def test_lines_that_end_in_carriage_returns_alone_are_lines() -> None:
    found = read(b"From: a@b.example\rSubject: s\r\rone\rtwo\r")
    assert (found.subject, found.new_text) == ("s", "one\ntwo")


def test_a_named_text_that_is_the_whole_mail_is_its_words() -> None:
    assert read(mail("承認", content_type='text/plain; charset=utf-8; name="mail.txt"')).new_text == "承認"


@pytest.mark.parametrize(
    "body",
    [
        b"5L+d\r\n!!\r\n6Ki8\r\n",
        b"5L+d6A==\r\nqLw=\r\n",
        b"5L+d6Ki8\r\n-- \r\nfooter of the list\r\n",
        b"5L+d6Ki8\r\n_______________\r\nfooter\r\n",
        b"5L+d6Ki8",
        b"5L+d 6Ki8 A",
    ],
)
@pytest.mark.parametrize("name", ["base64", "BASE64;", '"base64"', "base64 (x)"])
def test_base64_with_junk_in_it(body: bytes, name: str) -> None:
    data = mail(body, content_type="text/plain; charset=utf-8", content_transfer_encoding=name)
    assert read(data).new_text == "保証"


def test_soft_line_breaks_inside_the_escapes_of_jis() -> None:
    body = b"=1B$=\r\nBJ]>Z=1B(=\r\nB=\r\n"
    kind = {"content_type": "text/plain; charset=iso-2022-jp"}
    assert read(mail(body, content_transfer_encoding="quoted-printable", **kind)).new_text == "保証"


PIECES = st.sampled_from(
    [
        b"From: a@b.example\r\n",
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n",
        b"--b\r\n",
        b"--b--\r\n",
        b"Content-Type: message/rfc822\r\n\r\n",
        b"Content-Type: text/html\r\n\r\n",
        b"\r\n\r\n",
        b"Subject: =?utf-8?B?",
        b"Content-Type: text/plain; charset=utf-7\r\n",
        b"+2AA-",
        b"<blockquote>",
        b"Content-Transfer-Encoding: base64\r\n",
        b"Content-Type: multipart/report; boundary=b\r\n\r\n",
        b"Content-Type: message/delivery-status\r\n\r\n",
        b"Authentication-Results: x; dkim=pass (",
        b"Date: Fri, 99\r\n",
        b"Message-ID: <[x]>\r\n",
        b"\x1b$B",
        b"\xa4\xff",
    ]
)


@given(
    st.one_of(
        st.binary(max_size=400), st.lists(st.one_of(PIECES, st.binary(max_size=9)), max_size=25).map(b"".join)
    )
)
def test_no_bytes_make_the_reading_raise(data: bytes) -> None:
    found = read_mail(data)
    value = found.mail if isinstance(found, OpenedMail) else found
    assert type(value).model_validate_json(value.model_dump_json()) == value
    assert "reading failed" not in getattr(value, "reason", "")
    assert "\0" not in value.model_dump_json()
