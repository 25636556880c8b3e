"""What `directory lint` names, party by party, before it costs somebody a certificate."""

from pathlib import Path
from typing import Any

import pytest

from bot.operations.directory_lint import doubts
from bot.operations.trial import HERE
from storage.directory import DirectoryView, import_content, import_directory
from storage.opening import Opened
from tests.command_line import hoshobin, trial_environment

TRIAL = Path(str(HERE / "trial_directory.toml"))
OWN = frozenset({"hoshobin.example"})
BUILDER = {
    "number": "C-7",
    "kind": "contractor",
    "name": "株式会社みなと工業",
    "address": "伊予灘市港町一丁目1番1号",
    "representative": "代表取締役　湊　一郎",
    "phone": "089-000-7777",
    "mailbox": [{"address": "a@minato-kogyo.example", "roles": ["申込できる"]}],
}
VILLAGE = {
    "number": "O-7",
    "kind": "orderer",
    "name": "みなと村",
    "mailbox": [{"address": "keiyaku@vill.minato.lg.example", "roles": ["照会"]}],
}
PROFILE = {
    "party": "O-7",
    "addressee": "みなと村長",
    "accepted_measure": "mail",
    "basis": "みなと村契約約款第4条",
    "covered_from": "2026-04-01",
    "kinds": ["performance"],
    "channel": "mail",
    "submissions": {"performance": {"department": "総務課", "address": "keiyaku@vill.minato.lg.example"}},
}


def found(opened: Opened, *parties: dict[str, Any], orderer: dict[str, Any] | None = None) -> list[str]:
    """Import parties beside those of the trial; return what is doubtful of them."""
    content = {"party": [dict(one) for one in parties], "orderer": [dict(orderer)] if orderer else []}
    opened.database.write(lambda session: import_directory(session, TRIAL))
    opened.database.write(lambda session: import_content(session, content, "test"))
    with opened.database.reading() as session:
        return [one.text for one in doubts(DirectoryView(session), OWN)]


def test_nothing_is_doubtful_in_the_trials_directory(opened: Opened) -> None:
    assert found(opened) == []


def test_a_whole_new_builder_and_village_are_beyond_doubt(opened: Opened) -> None:
    assert found(opened, BUILDER, VILLAGE, orderer=PROFILE) == []


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({"mailbox": []}, "has no mailbox"),
        ({"mailbox": [{"address": "a@minato.example"}]}, "a@minato.example has no role"),
        (
            {"mailbox": [{"address": "a@minato.example", "roles": ["閲覧のみ"]}]},
            "no mailbox may apply (申込できる)",
        ),
        ({"representative": ""}, "has no address or representative: certificates print them"),
        ({"phone": ""}, "has no phone number: nobody can be called when letters do not arrive"),
        (
            {"mailbox": [{"address": "a@iyo-kensetu.example", "roles": ["申込できる"]}]},
            "iyo-kensetu.example can be mistaken for iyo-kensetsu.example",
        ),
    ],
)
def test_a_builder_that_cannot_work_with_us_is_named(
    opened: Opened, changed: dict[str, Any], text: str
) -> None:
    assert text in found(opened, {**BUILDER, **changed})


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({"basis": ""}, "no basis (約款・要領): nothing electronic is issued"),
        ({"covered_from": None}, "no day from which electronic certificates are accepted"),
        ({"kinds": []}, "no kind of guarantee is named: nothing electronic is issued"),
        ({"submissions": {}}, "契約保証: nobody is named to whom the key notice goes"),
        (
            {"submissions": {"performance": {"department": "総務課"}}},
            "契約保証: submitted by mail, but no address is given",
        ),
        ({"channel": "web_form"}, "契約保証: submitted by a web form, but none is named"),
    ],
)
def test_a_profile_by_which_nothing_can_be_issued_is_named(
    opened: Opened, changed: dict[str, Any], text: str
) -> None:
    assert text in found(opened, VILLAGE, orderer={**PROFILE, **changed})


def test_an_orderer_of_paper_alone_needs_no_more(opened: Opened) -> None:
    paper = {"party": "O-7", "addressee": "みなと村長", "accepted_measure": "paper", "channel": "paper"}
    assert found(opened, VILLAGE, orderer=paper) == []


def test_a_mailbox_of_an_office_at_a_provider_is_worth_a_look(opened: Opened) -> None:
    free = {**VILLAGE, "mailbox": [{"address": "minatomura@gmail.com", "roles": ["照会"]}]}
    assert any("at a provider (gmail.com)" in one for one in found(opened, free))


def test_the_command_names_doubts_and_its_exit_code_says_whether_one_is_a_fault(tmp_path: Path) -> None:
    environment = trial_environment(tmp_path, f"sqlite:///{tmp_path / 'lint.db'}")
    assert hoshobin("directory", "import", TRIAL, "--trial", environment=environment).code == 0
    clean = hoshobin("directory", "lint", "--trial", environment=environment)
    assert (clean.code, clean.out) == (0, "nothing is doubtful\n")
    more = tmp_path / "more.csv"
    more.write_text("番号,種別,名称\nC-9,受注者,株式会社無連絡\n", encoding="utf-8")
    assert hoshobin("directory", "import", more, "--trial", environment=environment).code == 0
    ran = hoshobin("directory", "lint", "--trial", "--json", environment=environment)
    assert ran.code == 1
    assert {"where": "C-9 株式会社無連絡", "text": "has no mailbox", "is_fault": True} in ran.json
