"""A death in the very first start, before there is a database, is no hindrance to the second."""

import os
from pathlib import Path

import pytest

from storage.sealed import load_key_file, make_key_file


class _DiedError(Exception):
    pass


def test_a_death_before_the_key_is_written_leaves_no_empty_key_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key file that exists is taken for the key: an empty one would refuse every later start."""
    file = tmp_path / "service.key"

    def die(descriptor: int, *_: object) -> None:
        os.close(descriptor)
        raise _DiedError

    with monkeypatch.context() as patch:
        patch.setattr(os, "fdopen", die)
        with pytest.raises(_DiedError):
            make_key_file(file)
    assert not file.exists()
    make_key_file(file)
    assert load_key_file(file).seal(b"x", "y")
    assert [one.name for one in tmp_path.iterdir()] == ["service.key"]


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "service.key"
    make_key_file(file)
    before = file.read_text()
    with pytest.raises(FileExistsError):
        make_key_file(file)
    assert file.read_text() == before
