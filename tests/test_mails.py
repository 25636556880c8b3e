"""Each mail of the corpus is explained word for word as its .expect says (`make accept` rewrites them)."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.mails.corpus import FOLDER, Corpus, names, open_corpus


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Corpus]:
    folder: Path = tmp_path_factory.mktemp("corpus")
    with open_corpus(folder) as opened:
        yield opened


@pytest.mark.parametrize("name", names())
def test_a_mail_is_explained_as_expected(corpus: Corpus, name: str) -> None:
    expected = (FOLDER / f"{name}.expect").read_text(encoding="utf-8")
    assert corpus.explained(name) == expected


def test_explaining_writes_nothing(corpus: Corpus) -> None:
    before = [corpus.explained(name) for name in names()[:3]]
    assert [corpus.explained(name) for name in names()[:3]] == before
