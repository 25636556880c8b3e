"""Bytes and a charset label to text, total, for mail as Japanese programs really send it."""

import codecs
import re
import struct
from encodings.aliases import aliases

_FAULT = "\ufffd"
_ESCAPE = re.compile(rb"\x1b(?:\$[@B]|\$\([@BDOPQ]|\([BHIJ])")
_JIS_TOKEN = re.compile(rb"\x1b(?:\$[@AB]|\$\([@BCDOPQ]|\([BHIJ])|[\x0e\x0f\n]|[^\x1b\x0e\x0f\n]+|\x1b")
_PAIR_RUN = re.compile(rb"[\x21-\x7e]+|[^\x21-\x7e]+")
_EUC_TOKEN = re.compile(
    rb"([\x00-\x7f]+)|((?:[\xa1-\xfe]{2})+)|\x8e([\xa1-\xdf])|(\x8f[\xa1-\xfe]{2})|.", re.S
)
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_KANA = re.compile("[\u3041-\u30fe]")
_HALF_KANA = re.compile("[\uff61-\uff9f]")

_ROMAN = frozenset((b"\x1b(B", b"\x1b(J", b"\x1b(H"))
_PAIR = frozenset((b"\x1b$B", b"\x1b$@", b"\x1b$(B", b"\x1b$(@"))
_OTHER_SETS = {  # sets that Python's own codecs know
    b"\x1b$A": "iso2022_jp_2",
    b"\x1b$(C": "iso2022_jp_2",
    b"\x1b$(D": "iso2022_jp_2",
    b"\x1b$(O": "iso2022_jp_3",
    b"\x1b$(P": "iso2022_jp_2004",
    b"\x1b$(Q": "iso2022_jp_2004",
}


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SJIS_LABELS = _names(
    "shiftjis sjis xsjis mskanji csshiftjis windows31j cswindows31j cp932 ms932 xmscp932 windows932 932"
    " shiftjis2004 shiftjisx0213 sjis2004 shiftjisms xshiftjis"
)
_EUC_LABELS = _names(
    "eucjp xeucjp eucjpms eucjpwin cp51932 windows51932 ujis eucjis2004 eucjisx0213 cseucpkdfmtjapanese"
    " extendedunixcodepackedformatforjapanese"
)
_JIS_LABELS = _names("csiso2022jp jis cp50220 cp50221 cp50222 windows50220 windows50221 windows50222")
_UNTRUSTED = frozenset(("", "ascii", "latin_1", "cp1252"))  # a label that says nothing, or fits any bytes
# A closed list: idna and punycode are slow on purpose-made input, others are no text codecs at all.
_CODECS = _names(
    "ascii latin_1 utf_8 utf_7 utf_16 utf_16_be utf_16_le utf_32 utf_32_be utf_32_le"
    " iso8859_2 iso8859_3 iso8859_4 iso8859_5 iso8859_6 iso8859_7 iso8859_8 iso8859_9 iso8859_10 iso8859_11"
    " iso8859_13 iso8859_14 iso8859_15 iso8859_16 cp1250 cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 cp1257"
    " cp1258 cp437 cp850 cp874 koi8_r koi8_u mac_roman big5 big5hkscs gb2312 gbk gb18030 hz"
    " euc_kr cp949 johab iso2022_kr tis_620"
)


def _plain(label: str) -> str:
    """Return the label without case, quotes and punctuation: 'ISO_2022-JP' and 'iso2022jp' are one name."""
    return re.sub(r"[^a-z0-9]", "", label[:80].lower())


def _is_known(codec: str) -> bool:
    try:
        # Looking a codec up loads it; a reading child could not do that later.
        codecs.lookup(codec)
    except LookupError:
        return False
    return True


_KNOWN = frozenset(codec for codec in (*_CODECS, "cp932", *_OTHER_SETS.values()) if _is_known(codec))
_BY_LABEL = {_plain(alias): codec for alias, codec in aliases.items() if codec in _KNOWN}
_BY_LABEL |= {_plain(codec): codec for codec in _KNOWN}


def _pair_table() -> list[str]:
    """Return the character of every 7-bit JIS pair, indexed by the pair as a big-endian number.

    JIS X 0208 with the rows of NEC and IBM that Windows adds (①, ㈱, 髙): the pair is moved to its place in
    Shift_JIS and read as code page 932, which no iso2022_jp codec of Python does.
    """
    table = [_FAULT] * 0x8000
    for k in range(0x21, 0x7F):
        s1 = ((k - 0x21) >> 1) + 0x81
        s1 += 0x40 if s1 > 0x9F else 0
        for t in range(0x21, 0x7F):
            s2 = t + (0x7E if k % 2 == 0 else 0x1F if t < 0x60 else 0x20)
            text = bytes((s1, s2)).decode("cp932", "replace")
            table[k << 8 | t] = text if len(text) == 1 else _FAULT
    return table


_PAIRS = _pair_table()


def decode(data: bytes, label: str) -> str:
    """Return the text of these bytes; the label is tried first, then what the bytes themselves show.

    Never raises. Bytes that fit nothing become U+FFFD, and so do NUL and lone surrogates, which no database
    of ours could hold.
    """
    return _UNSTORABLE.sub(_FAULT, _decode(data, _plain(label))).removeprefix("\ufeff")


def decode_unlabelled(data: bytes) -> str:
    """Return the text of bytes that came without a label, such as a raw 8-bit header."""
    return decode(data, "")


def _decode(data: bytes, label: str) -> str:
    codec = _BY_LABEL.get(label, "")
    if codec.startswith(("utf_16", "utf_32")):
        return data.decode(codec, "replace")
    if _ESCAPE.search(data) or label.startswith("iso2022jp") or label in _JIS_LABELS:
        return _from_jis(data)
    if label in _SJIS_LABELS:
        return _strictly(data, "cp932") or _strictly(data, "shift_jis_2004") or _by_evidence(data)
    if label in _EUC_LABELS:
        text = _from_euc(data)
        return text if _FAULT not in text else _by_evidence(data)
    if codec in _UNTRUSTED:
        return _by_evidence(data, otherwise=codec or "latin_1")
    strict = _strictly(data, codec)
    return strict if strict is not None else _by_evidence(data, otherwise=codec)


def _strictly(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except UnicodeError:
        return None


def _by_evidence(data: bytes, otherwise: str = "latin_1") -> str:
    """Return the likeliest reading: UTF-8, else Windows Japanese or EUC, else the codec given."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf_16", "replace")
    text = _strictly(data, "utf_8")
    if text is not None:
        return text
    windows, euc = data.decode("cp932", "replace"), _from_euc(data)
    if _FAULT not in euc and _KANA.search(euc) and _HALF_KANA.search(windows):
        return euc
    high = len(data) - len(data.translate(None, bytes(range(0x80, 0x100))))
    utf8 = data.decode("utf_8", "replace")
    best = min((windows, utf8), key=lambda reading: reading.count(_FAULT))
    return best if best.count(_FAULT) * 20 <= high else data.decode(otherwise, "replace")


def _from_jis(data: bytes) -> str:
    """Decode ISO-2022-JP in all its Windows and 8-bit variants; every line starts in ASCII (RFC 1468)."""
    if not data.isascii() and not _ESCAPE.search(data) and not re.search(rb"[\x0e\x0f]", data):
        return _by_evidence(data)
    parts: list[str] = []
    mode, shifted = b"\x1b(B", False
    for token in _JIS_TOKEN.findall(data):
        if token == b"\n":
            mode, shifted = b"\x1b(B", False
            parts.append("\n")
        elif token in (b"\x0e", b"\x0f"):
            shifted = token == b"\x0e"
        elif token[:1] == b"\x1b":
            mode, shifted = (token if len(token) > 1 else mode), False
        else:
            parts.append(_stretch(b"\x1b(I" if shifted else mode, token))
    return "".join(parts)


def _stretch(mode: bytes, data: bytes) -> str:
    """Decode bytes that stand under one escape sequence."""
    if mode in _ROMAN:
        return data.decode("ascii") if data.isascii() else _by_evidence(data)
    if mode in _PAIR:
        return "".join(_pair_run(run) for run in _PAIR_RUN.findall(data))
    if mode == b"\x1b(I":
        low = (byte & 0x7F for byte in data)
        return "".join(chr(byte + 0xFF40) if 0x21 <= byte <= 0x5F else chr(byte) for byte in low)
    return (mode + data + b"\x1b(B").decode(_OTHER_SETS[mode], "replace")


def _pair_run(run: bytes) -> str:
    if not 0x21 <= run[0] <= 0x7E:
        return "".join(chr(byte) if byte <= 0x20 else _FAULT for byte in run)
    pairs = struct.unpack(f">{len(run) // 2}H", run[: len(run) // 2 * 2])
    return "".join(map(_PAIRS.__getitem__, pairs)) + _FAULT * (len(run) % 2)


def _from_euc(data: bytes) -> str:
    """Decode EUC-JP with the rows of NEC and IBM (code page 51932), which Python's euc_jp lacks."""
    parts = []
    for found in _EUC_TOKEN.finditer(data):
        plain, pairs, kana, supplement = found.groups()
        if plain is not None:
            parts.append(plain.decode("ascii"))
        elif pairs is not None:
            parts.append(_pair_run(pairs.translate(_SEVEN_BIT)))
        elif kana is not None:
            parts.append(chr(kana[0] - 0xA1 + 0xFF61))
        else:
            parts.append(supplement.decode("euc_jp", "replace") if supplement else _FAULT)
    return "".join(parts)


_SEVEN_BIT = bytes(byte & 0x7F for byte in range(0x100))
