"""The service key: what it seals opens only in its own row, and after a rotation too."""

import stat
from pathlib import Path

import pytest

from storage.sealed import KeyMissing, Sealer, add_key, load_key_file, make_key_file

ROW = "inbox:4f2a"


@pytest.fixture
def sealer(key_file: Path) -> Sealer:
    return load_key_file(key_file)


def test_what_was_sealed_opens_again(sealer: Sealer) -> None:
    for plain in (b"", b"x", bytes(range(256)) * 1000):
        sealed = sealer.seal(plain, ROW)
        assert sealer.unseal(sealed, ROW) == plain
        assert plain == b"" or plain not in sealed or len(plain) == 1


def test_the_same_bytes_are_sealed_differently_each_time(sealer: Sealer) -> None:
    assert sealer.seal(b"x", ROW) != sealer.seal(b"x", ROW)


def test_sealed_bytes_moved_to_another_row_do_not_open(sealer: Sealer) -> None:
    sealed = sealer.seal(b"for this row", ROW)
    with pytest.raises(KeyMissing, match="sealed bytes do not belong to inbox:beef"):
        sealer.unseal(sealed, "inbox:beef")


def test_another_key_does_not_open_them_and_the_text_names_the_key_that_would(sealer: Sealer) -> None:
    sealed = sealer.seal(b"secret", ROW)
    with pytest.raises(KeyMissing, match=f"no service key with id {sealer.current_id} at hand"):
        Sealer([b"k" * 32]).unseal(sealed, ROW)


def test_no_byte_can_be_changed(sealer: Sealer) -> None:
    sealed = sealer.seal(b"secret", ROW)
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises(KeyMissing):
            sealer.unseal(bytes(changed), ROW)


def test_bytes_that_were_cut_do_not_open(sealer: Sealer) -> None:
    sealed = sealer.seal(b"secret", ROW)
    for length in range(len(sealed)):
        with pytest.raises(KeyMissing):
            sealer.unseal(sealed[:length], ROW)


def test_a_new_key_seals_from_now_on_and_the_old_one_still_opens(key_file: Path) -> None:
    before = load_key_file(key_file)
    old = before.seal(b"old", ROW)
    add_key(key_file)
    after = load_key_file(key_file)
    new = after.seal(b"new", ROW)
    assert (after.unseal(old, ROW), after.unseal(new, ROW)) == (b"old", b"new")
    assert (after.is_current(old), after.is_current(new)) == (False, True)
    with pytest.raises(KeyMissing, match=after.current_id):
        before.unseal(new, ROW)


def test_derived_secrets_and_the_root_stay_the_same_after_rotations(key_file: Path) -> None:
    """Codes that are still out must stay valid, and the database's stamp names the first key."""
    before = load_key_file(key_file)
    add_key(key_file)
    add_key(key_file)
    after = load_key_file(key_file)
    assert after.derive("codes") == before.derive("codes")
    assert after.root_id == before.root_id
    assert after.current_id != before.current_id


def test_each_purpose_has_a_secret_of_its_own(sealer: Sealer) -> None:
    assert sealer.derive("codes") != sealer.derive("anything else")
    assert len(sealer.derive("codes")) == 32


def test_a_key_file_is_for_its_owner_only_and_is_never_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "made" / "on the way" / "service.key"
    make_key_file(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    first = file.read_text()
    with pytest.raises(FileExistsError):
        make_key_file(file)
    assert file.read_text() == first


def test_a_rotated_key_file_is_for_its_owner_only_and_leaves_no_draft(key_file: Path) -> None:
    draft = key_file.with_name(key_file.name + ".new")
    draft.write_text("left behind by a rotation that was killed")
    draft.chmod(0o644)
    add_key(key_file)
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert len(key_file.read_text().split()) == 2
    assert list(key_file.parent.glob("service.*")) == [key_file]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "a service key has 32 bytes"),
        (b"abcd\n", "a service key has 32 bytes"),
        (b"no key at all\n", "non-hexadecimal"),
        (b"\xff\xfe", "codec can't decode"),
    ],
)
def test_a_key_file_that_holds_no_key_is_named(key_file: Path, content: bytes, says: str) -> None:
    key_file.write_bytes(content)
    for load in (load_key_file, add_key):
        with pytest.raises(KeyMissing, match=says) as caught:
            load(key_file)
        assert str(key_file) in str(caught.value)


def test_a_key_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(KeyMissing, match=r"nowhere\.key.*No such file"):
        load_key_file(tmp_path / "nowhere.key")


def test_a_sealer_never_shows_its_key(key_file: Path) -> None:
    shown = repr(load_key_file(key_file))
    assert key_file.read_text().strip() not in shown
    assert shown == f"Sealer(current={load_key_file(key_file).current_id})"
