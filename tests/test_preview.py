"""`hoshobin preview`: every letter as files to look at, from one command."""

import email
import re
from email.policy import default
from pathlib import Path

import pytest

from bot.operations.preview import letter_names, render_letters, write_previews
from bot.operations.preview_jobs import LETTER_TEMPLATES, READERS
from bot.operations.preview_samples import JOINED, ORDERERS, SAMPLES, STAFF, STRANGERS
from tests.command_line import hoshobin


def test_every_template_and_every_joined_letter_is_previewed() -> None:
    assert set(letter_names()) == set(LETTER_TEMPLATES) | set(JOINED)
    assert {name for sections in JOINED.values() for name, _ in sections} <= set(SAMPLES)


def test_who_gets_a_letter_is_said_of_templates_that_exist() -> None:
    assert {*ORDERERS, *STAFF, *STRANGERS} <= set(LETTER_TEMPLATES)
    assert {letter.reader for letter in render_letters()} == set(READERS)


def test_each_letter_is_left_as_mail_html_and_text_and_listed_on_one_page(tmp_path: Path) -> None:
    told: list[str] = []
    done = write_previews(tmp_path / "out", "", told.append)
    assert len(told) == len(done) == sum(map(len, SAMPLES.values())) + len(JOINED)
    index = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    for letter in done:
        files = {kind: tmp_path / "out" / f"{letter.name}.{kind}" for kind in ("eml", "html", "txt")}
        mail = email.message_from_bytes(files["eml"].read_bytes(), policy=default)
        assert mail["Subject"] == letter.subject
        assert "</html>" in files["html"].read_text(encoding="utf-8")
        assert files["txt"].read_text(encoding="utf-8").endswith("\n")
        assert all(f'href="{file.name}"' in index for file in files.values())
    links = set(re.findall(r'(?:href|src)="([^"]+)"', index))
    assert all((tmp_path / "out" / link).is_file() for link in links)


def test_one_letter_alone_is_rendered_where_it_is_asked_for(tmp_path: Path) -> None:
    [premium] = write_previews(tmp_path, "premium", lambda _: None)
    assert premium.reader == "contractor"
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "index.html",
        "premium.eml",
        "premium.html",
        "premium.txt",
    ]


def test_a_name_that_no_letter_has_is_refused_with_the_names_there_are(tmp_path: Path) -> None:
    with pytest.raises(KeyError, match=r"no letter is called 'premum'.*premium"):
        write_previews(tmp_path / "out", "premum", lambda _: None)
    assert not (tmp_path / "out").exists()


def test_the_command_tells_where_to_look_and_names_a_wrong_name(tmp_path: Path) -> None:
    shown = hoshobin("preview", "--out", tmp_path, "--only", "verified", "--json")
    assert shown.code == 0
    assert shown.json["index"] == str(tmp_path / "index.html")
    assert [one["name"] for one in shown.json["letters"]] == ["verified", "verified-2"]
    assert {one["reader"] for one in shown.json["letters"]} == {"orderer"}
    wrong = hoshobin("preview", "--out", tmp_path, "--only", "verifed")
    assert wrong.code == 2
    assert "no letter is called 'verifed'" in wrong.err
