"""利用登録 from somebody who is registered: told so, with what can be done instead."""

from tests.desk import CITY, IYO, IYO_SITE, Desk


def test_a_builder_hears_its_number_and_its_right(desk: Desk) -> None:
    answered = desk.write(IYO, "利用登録をお願いします", subject="利用登録")
    assert answered.templates == ["enrolled_already"]
    values = answered.letter_to(IYO).sections[0].values
    assert (values["customer_number"], values["may_apply"]) == ("C-10001", True)
    assert desk.write(IYO_SITE, "利用登録").letter_to(IYO_SITE).sections[0].values["may_apply"] is False


def test_an_orderer_hears_how_to_ask(desk: Desk) -> None:
    assert desk.write(CITY, "利用登録").letter_to(CITY).sections[0].values["party"] == "orderer"
