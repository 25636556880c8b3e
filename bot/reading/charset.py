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
_WIDE_UTF8 = re.compile(rb"[\xe3-\xe9\xef][\x80-\xbf]{2}")  # kana, kanji and wide forms
# Kanji of EUC in words of two and more: a single pair may be two accented letters of Latin.
_EUC_WORDS = re.compile(rb"(?:[\x00-\x7f]++|(?:[\xa1-\xa8\xad\xb0-\xf4\xf9-\xfc][\xa1-\xfe]){2,}+)+")
_WINDOWS_WORDS = re.compile(
    rb"(?:[\x81-\x9f\xed\xee\xfa-\xfc][\x40-\x7e\x80-\xfc]){2}|\x82[\x9f-\xf1]|\x83[\x40-\x96]"
)
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_KANA = re.compile("[\u3041-\u30fe]")
_COMMON = re.compile("[\n -~\u3000-\u30ff]")
_HALF_KANA = re.compile("[\uff61-\uff9f]")

_ROMAN = frozenset((b"\x1b(B", b"\x1b(J", b"\x1b(H"))
_PAIR = frozenset((b"\x1b$B", b"\x1b$@", b"\x1b$(B", b"\x1b$(@"))
_OTHER_SETS = {  # sets that Python's own codecs know
    b"\x1b$A": "iso2022_jp_2",
    b"\x1b$(C": "iso2022_jp_2",
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
_LATIN = frozenset(("latin_1", "cp1252"))
_UNTRUSTED = frozenset(("", "ascii", "utf_8")) | _LATIN  # says nothing, fits any bytes, or is just a habit
# A closed list: idna and punycode are slow on purpose-made input, others are no text codecs at all.
_CODECS = _names(
    "ascii latin_1 utf_8 utf_7 utf_16 utf_16_be utf_16_le utf_32 utf_32_be utf_32_le"
    " iso8859_2 iso8859_3 iso8859_4 iso8859_5 iso8859_6 iso8859_7 iso8859_8 iso8859_9 iso8859_10 iso8859_11"
    " iso8859_13 iso8859_14 iso8859_15 iso8859_16 cp1250 cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 cp1257"
    " cp1258 cp437 cp850 cp874 koi8_r koi8_u mac_roman big5 big5hkscs gb2312 gbk gb18030 hz"
    " cp950 euc_kr cp949 johab iso2022_kr tis_620"
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
# What Windows writes under the older name of a set is the larger one.
_WIDER = {"gb2312": "gb18030", "gbk": "gb18030", "euc_kr": "cp949", "big5": "cp950"}
_CONTINENTAL = frozenset((*_WIDER, *_WIDER.values(), "big5hkscs", "hz", "johab", "iso2022_kr"))


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


def _supplement_table() -> dict[bytes, str]:
    """Return IBM's characters in EUC (8F F3F3 to F4FE): code page 932 without JIS X 0212, in order.

    №, though JIS X 0212 has it, stands there a second time.
    """
    cells = [(row, cell) for row in range(0xA1, 0xFF) for cell in range(0xA1, 0xFF)]
    known = {bytes((0x8F, *pair)).decode("euc_jp", "replace") for pair in cells} - {"№"} | set("￢￤∵")
    rows = (bytes((s1, s2)) for s1 in (0xFA, 0xFB, 0xFC) for s2 in range(0x40, 0xFD) if s2 != 0x7F)
    texts = (pair.decode("cp932", "replace") for pair in rows)
    ibm = (text for text in texts if len(text) == 1 and text not in known)
    places = (pair for pair in cells if pair >= (0xF3, 0xF3))
    return {bytes((0x8F, *pair)): text for pair, text in zip(places, ibm, strict=False)}


_SUPPLEMENT = _supplement_table()


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
    codec = _BY_LABEL.get(label) or _BY_LABEL.get(label.removeprefix("x").removeprefix("x"), "")
    if codec == "utf_16" and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _from_utf16(data)
    if codec.startswith(("utf_16", "utf_32")):
        return data.decode(codec, "replace")
    if _ESCAPE.search(data) or label.startswith("iso2022jp") or label in _JIS_LABELS:
        return _from_jis(data)
    if label in _SJIS_LABELS:
        return _from_sjis(data)
    if label in _EUC_LABELS:
        text = _from_euc(data)
        return text if text.count(_FAULT) * 20 <= len(text) else _by_evidence(data)
    if codec in _UNTRUSTED:
        return _by_evidence(data, "cp1252" if codec in _LATIN else "", is_latin=True)
    if codec in _CONTINENTAL and _WIDE_UTF8.search(data) and _strictly(data, "utf_8"):
        return data.decode("utf_8")
    strict = _strictly(data, codec)
    if strict is None and codec in _CONTINENTAL:
        return _from_continental(data, codec)
    return strict if strict is not None else _by_evidence(data, otherwise=codec)


def _from_utf16(data: bytes) -> str:
    """Decode UTF-16 without a mark: big-endian says RFC 2781, little-endian Windows; or it is UTF-8."""
    narrow = _strictly(data, "utf_8") if b"\0" not in data else None
    if narrow is not None:
        return narrow
    readings = (data.decode("utf_16_be", "replace"), data.decode("utf_16_le", "replace"))
    return max(readings, key=lambda reading: len(_COMMON.findall(reading)))


def _strictly(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except UnicodeError:
        return None


def _from_sjis(data: bytes) -> str:
    text = _strictly(data, "cp932") or _strictly(data, "shift_jis_2004")
    return _by_evidence(data) if not text or (_HALF_KANA.search(text) and _is_euc(data)) else text


def _from_continental(data: bytes, codec: str) -> str:
    """Decode Chinese and Korean: nearly any of their bytes would pass for Japanese as well."""
    readings = [data.decode(one, "replace") for one in (_WIDER.get(codec, codec), "big5hkscs", "utf_8")]
    wanted = readings if codec in ("big5", "cp950") else [readings[0], readings[2]]
    best = min(wanted, key=lambda reading: reading.count(_FAULT))
    return best if best.count(_FAULT) * 20 <= len(best) else _by_evidence(data, otherwise=codec)


def _is_euc(data: bytes) -> bool:
    """Whether the bytes are whole EUC-JP with kana in it, which in Shift_JIS would be half-width commas."""
    euc = _from_euc(data)
    return _FAULT not in euc and bool(_KANA.search(euc))


def _by_evidence(data: bytes, otherwise: str = "cp1252", *, is_latin: bool = False) -> str:
    """Return the likeliest reading: UTF-8, else Windows Japanese or EUC, else the codec given.

    `is_latin`: nothing says that it is Japanese, so accented letters must not pass for half-width kana.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf_16", "replace")
    text = _strictly(data, "utf_8")
    if text is not None:
        return text
    windows = data.decode("cp932", "replace")
    looks_odd = _FAULT in windows or _HALF_KANA.search(windows)
    if looks_odd and (_is_euc(data) or (not otherwise and _EUC_WORDS.fullmatch(data))):
        return _from_euc(data)
    high = len(data) - len(data.translate(None, bytes(range(0x80, 0x100))))
    readings = [data.decode("utf_8", "replace")]
    if not is_latin or _WINDOWS_WORDS.search(data):
        readings.append(windows)
    best = min(readings, key=lambda reading: reading.count(_FAULT))
    if best.count(_FAULT) * 20 <= high:
        return best
    last = data.decode(otherwise or "cp1252", "replace")
    return windows if _FAULT in last and _FAULT not in windows else last


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
    if mode == b"\x1b$(D":
        pairs = (data[at : at + 2] for at in range(0, len(data), 2))
        return "".join(_supplementary(b"\x8f" + pair.translate(_EIGHTH_BIT)) for pair in pairs)
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
            parts.append(_supplementary(supplement))
    return "".join(parts)


def _supplementary(triple: bytes | None) -> str:
    text = (triple or b"").decode("euc_jp", "replace")
    return _SUPPLEMENT.get(triple or b"", _FAULT) if len(text) != 1 or text == _FAULT else text


_SEVEN_BIT = bytes(byte & 0x7F for byte in range(0x100))
_EIGHTH_BIT = bytes(byte | 0x80 for byte in range(0x100))
