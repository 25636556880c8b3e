"""A mail's text, divided into its writer's own new words and the quoted ones."""

import re

# A mark, a bar that draws no table, or the writer's name and a mark (hosho> …, as AL-Mail and Emacs quote).
_MARKED = re.compile(
    r"\s{0,3}(?:[>＞≫》]|[\w.]{1,20}[>＞](?:\s|$)"
    r"|[|｜](?:(?=\s)(?!.*[|｜]\s*$)|(?=[^|｜-][^|｜]*$)))"
)
_DEVICE = (
    r"(?:iPhone|iPad|Android|Galaxy|Xperia|AQUOS|arrows|Pixel|スマートフォン|スマホ|携帯|Yahoo!?メール|Outlook"
    r"|Gmail|ドコモメール|Windows)"
)
_SENT_FROM = re.compile(
    rf"\s*(?:(?:my |Sony )?{_DEVICE}.{{0,60}}(?:から|より)送信(?:されました|されたメールです)?[。.]?"
    r"|.{0,20}(?:Spark|K-9 Mail|Nine|Aqua Mail|eM Client)\s?(?:で|から|より)"
    r"送信(?:されました)?(?:[。.].{0,40})?"
    r"|Sent (?:from|with|via|using) (?:my |Outlook|Mail|Yahoo|Spark|Proton).{0,60}"
    r"|.{0,20}Outlook\s?(?:<[^<>]{0,60}>\s?)?(?:for|を).{0,60}|Get Outlook for .{0,60})\s*",
    re.I,
)

# A line that by itself says: the message below is another one.
_OLD_MESSAGE = re.compile(
    r"\s*[-=_―—–─━－*]{2,}\s*(?:(?:Original|Reply)\s+(?:Message|Mail|Appointment)"
    r"|Forwarded\s+(?:Message|by\b.{0,80})"
    r"|元の?(?:メッセージ|メール)|転送(?:された)?(?:メッセージ|メール)|転送元メッセージ|原文"
    r"|以下、?(?:引用|転送)"
    r"|ここから(?:引用|転送)|(?:引用|転送)(?:メール)?ここから"
    r"|[^-].{0,200}(?:wrote|さん作成|さん[がは]書きました)\s?[:：]?)"
    r"\s*[-=_―—–─━－*]{2,}\s*"
    r"|\s*Begin forwarded message:\s*"
    r"|\s*(?:転送された(?:メッセージ|メール)|以下のメールを転送します)\s*[:：]\s*"
    r"|\s*Forwarded by .{1,200}<[^<>@\s]{1,100}@[^<>\s]{1,200}>\s*"
    r"|\s*\|-{6,}>\s*",  # Notes draws the old header as a table
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
    r"|(?:In message|At).{0,300}\s(?:wrote|writes)\s?[:：]"
    r"|.{1,200}\swrote in\s{1,3}<[^<>\s]{1,200}>\s?[:：]"
    r"|.{1,40}\s(?:wrote|writes)\s?[:：]"
    r"|.{0,200}<[^<>@\s]{1,100}@[^<>\s]{1,200}>\s?(?:さん|様)?(?:は|が)?\s?(?:wrote|writes|書きました|のメール)\s?[:：]"
    r"|.{1,200}(?:さん|様)(?:は|が).{0,40}書きました\s?[:：])\s*",
)
_ATTRIBUTION_ENDS = re.compile(r"[:：]\s*\Z")
_MAY_BEGIN_ATTRIBUTION = re.compile(rf"\s*(?:On\s|In message|At\s)|.{{0,60}}{_DAY}")
_ATTRIBUTES = ("<", "書き", "wrote", "writes")
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
            below = _first_filled(lines, at)
            if below < len(lines) and lines[below].startswith("\t"):
                end = _end_of_tabbed(lines, below)
                quoted += lines[at:end]
                at = end
            elif not _marks_follow(lines, below):
                quoted += lines[at:]
                break
        elif is_marked or _SENT_FROM.fullmatch(line):
            quoted.append(lines[at])
            at += 1
        else:
            new.append(lines[at])
            at += 1
    return "\n".join(new).strip("\n"), "\n".join(quoted).strip("\n")


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
    if not (_MAY_BEGIN_ATTRIBUTION.match(first) or any(word in first for word in _ATTRIBUTES)):
        return 0
    joined = ""
    for taken, line in enumerate(lines[at : at + _ATTRIBUTION_LINES], start=1):
        if not line.strip() or "。" in line or _MARKED.match(line) or len(joined) + len(line) > _LONGEST:
            return 0
        joined = f"{joined} {line.strip()}".strip()
        if _ATTRIBUTION_ENDS.search(joined):
            return taken if _ATTRIBUTION.fullmatch(joined) else 0
    return 0


def _marks_follow(lines: list[str], below: int) -> bool:
    """Whether the first filled line below carries a quotation mark, so that the marks tell old from new."""
    return below < len(lines) and bool(_MARKED.match(lines[below]))


def _end_of_tabbed(lines: list[str], at: int) -> int:
    """Return where the lines end that mailx and its kin indent by a tab instead of a mark."""
    while at < len(lines) and (lines[at].startswith("\t") or not lines[at].strip()):
        at += 1
    return at
