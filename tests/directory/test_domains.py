"""Which domains may stand for a whole party, and which only look like a registered one."""

import pytest

from bot.surety.domains import PROVIDERS, is_provider, refuse_domain, similar_domain

OWN = ("hoshobin.example",)
KNOWN = ("iyo-kensetsu.example", "city.iyonada.lg.example", "tokuyama-sekkei.example")


@pytest.mark.parametrize(
    ("domain", "fault"),
    [
        ("city.matsuyama.ehime.jp", None),
        ("city.iyonada.lg.example", None),
        ("gmail.com", "provider"),
        ("yahoo.co.jp", "provider"),
        ("ocn.ne.jp", "provider"),
        ("agate.plala.or.jp", "provider"),
        ("icloud.com", "provider"),
        ("docomo.ne.jp", "provider"),
        ("ezweb.ne.jp", "provider"),
        ("i.softbank.jp", "provider"),
        ("nifty.com", "provider"),
        ("xx.biglobe.ne.jp", "provider"),
        ("so-net.ne.jp", "provider"),
        ("outlook.com", "provider"),
        ("hotmail.com", "provider"),
        ("hoshobin.example", "own"),
        ("mail.hoshobin.example", "own"),
        ("lg.jp", "not_a_domain"),
        ("jp", "not_a_domain"),
        ("", "not_a_domain"),
        (".example", "not_a_domain"),
        ("市役所.jp", "not_a_domain"),
    ],
)
def test_a_domain_is_refused_for_a_reason(domain: str, fault: str | None) -> None:
    assert refuse_domain(domain, OWN) == fault


def test_a_domain_that_others_use_too_is_bound_only_where_staff_have_allowed_it() -> None:
    others = ["伊予灘水道企業団"]
    assert refuse_domain("city.iyonada.lg.example", OWN, others) == "shared"
    assert refuse_domain("city.iyonada.lg.example", OWN, others, shared_ok=True) is None
    assert refuse_domain("gmail.com", OWN, others, shared_ok=True) == "provider"


def test_a_name_that_only_ends_like_a_provider_is_none() -> None:
    assert not is_provider("not-gmail.com")
    assert not is_provider("gmail.com.example")


def test_the_kept_list_is_folded_sorted_domains() -> None:
    assert len(PROVIDERS) > 80
    assert all(one == one.lower() and "." in one and " " not in one for one in PROVIDERS)


@pytest.mark.parametrize(
    "domain",
    [
        "iy0-kensetsu.example",
        "iyo-kensetu.example",
        "iyo-kensetsuu.example",
        "iyokensetsu.example",
        "lyo-kensetsu.example",
        "iyo-kensetsu.exarnple",
        "xn--yo-kensetsu-yvj.example",  # a Cyrillic і
        "iyo-kenestsu.example",
    ],
)
def test_a_look_alike_is_named(domain: str) -> None:
    assert similar_domain(domain, KNOWN) == "iyo-kensetsu.example"


@pytest.mark.parametrize(
    "domain",
    ["iyo-kensetsu.example", "elsewhere.example", "iyo-doboku.example", "gmail.com", "xn--a-.example"],
)
def test_a_domain_that_is_known_or_like_none_is_not(domain: str) -> None:
    assert similar_domain(domain, KNOWN) is None
