"""Each mail of the corpus is explained word for word as its .expect says (`make accept` rewrites them)."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.mails.corpus import FOLDER, Corpus, names, open_corpus
from tests.mails.sources import SOURCES, Source, source_of

QUICK = 25  # of the mails that were made in numbers, `make quick` explains one in so many


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Corpus]:
    folder: Path = tmp_path_factory.mktemp("corpus")
    with open_corpus(folder) as opened:
        yield opened


def cases() -> list[object]:
    """Return all mails; those made in numbers are marked slow but for a few."""
    in_numbers = [name for name in names() if source_of(name).is_made_in_numbers]
    thorough = {name for at, name in enumerate(in_numbers) if at % QUICK}
    return [pytest.param(name, marks=[pytest.mark.slow] * (name in thorough)) for name in names()]


@pytest.mark.parametrize("name", cases())
def test_a_mail_is_explained_as_expected(corpus: Corpus, name: str) -> None:
    expected = (FOLDER / f"{name}.expect").read_text(encoding="utf-8")
    assert corpus.explained(name) == expected


def test_explaining_writes_nothing(corpus: Corpus) -> None:
    before = [corpus.explained(name) for name in names()[:3]]
    assert [corpus.explained(name) for name in names()[:3]] == before


def test_at_least_half_of_three_hundred_mails_were_made_by_others() -> None:
    kinds = [source_of(name).kind for name in names()]
    assert len(kinds) >= 300
    assert kinds.count("own") <= len(kinds) / 2


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.pattern)
def test_every_source_has_mails_and_the_files_it_refers_to(source: Source) -> None:
    assert any(source_of(name) == source for name in names())
    assert source.files
    assert all((FOLDER / file).is_file() for file in source.files)
