"""A wheel of this tree holds all that the service needs, and serves from anywhere."""

import shutil
import smtplib
import subprocess
import sys
import sysconfig
import zipfile
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from bot.clock import tokyo_date
from bot.operations.trial import sample_application, trial_config, trial_mail
from tests.daemons import PATIENCE, serving, until

ROOT = Path(__file__).parents[2]
PACKAGES = ("bot", "storage", "mail_templates")
BUILDER = "soumu@iyo-kensetsu.example"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from a copy: building leaves files in the tree."""
    tree = tmp_path_factory.mktemp("tree")
    for name in PACKAGES:
        shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, tree)
    dist = tmp_path_factory.mktemp("dist")
    pip("wheel", "--no-deps", "--no-build-isolation", "--no-index", "-q", "-w", str(dist), str(tree))
    [built] = dist.glob("hoshobin-*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel into a fresh environment, which borrows the libraries of this one; return its bin."""
    home = tmp_path_factory.mktemp("venv")
    run([sys.executable, "-m", "venv", "--without-pip", str(home)])
    python = home / "bin" / "python"
    pip("--python", str(python), "install", "--no-deps", "--no-index", "-q", str(wheel))
    site = sysconfig.get_path("purelib", vars={"base": str(home), "platbase": str(home)})
    # Only directories are taken from such a file: what it lists is not searched for more of them, so that
    # an editable install of this tree over there stays out of sight.
    (Path(site) / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return home / "bin"


def pip(*arguments: str) -> None:
    run([sys.executable, "-m", "pip", "--disable-pip-version-check", *arguments])


def run(command: list[str], cwd: Path | None = None) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=10 * PATIENCE)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_every_file_of_the_packages_is_in_the_wheel(wheel: Path) -> None:
    held = set(zipfile.ZipFile(wheel).namelist())
    ours = {
        str(path.relative_to(ROOT))
        for name in PACKAGES
        for path in (ROOT / name).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert ours - held == set()
    assert "bot/writing/fonts/BIZUDGothic-Regular.ttf" in held
    assert not any(name.startswith("tests/") for name in held)


def test_the_command_runs_from_any_directory(installed: Path, tmp_path: Path) -> None:
    assert "serve" in run([str(installed / "hoshobin"), "--help"], cwd=tmp_path)
    where = run([str(installed / "python"), "-I", "-c", "import bot; print(bot.__file__)"], cwd=tmp_path)
    assert Path(where.strip()).is_relative_to(installed.parent)


def test_the_trial_of_a_wheel_answers_an_application(installed: Path, tmp_path: Path) -> None:
    """Both helpers are started as modules of the wheel, and so are its wording and its people."""
    program = (str(installed / "hoshobin"), "serve")
    environment = {"HOSHOBIN__SMTP__LISTEN": "127.0.0.1:0"}
    with serving(tmp_path, ["--trial"], environment, program, cwd=tmp_path) as daemon:
        body = sample_application(tokyo_date(datetime.now(UTC)))
        mail = trial_mail(trial_config({}), sender=BUILDER, subject="保証申込", body=body, proof=True)
        with smtplib.SMTP(daemon.host, daemon.port, timeout=PATIENCE) as connection:
            connection.sendmail(BUILDER, ["hosho@hoshobin.example"], mail)
        box = tmp_path / "var" / "letters" / BUILDER / "new"
        until(lambda: box.is_dir() and any(box.iterdir()), "the read-back")
    [letter] = box.iterdir()
    text = message_from_bytes(letter.read_bytes(), policy=policy.default).get_body(("plain",))
    assert text is not None
    assert "この内容で申し込みます" in text.get_content()


def test_help_loads_nothing_that_it_does_not_need() -> None:
    """The database's library alone takes longer than all of `--help` may."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "bot", "--help"],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    )
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert loaded & {"sqlalchemy", "pydantic", "asyncio", "email_validator"} == set()
