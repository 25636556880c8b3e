"""The people of the demo: those of the trial's directory, and the strangers who are in none."""

from bot.operations.demo_mails import Person

_IYO = (
    "-----------------------------\n㈱いよ建設　総務部　髙橋\nTEL089-000-1234\n-----------------------------"
)
_CITY = (
    "************************************\n伊予灘市 財務部 契約課\n山田　一郎\n"
    "電話 089-000-2000(内線2211)\n************************************"
)

SOUMU = Person("soumu@iyo-kensetsu.example", "髙橋", _IYO)
GENBA = Person("genba@iyo-kensetsu.example", "いよ建設 現場事務所")
SAEKI = Person("saeki@tokuyama-sekkei.example", "佐伯")
KEIYAKU = Person("keiyaku@city.iyonada.lg.example", "伊予灘市 契約課", _CITY)
KENSETSU = Person("kensetsu@city.iyonada.lg.example", "伊予灘市 建設課")
YAMADA = Person("yamada-ichiro@city.iyonada.lg.example", "山田　一郎", _CITY)
MATSUYAMA = Person("keiyaku@city.matsuyama.lg.example", "松山市 契約課")
SHINSA = Person("shinsa@surety.example", "審査 佐々木")
KESSAI = Person("kessai@surety.example", "支店長 渡部")
SHUNO = Person("shuno@surety.example", "収納 森")
KANRI = Person("kanri@surety.example", "管理 石川")

STRANGER = Person("suido@town.tobe.example", "砥部町 上下水道課")
OTHER_STRANGER = Person("someone@elsewhere.example", "照会者")
THIRD_STRANGER = Person("keiri@village.kumano.example", "熊野村 会計室")
FORGER = Person("news@bulk-sender.example", "一斉配信")

CONTRACTORS = frozenset({SOUMU.address, GENBA.address, SAEKI.address})
STAFF = frozenset({SHINSA.address, KESSAI.address, SHUNO.address, KANRI.address})
REGISTERED = CONTRACTORS | STAFF | {KEIYAKU.address, KENSETSU.address, MATSUYAMA.address}
