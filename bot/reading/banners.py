"""Lines that gateways put into other people's mails: 無害化, 社外メール, virus scanners, warnings."""

import re

_LONGEST = 400  # characters of a line that are looked at
_EDGE = 60  # lines at the top and at the end: gateways write there
_MARKS = r"[\s*＊※■□◆◇!！#＃=＝\-―─:：]{0,40}+"
_CLOSED = r"[\]】］)）>＞]"
_TAG = (
    r"[\[【［(（<＜](?:(?:社外|庁外|外部|学外)(?:(?:からの)?メール)?(?:注意)?|EXTERNAL|EXT|無害化済み?|無害化"
    rf"|SPAM\??|迷惑メール\??|注意|警告|CAUTION|WARNING){_CLOSED}"
)
_THIS_MAIL = r"(?:この|本|当|受信した)?(?:電子)?(?:メール|mail)"
_OUTSIDE = r"(?:社外|庁外|学外|組織外|外部|インターネット)"
_CHECKED = (
    r"(?:無害化|サニタイズ|検疫|隔離|テキスト化"
    r"|(?:ウイルス|ウィルス|セキュリティ).{0,20}(?:チェック|スキャン|検査))"
)
_FILES = r"(?:この|本|当)?(?:メール(?:の|に))?添付(?:されて(?:いる|いた))?(?:ファイル)?"
_FILES_OR_LINKS = r"(?:添付ファイルやリンク|リンクや添付ファイル|URLや添付ファイル|添付ファイルやURL)"
_FROM_OUTSIDE = (
    rf"{_OUTSIDE}(?:の|から(?:の|送信された|送られた)|より(?:送信された)?)?"
    r"(?:(?:差出人|送信者|ドメイン)から)?の?(?:メール|mail)"
)
_SAYS = "|".join(
    (
        rf"{_THIS_MAIL}.{{0,40}}{_CHECKED}.{{0,160}}",
        rf"{_THIS_MAIL}.{{0,10}}{_OUTSIDE}.{{0,20}}(?:送信|送られ|届|受信|メール|から|差出人).{{0,160}}",
        rf"{_FROM_OUTSIDE}.{{0,8}}(?:注意|警告|です|ご確認).{{0,120}}",
        rf"{_FILES}.{{0,80}}(?:無害化|(?:画像|PDF|テキスト).{{0,8}}(?:変換|化)(?:し|され)).{{0,160}}",
        rf"{_FILES}.{{0,80}}(?:削除|除去|隔離|分離|遮断)され.{{0,160}}",
        rf"{_FILES_OR_LINKS}.{{0,20}}(?:開|クリック|注意|ご?確認).{{0,80}}",
        r"(?:不審な|心当たりのない).{0,20}(?:メール|添付|リンク|URL).{0,60}(?:開|クリック|注意|連絡).{0,60}",
        r"(?:caution|warning|notice|attention)?[:!]? ?(?:this )?(?:e-?mail|message|mail)? ?.{0,20}"
        r"(?:originat\w+|came|come|sent|is|was|received).{0,20}(?:outside|external).{0,200}",
        r"(?:caution|warning|notice)[:!]? ?external (?:e-?mail|sender|message).{0,120}",
        r"(?:do not|don't) click (?:on )?(?:any )?links?.{0,200}|you don't often get email from.{0,200}",
        r".{1,100} ?からの?(?:電子)?メールを(?:頻繁に)?受け取ることは(?:あまり|ほとんど)ありません.{0,120}",
        r"(?:virus-free|ウイルス ?フリー)[.。].{0,80}",
        r"(?:this|このメールは).{0,20}(?:avast|アバスト|avg|norton).{0,120}",
    )
)
_BANNER = re.compile(
    r"\s*(?:\*{3}\s*\S.*\*{3}|＊{3}\s*\S.*＊{3}"
    rf"|{_MARKS}{_TAG}{_MARKS}|{_MARKS}(?:{_TAG})?{_MARKS}[<＜(（]?(?:{_SAYS}))\s*",
    re.I,
)


def without_banners(new_text: str) -> tuple[str, tuple[str, ...]]:
    """Take out the lines that a gateway put in (*** このメールは… ***); return the rest and those lines."""
    rest: list[str] = []
    banners: list[str] = []
    lines = new_text.split("\n")
    for number, line in enumerate(lines):
        at_edge = number < _EDGE or number >= len(lines) - _EDGE
        if at_edge and line and len(line) <= _LONGEST and _BANNER.fullmatch(line):
            banners.append(line.strip(" 　*＊"))
        else:
            rest.append(line)
    return "\n".join(rest).strip("\n"), tuple(banners)
