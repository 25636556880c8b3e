"""Sentences that take back, limit, put off or question what stands beside them: they forbid acting."""

import re

# Searched in squashed text. A word too many costs one question back; a word too few acts against somebody's
# will, so what is common in either sense stands here too.
_NEGATION = (
    r"ない|ません|ませぬ|(?<![もと])なく|無く|無い|なかっ|無かっ|なし|無し|ぬ(?:よう|まま|$)|まい$|ざる|ないで"
    r"|(?<!必)(?<!ま)(?<!とりあえ)(?<!取りあえ)(?<!取り敢え)ず(?:に|、|$)"
    r"|不可|不要|不承|不同意|不備|不服|不調|不足|足り|否[決認]|却下|拒|断[りるら]|無理|無効|だめ|ダメ|駄目|かね(?:ます|る)"
    r"|困り|困る|遠慮|辞退|反対|禁|難し|厳し|尚早|(?:今は|もう|いや、?|別に|やはり)いいです|結構です|^[未非否×✕✖❌]"
    r"|未[定済了完着提承契入払受記確]|(?<![a-z])(?:ng|no(?:$|t(?!e|i)|thank|way)|don'?t|cancel|stop|wait|never|hold)"
)
_REVOCATION = (
    r"待|ちょっと|しばらく|一旦|いったん|当面|当分|保留|留保|中断|中止|やめ|辞め|止[めま]|取りやめ|とりやめ|延期|延ば"
    r"|先送|見送|見合わ|控え(?:[てる]|ます|たい|させ|ください|下さい|願|の(?:ほど|程))|猶予|撤回|自分で|取消|取り消|取り?下げ|差し?戻|謝絶|解約|解除|キャンセル|ストップ|白紙|破棄|無視"
    r"|忘れ|流れまし|流れた|間違|誤り|誤って|誤送信|ミス|訂正|修正|直し[てま]|直す|変更|変わ[りっる]|漏れ|もれ|抜け|旧(?:名|社|商|住|姓)"
    r"|違[いうっ]|異な|ではなく|じゃ?なく|でなく|よりも|代わりに|かわりに|再[考検]|(?<![一-鿿])仮(?![一-鿿])"
    r"|テスト|試し|練習|サンプル|^例"
)
_LIMIT = (
    r"ただし|但し|但、|しかし|ですが|ますが|ましたが|けれど|けど|ものの|とはいえ|のみ|だけ|以外|別です|除[くいき]|除外"
    r"|限り|限って|限定|まだ|未だ|すでに|既に|もう(?:出|送|提)|同時"
)
_CONDITION = (
    r"場合|なら(?!び)|[たんい]だら|たら|れば|もし|万一|条件|次第|前提|まで(?:は|待)|てから|でから|から後|あとに|あとで|たあと"
    r"|(?<![午今前最])(?<!その)後(?:$|[にでの、]|です|から)|うえ?で|上で|のうえ|際は|時は|ときは|とき、|以降|以後"
)
_QUESTION = (
    r"でしょうか|ますか|ですか|ましたか|せんか|のか(?:$|、|。)|かね$|よいか|良いか|いいか|かな|かしら|[?]"
    r"|教えて|おしえて|いつ(?!も)|どう(?!ぞ|も|か)|なぜ|何故|どこ|だれ|誰|どちら|どれ|いくら|何[がを日時円人か]"
    r"|検討|考え|相談|協議|悩|迷(?!惑)|不明|分から|わから|かもしれ|はず[でだ]|確認中|確認したい"
)
_HEARSAY = r"^と(?:書|言|い[うっ]|返|記|あり|ある|の|聞)|と(?:書いて|言われ|言って|聞い|のこと)"
_DOUBT = re.compile("|".join((_NEGATION, _REVOCATION, _LIMIT, _CONDITION, _QUESTION, _HEARSAY)))
_LATER = (
    r"来週|来月|来年|翌[日週月]|明日|あした|あす|明後日|週明け|後日|月末|月初|年明け|年度末|のちほど|後ほど|今度|予定|再来"
    r"|[月火水木金土日]曜日?"
)
_OTHERWISE = re.compile(rf"{_LATER}|(?:当社|弊社|こちら|自分|私(?:ども)?)(?:から|より|で|が)")
_ONLY_WHEN = re.compile(
    rf"^(?:(?:{_LATER}|\d{{1,2}}月\d{{1,2}}日|\d{{1,2}}日|\d{{1,2}}/\d{{1,2}})の?)+(?:\(.\))?(?:午前|午後|朝|夕方)?"
    r"(?:に|で|から|以降|頃|ごろ|付け?)*(?:お願い.{0,10}|して.{0,10}|です|で(?:いい|良い|結構)です|.{0,4}ます)?$"
)

_CASE_CODE = re.compile(r"(?<![a-z0-9])[a-z]\d{1,2}-\d{5}-[0-9a-z]{4}(?![a-z0-9])")


def is_doubt(folded: str) -> bool:
    """Say whether a squashed sentence holds a negation, limit, condition or question, or only a later day.

    A case code says nothing, whatever its letters spell.
    """
    said = _CASE_CODE.sub("", folded)
    return bool(_DOUBT.search(said) or _ONLY_WHEN.match(said))


def is_otherwise(folded: str) -> bool:
    """Say whether a squashed sentence speaks of a later day, or of doing it oneself."""
    return bool(_OTHERWISE.search(folded))
