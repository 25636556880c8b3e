"""A mail's text, divided into its writer's own new words and the quoted ones."""

import re

_MARKED = re.compile(r"\s{0,3}(?:[>＞≫]|\|(?=\s)(?!.*\|\s*$))")
_BANNER = re.compile(r"\s*(?:\*{3}\s*\S.*\*{3}|＊{3}\s*\S.*＊{3}|【無害化済み?】)\s*")
_SENT_FROM = re.compile(
    r"\s*(?:(?:my )?(?:iPhone|iPad|Android|Galaxy|Xperia|Pixel|スマートフォン|スマホ|携帯|Yahoo!?メール"
    r"|Outlook|Gmail|ドコモメール|Windows).{0,20}(?:から|より)送信(?:されました)?[。.]?"
    r"|Sent from (?:my |Outlook|Mail|Yahoo).{0,60}"
    r"|.{0,20}Outlook (?:for|を).{0,60}|Get Outlook for .{0,60})\s*",
    re.I,
)

# A line that by itself says: the message below is another one.
_OLD_MESSAGE = re.compile(
    r"\s*[-=_―—–─━－*]{2,}\s*(?:Original\s+(?:Message|Mail)|Forwarded\s+(?:Message|by\b.{0,80})"
    r"|元の?(?:メッセージ|メール)|転送(?:された)?(?:メッセージ|メール)|転送元メッセージ|原文|以下、?引用)"
    r"\s*[-=_―—–─━－*]{2,}\s*"
    r"|\s*Begin forwarded message:\s*|\s*転送された(?:メッセージ|メール)\s*[:：]\s*",
    re.I,
)
_RULE = re.compile(r"\s*[-_=―—–─━＿－]{5,}\s*")

# Outlook and its kin put the old header above the old words. Label -> what it names.
_LABELS = {
    "from": "from 差出人 送信者 送信元 発信者 von",
    "date": "sent date 送信日時 日時 日付 送信日 受信日時",
    "to": "to 宛先 受信者 送信先",
    "cc": "cc bcc ｃｃ",
    "subject": "subject 件名 題名 表題",
    "other": "importance 重要度 reply-to 返信先 attachments 添付ファイル 添付 sensitivity 優先度",
}
_KIND_OF_LABEL = {word: kind for kind, words in _LABELS.items() for word in words.split()}
_LABELLED = re.compile(r"\s{0,3}\*{0,2}\s*([A-Za-z-]{2,12}|[ｃＣ]{2}|[一-鿿ァ-ヿ]{2,6})\s*\*{0,2}\s*[:：]")

_CLOCK = r"\d{1,2}[:：時]\s?\d{2}"
_MONTH = r"[A-Z][a-z]{2,8}\.?"
_DAY = (
    r"(?:\d{4}\s?[年/.-]\s?\d{1,2}\s?[月/.-]\s?\d{1,2}"
    rf"|\d{{1,2}}\s{_MONTH},?\s\d{{4}}|{_MONTH}\s\d{{1,2}},\s\d{{4}})"
)
# The line (or wrapped lines) by which a program says who wrote what follows.
_ATTRIBUTION = re.compile(
    rf"\s*(?:On\s.{{0,300}}{_DAY}.{{0,300}}\swrote\s?[:：]"
    rf"|.{{0,60}}{_DAY}.{{0,300}}(?:<[^<>]{{1,200}}>|のメール|のメッセージ|さん|様|wrote|writes)\s?"
    rf"(?:は?(?:書きました|のメール|のメッセージ|wrote|より)|が書きました)?\s?[:：]"
    rf"|.{{0,60}}{_DAY}.{{0,20}}{_CLOCK}.{{0,200}}\s(?:wrote|writes)\s?[:：]"
    r"|(?:In message|At).{0,300}\swrote\s?[:：]"
    r"|.{0,200}<[^<>@\s]{1,100}@[^<>\s]{1,200}>\s?(?:さん|様)?(?:は|が)?\s?(?:wrote|writes|書きました|のメール)\s?[:：]"
    r"|.{1,60}(?:さん|様)(?:は|が)書きました\s?[:：])\s*",
)
_ATTRIBUTION_ENDS = re.compile(r"[:：]\s*\Z")
_MAY_BEGIN_ATTRIBUTION = re.compile(rf"\s*(?:On\s|In message|At\s)|.{{0,60}}{_DAY}")
_ATTRIBUTION_LINES = 3
_LONGEST = 400  # characters of a line that are looked at
_HEADER_LINES = 14


def split(text: str) -> tuple[str, str]:
    """Return (new words, quoted words) of a text whose lines end with a bare newline.

    Every line that neither carries a quotation mark nor stands below an old message's head is new, also
    between quoted lines. In doubt a line is quoted: words that are missed are asked for again, old words
    taken for new ones would act.
    """
    lines = text.split("\n")
    new: list[str] = []
    quoted: list[str] = []
    at = 0
    while at < len(lines):
        line = lines[at][:_LONGEST]
        is_marked = bool(_MARKED.match(line))
        taken = 0 if is_marked or not line else _old_message_head(lines, at)
        if taken:
            quoted += lines[at : at + taken]
            at += taken
            if not _marks_follow(lines, at):
                quoted += lines[at:]
                break
        elif is_marked or _SENT_FROM.fullmatch(line):
            quoted.append(lines[at])
            at += 1
        else:
            new.append(lines[at])
            at += 1
    return "\n".join(new).strip("\n"), "\n".join(quoted).strip("\n")


def without_banners(new_text: str) -> tuple[str, tuple[str, ...]]:
    """Take out the lines that a gateway put in (*** このメールは… ***); return the rest and those lines."""
    rest: list[str] = []
    banners: list[str] = []
    for line in new_text.split("\n"):
        if line and len(line) <= _LONGEST and _BANNER.fullmatch(line):
            banners.append(line.strip(" 　*＊"))
        else:
            rest.append(line)
    return "\n".join(rest).strip("\n"), tuple(banners)


def _old_message_head(lines: list[str], at: int) -> int:
    """Return how many lines from here are the head of an old message; 0 where none begins."""
    line = lines[at][:_LONGEST]
    if _OLD_MESSAGE.fullmatch(line):
        below = _first_filled(lines, at + 1)
        return below - at + _header_block(lines, below)
    if _RULE.fullmatch(line):
        block = _header_block(lines, at + 1)
        return 1 + block if block else 0
    return _header_block(lines, at) or _attribution(lines, at)


def _first_filled(lines: list[str], at: int) -> int:
    while at < len(lines) and not lines[at].strip():
        at += 1
    return at


def _header_block(lines: list[str], at: int) -> int:
    """Return the length of an old header (From:, Sent:, To:, Subject: in any order and language) at `at`.

    It needs a sender, and a date or a subject; long address lists may run over several lines.
    """
    kinds: set[str] = set()
    end = at
    for number in range(at, min(at + _HEADER_LINES, len(lines))):
        line = lines[number][:_LONGEST]
        label = _LABELLED.match(line)
        kind = _KIND_OF_LABEL.get(label[1].lower()) if label else None
        if kind:
            kinds.add(kind)
            end = number + 1
        elif not kinds or not (line[:1] in (" ", "\t") or not line.strip() or _continues(lines, number)):
            break
    return end - at if "from" in kinds and kinds & {"date", "subject"} else 0


def _continues(lines: list[str], number: int) -> bool:
    """Whether an unlabelled line of a header goes on with the addresses of the line above."""
    return "@" in lines[number] and lines[number - 1].rstrip().endswith((";", ",", ">"))


def _attribution(lines: list[str], at: int) -> int:
    """Return how many lines the attribution at `at` takes; programs wrap it over up to three."""
    first = lines[at][:_LONGEST]
    if not (_MAY_BEGIN_ATTRIBUTION.match(first) or "<" in first or "書き" in first):
        return 0
    joined = ""
    for taken, line in enumerate(lines[at : at + _ATTRIBUTION_LINES], start=1):
        if not line.strip() or "。" in line or _MARKED.match(line) or len(joined) + len(line) > _LONGEST:
            return 0
        joined = f"{joined} {line.strip()}".strip()
        if _ATTRIBUTION_ENDS.search(joined):
            return taken if _ATTRIBUTION.fullmatch(joined) else 0
    return 0


def _marks_follow(lines: list[str], at: int) -> bool:
    """Whether the next filled line carries a quotation mark, so that the marks tell old from new."""
    below = _first_filled(lines, at)
    return below < len(lines) and bool(_MARKED.match(lines[below]))
