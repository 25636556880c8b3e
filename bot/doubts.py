"""Sentences that take back, limit, put off or question what stands beside them: they forbid acting."""

import re

# Searched in squashed text. A word too many costs one question back; a word too few acts against somebody's
# will, so what is common in either sense stands here too.
_NEGATION = (
    r"ない|ません|ませぬ|(?<![もと])なく|無く|無い|なかっ|なし|無し|ぬ(?:よう|まま|$)|まい$|ざる"
    r"|(?<!必)(?<!ま)(?<!とりあえ)(?<!取りあえ)(?<!取り敢え)ず(?:に|、|$)"
    r"|不可|不要|不承|不同意|不備|不服|否[決認]|却下|拒|断[りるら]|無理|無効|だめ|ダメ|駄目|かね(?:ます|る)"
    r"|困り|困る|遠慮|(?<![a-z])(?:ng|not|don't|do not|cancel|stop|wait)(?![a-z])|^(?:no|否|×)$"
)
_REVOCATION = (
    r"待|ちょっと|しばらく|一旦|いったん|当面|当分|保留|留保|中断|中止|やめ|辞め|止[めま]|取りやめ|とりやめ|延期|延ば"
    r"|見送|見合わ|控え|猶予|撤回|取消|取り消|キャンセル|ストップ|白紙|破棄|無視|間違|誤り|誤って|誤送信|ミス"
    r"|訂正|修正|違[いうっ]|異な|ではなく|じゃ?なく|でなく|よりも|代わりに|かわりに"
)
_LIMIT = (
    r"ただし|但し|但、|しかし|ですが|ますが|ましたが|けれど|けど|ものの|とはいえ|のみ|だけ[はで]|だけです|以外"
    r"|除[くいき]|除外|限り|限って|限定|まだ|未だ|未[定済了]|未確"
)
_CONDITION = (
    r"場合|なら(?!び)|[たんい]だら|たら|れば|もし|万一|条件|次第|前提|まで(?:は|待)|てから|でから|から後"
    r"|(?<!午)後[にで]|あと[にで]|たあと|うえ?で|上で|のうえ|際は|時は|ときは|とき、|以降|以後"
)
_QUESTION = (
    r"でしょうか|ますか|ですか|ましたか|せんか|のか(?:$|、|。)|かね$|よいか|良いか|いいか|かな|かしら|[?]"
    r"|教えて|おしえて|いつ(?!も)|どう(?!ぞ|も|か)|なぜ|何故|どこ|だれ|誰|どちら|どれ|いくら|何[がを日時円人か]"
    r"|検討|考え|相談|協議|悩|迷|不明|分から|わから|かもしれ|はず[でだ]|確認中|確認したい"
)
_DOUBT = re.compile("|".join((_NEGATION, _REVOCATION, _LIMIT, _CONDITION, _QUESTION)))
_LATER = r"来週|来月|来年|翌[日週月]|明日|あした|あす|明後日|週明け|後日|月末|月初|のちほど|後ほど|今度|予定"
_PUTS_OFF = re.compile(_LATER)
_ONLY_WHEN = re.compile(
    rf"^(?:{_LATER}|\d{{1,2}}月\d{{1,2}}日|\d{{1,2}}日|\d{{1,2}}/\d{{1,2}})(?:\(.\))?(?:の?(?:午前|午後|朝|夕方))?"
    r"(?:に|で|から|以降|頃|ごろ|付け?)*(?:お願い.{0,10}|して.{0,10}|です|で(?:いい|良い|結構)です|.{0,4}ます)?$"
)


def is_doubt(folded: str) -> bool:
    """Say whether a squashed sentence holds a negation, limit, condition or question, or only a later day."""
    return bool(_DOUBT.search(folded) or _ONLY_WHEN.match(folded))


def puts_off(folded: str) -> bool:
    """Say whether a squashed sentence speaks of a later day."""
    return bool(_PUTS_OFF.search(folded))
