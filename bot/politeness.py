"""What is only polite: greetings, thanks, excuses, names. Closed lists: no doubt hides behind them."""

import re

from bot.doubts import is_doubt
from bot.folding import squash

LONGEST_SENTENCE = 1000  # characters; what is longer is no command and no courtesy

_THANKS = (
    r"(?:ありがとう|有難う|有り難う|有りがとう)(?:ござい(?:ます|ました))?|感謝(?:いたします|致します|申し上げます)"
    r"|(?:御礼|お礼)申し上げます|助かり(?:ます|ました)"
)
_THING = (
    r"(?:ご?(?:対応|返信|返事|連絡|回答|送付|手配|確認|案内|教示|指摘|説明|協力|通知|発行|登録|審査|メール|資料|書類)"
    r"|保証証書|証書|認証キー|キー|一覧|申込書|計算書)(?:等|の件)?"
)
_LOOKED = r"(?:確認|拝見|拝受|受領|受信|承知|了解|受け取り|受取り|査収)"
_DID = r"(?:し|いたし|致し|させていただき|させて頂き)?(?:ました|ております|済みです)"
_NAMED = (
    r"(?:(?:お?申し?込み?|読み取り|記載|登録|保証|審査)?の?(?:内容|事項)|本文|記載|下記|上記|メール|ご?案内|ご?連絡|ご?通知"
    r"|書類|保証証書|証書|認証キー|キー|資料|一覧|お?知らせ|件)"
)
_AGAIN = (
    r"(?:度々|たびたび|何度も|急な?(?:お願い|こと|話)?で?|夜分(?:遅く)?に?|早朝から?|いつも|毎回|毎度|大変|誠に"
    r"|本当に|どうも)"
)
_LATE = r"(?:ご?(?:返信|連絡|回答|返事)が?遅くなり(?:まして)?|ご?(?:返信|連絡|回答|返事)が遅れ(?:まして)?)"
_BUSY = r"お忙しい(?:ところ|中|折)を?|ご多[忙用]の?(?:ところ|中|折)を?"
_TROUBLE = (
    r"(?:お?手数(?:を?お?(?:かけ|掛け)(?:し|いたし|致し)?(?:て|ます|まして)?)?"
    r"|ご?(?:面倒|迷惑)を?お?(?:かけ|掛け)(?:し|いたし|致し)?(?:て|ます)?)"
)
_SORRY = (
    r"(?:すみません|すいません|申し?訳(?:ござい|あり)ません|申し?訳ないです|恐れ入ります|おそれいります|恐縮です"
    r"|お手数です)"
)
_BEG = (
    r"(?:お願い|おねがい|御願い|お願)"
    r"(?:いたします|致します|申し上げます|申しあげます|します|いたしたく存じます|です)?"
)
_WELL = r"(?:よろしく|宜しく)"
_CARE = r"ご?(?:対応|査収|確認|手配|検討|連絡|教示|指導|協力|高配|回答|返信|処理|手続き?|承認|理解|愛顧|支援)"

# What may stand before the words that matter, to be taken away: a closed list, none of which asks.
_GREETING = (
    r"(?:いつも|平素(?:より|から|は)?|毎度|日頃(?:より|から)?|大変|誠に|格別の?|当社|弊社|の?業務に|の?ご(?:高配|厚情|愛顧|引き立て)"
    r"(?:を|に)?(?:賜り|いただき|頂き|あずかり)?|、){0,6}"
    r"(?:お?世話に?(?:なって(?:おります|います|ます)|なります|なりました|様です|さまです|様でございます)"
    rf"|厚く(?:御礼|お礼)申し上げます|(?:{_THANKS}))"
    r"|(?:お疲れ(?:様|さま)|おつかれさま|ご苦労様)(?:です|でございます|でした)?|こんにちは|こんばんは|おはようございます"
    r"|(?:初め|はじめ)まして|ご無沙汰しております|突然の(?:ご連絡|メール)(?:で)?失礼(?:いた|致)?します"
)
_LEADS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?:{_GREETING})(?:が)?(?:[、,]|$)",
        rf"(?:早速の|早々の|迅速な|ご?丁寧な|先日は?|この度は|このたびは|昨日は|本日は|今回は|どうも|誠に|大変|、){{0,4}}"
        rf"{_THING}(?:を|の|、)?(?:いただき|頂き|くださり|下さり|賜り)?(?:まして)?、?(?:誠に|大変|どうも)?(?:{_THANKS})(?:[、,]|$)",
        rf"(?:{_AGAIN}|{_LATE}|{_BUSY}|{_TROUBLE}|、){{0,5}}{_SORRY}(?:でした)?(?:(?:が|けれど|けど)[、,]?|[、,]|$)",
        rf"{_TROUBLE}が[、,]?",
        rf"{_NAMED}?(?:を|は|、)?(?:確かに|無事に?|一通り)?{_LOOKED}{_DID}(?:ので[、,]?|[、,]|$)",
        rf"(?:{_NAMED}|すべて|全て|特に|に|は|で|も|、){{0,5}}(?:問題|間違い|相違|異存|異議|不備|誤り|変更|修正|訂正)(?:点)?[はも]?"
        r"(?:ありません|ございません|ありませんでした|ございませんでした|ないです|無いです|なし|無し)(?:です)?"
        r"(?:(?:ので|ため)[、,]?|[、,]|$)",
        r"(?:はい|では|なお|さて|また|あと|追伸|至急|早速ですが|突然ですが)[、,]|それでは[、,]?|早速ですが",
        r"(?:標記|表記|首題|件名|掲題|表題|上記|下記|本件)(?:の件|の内容)?(?:について|につきまして|に関して|に関しまして|ですが)[、,]?",
        r"(?:取り?急ぎ|とり急ぎ)[、,]",
        r"(?:先ほど|先程|さきほど|ただいま|本日|今日|昨日)[、,]?(?!中|は|の|で|から|まで|付)",
    )
)
# Whole sentences (squashed, without their last mark) that ask for nothing, whatever stands beside them.
_COURTESIES = re.compile(
    "|".join(
        f"(?:{pattern})"
        for pattern in (
            rf"(?:以上|では|それでは|引き?続き|今後とも?|今後も|なにとぞ|何卒|どうぞ|どうか|取り?急ぎ|、){{0,5}}"
            rf"(?:{_CARE}(?:の(?:ほど|程|上|うえ)|を|方)?、?){{0,3}}(?:なにとぞ|何卒|どうぞ|どうか)?、?{_WELL}"
            rf"(?:{_CARE}(?:の(?:ほど|程))?を?)?、?(?:{_BEG}|頼みます|たのみます|です)?",
            rf"{_CARE}の(?:ほど|程)を?、?{_BEG}",
            rf"{_BEG}",
            rf"(?:の|以上の?|上記の?)?(?:[0-9一二三四五両](?:つ|点|件|通)?|両方)(?:とも)?を?{_BEG}",
            r"(?:以上|記)(?:です|となります|でございます)?",
            rf"(?:どうも|誠に|大変|いつも|本当に|先日は|この度は|色々と?|いろいろと?|、){{0,3}}(?:{_THANKS})",
            r"(?:取り?急ぎ|とり急ぎ)、?(?:(?:ご?(?:報告|連絡|返信|返事|回答)|お礼|御礼)(?:まで(?:に)?|します|いたします|申し上げます)?)?",
            r"(?:失礼(?:いたし|致し|し)(?:ます|ました)|草々|敬具|拝啓|前略|早々|謹啓|謹白)",
            r"(?:了解|承知|かしこまり|分かり|わかり)(?:です|しました|いたしました|致しました|ました)?",
            r"(?:標記|表記|首題|件名|掲題|表題)(?:の件|について|に関して|の件について)?",
            r"(?:保証便|ご担当者?|担当者?|各位)(?:様|御中|殿|さま)?へ?",
            r"(?:ご?確認|ご?回答|ご?返信|ご?連絡)をお待ちしております",
            rf"{_CARE}を?(?:いただけ|頂け)(?:ますと|ましたら|れば)(?:幸い|幸甚|助かり|ありがたく存じ)(?:です|ます|に存じます)?",
            r"ご?査収(?:ください|下さい|くださいませ|願います)",
            r"(?:何か|もし|なお、?){0,2}ご?(?:不明|質問|疑問|用命)(?:な?点|箇所|等|など)?(?:が|等が)?"
            r"(?:ございましたら|ありましたら|あれば|ございます場合は|ある場合は|の[際場]合?は)、?(?:お手数ですが)?、?"
            r"(?:.{0,20}まで)?、?(?:お?気軽に)?ご?(?:連絡|教示|指摘|一報|返信|電話|お知らせ)を?(?:いただ(?:き|け)ますよう)?、?"
            rf"(?:ください|下さい|くださいませ|願います|{_BEG})",
        )
    )
)
_DISCLAIMER = re.compile(
    r"(?:本|この|当)(?:電子)?メール(?!.{0,40}送[りっ信]).{0,80}(?:心当たり|受信者|第三者|機密|複製|転載).{0,80}"
    r"|(?:万一、?|もし、?)?.{0,10}(?:心当たりの?な|誤って受信).{0,80}"
)
# Names of commands, and what is reported rather than introduced: no line with them is a name.
_NO_NAME = re.compile(
    r"承認|謝絶|差し?戻|審査済|(?:利用|発注者|メール)登録|メール(?:アドレスの?)?(?:追加|削除)|入金|提出|送付|取り?下げ|申し?込|停止|再開|変更|解約|証書|キー|一覧|状況|使い方|ヘルプ|照会|検証"
    r"|質問|回答|中止|保留|待ち|予定|希望|遅延|延長|指示|指導|要望|都合|依頼|方針|判断|意向|検査|完了|着手|契約書|返還|増額|減額"
    r"|(?:です|ます|ました|ません|ください|下さい)$|願|\d{4}"
)
_SPEAKS = re.compile(
    r"承認|謝絶|差し?戻|審査済|入金|提出|取り?下げ|申し?込|停止|再開"
    r"|(?:ます|ました|です|でした|ください|下さい|お願い|おねがい|願います)[。.!]?$"
)
_ADDRESSEE = re.compile(r"[^をはがで、。?]{1,40}(?:様|御中|各位|殿|さま|さん|担当者|ご担当)(?:へ|宛て?)?")
_MARK = r"(?:株式会社|\(株\)|有限会社|\(有\)|合同会社|\(同\)|合資会社|企業組合|協同組合)"
_BODY = (
    r"(?:建設|建築|工業|工務店|興業|興産|土木|土建|組|設備|電気|電設|電工|造園|緑化|道路|舗装|塗装|測量|設計|コンサルタント"
    r"|産業|技研|重機|鉄工|市役所|役場|県庁|市|町|村|県|府|庁|区|課|部|係|室|局|支店|支社|本店|本社|営業所|事務所|出張所"
    r"|現場|総務|経理|営業|センター|公社|公団|組合|信用金庫|銀行)"
)
_ORGANISATION = rf"[^。?:]{{0,30}}(?:{_MARK}[^。?:]{{0,20}}|{_BODY})"
_PERSON = r"(?:[一-鿿々〆ヶ]{1,6}|[ぁ-ん]{2,6}|[ァ-ヶー]{2,8}|[a-z][a-z. ]{1,20})"
_INTRODUCTION = re.compile(
    rf"(?:こちら、?|私、?)?(?:{_ORGANISATION}の?、?{_PERSON}(?:です|と申します|でございます)|.{{1,30}}と申します)(?:が)?"
)
_SAYS_NAME = re.compile(r"(?:です|と申します|でございます)が?$")
_OPENING = re.compile(rf"(?:{_GREETING})、?(?P<rest>.+)")
_NAME_LINE = re.compile(
    rf"(?:{_ORGANISATION}(?:{_PERSON})?|{_PERSON}){{1,2}}(?:\(.{{1,12}}\))?|(?:{_BODY}|長|代表|担当)+.{{1,8}}"
)
_THANKED = re.compile(rf"{_THANKS}|了解|承知|{_LOOKED}{_DID}")


def is_courtesy(sentence: str) -> bool:
    """Say whether a sentence asks for nothing: greeting, thanks, politeness, a name."""
    rest = without_leads(sentence)
    return not rest or is_idle(rest, opening=True)


def is_thanks(folded: str) -> bool:
    """Say whether a squashed courtesy thanks, or says that something was seen: it needs no answer."""
    return bool(_THANKED.search(folded))


def without_leads(sentence: str) -> str:
    """Take away what politely leads in; return '' where nothing else was said."""
    if len(sentence) > LONGEST_SENTENCE:
        return sentence
    folded = rest = squash(sentence)
    while rest and (found := next((m for lead in _LEADS if (m := lead.match(rest)) and m.end()), None)):
        rest = rest[found.end() :]
    rest = rest.strip("、,")
    return sentence if rest == folded else as_written(sentence, rest)


def is_idle(sentence: str, *, opening: bool) -> bool:
    """Say whether a sentence without its leads asks for nothing; only an opening one introduces a person."""
    if len(sentence) > LONGEST_SENTENCE:
        return False
    folded = squash(sentence).rstrip("。.!、,~")
    if not folded or _COURTESIES.fullmatch(folded) or _DISCLAIMER.fullmatch(folded):
        return True
    if is_doubt(folded) or _NO_NAME.search(_SAYS_NAME.sub("", folded)):
        return False
    if _ADDRESSEE.fullmatch(folded):
        return True
    return opening and _introduces(folded)


def _introduces(folded: str) -> bool:
    opened = _OPENING.fullmatch(folded)
    return bool(_INTRODUCTION.fullmatch(opened["rest"] if opened else folded))


def is_name(folded: str) -> bool:
    """Say whether a squashed line is the name of a firm, department or person, and no command."""
    looks_so = len(folded) <= 60 and bool(_NAME_LINE.fullmatch(folded))
    return looks_so and not _NO_NAME.search(folded) and not is_doubt(folded)


def may_sign(folded: str) -> bool:
    """Say whether a squashed line may stand in a signature: it says nothing, and takes nothing back."""
    return is_disclaimer(folded) or not ("。" in folded or _SPEAKS.search(folded) or is_doubt(folded))


def is_disclaimer(folded: str) -> bool:
    """Say whether a squashed line is the notice that firms print below every mail."""
    return bool(_DISCLAIMER.fullmatch(folded.rstrip("。")))


def as_written(text: str, folded: str) -> str:
    """Give back the tail of a text that squashes to `folded`, as it was written; else `folded` itself."""
    low, high = 0, len(text)
    while low < high:
        middle = (low + high) // 2
        if len(squash(text[middle:])) > len(folded):
            low = middle + 1
        else:
            high = middle
    return text[low:].strip() if squash(text[low:]) == folded else folded
