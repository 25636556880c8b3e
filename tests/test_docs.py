"""The documents say what the program has: commands, templates, states, terms, and no machine."""

import ast
import re
import subprocess
from functools import cache
from pathlib import Path

import jinja2
import pytest

from bot.handlers import MODULES
from bot.writing.letters import make_templates
from storage.states import INBOX_STEPS, LETTER_STEPS, InboxState, LetterState, diagram

ROOT = Path(__file__).parents[1]


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@cache
def code_of(*packages: str) -> str:
    paths = [path for path in MODULES_OF_OURS if path.relative_to(ROOT).parts[0] in packages]
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)


def repository() -> list[Path]:
    """List what is, or would be, in the repository."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True, check=False
    ).stdout.decode()
    if listed:
        return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]
    skipped = {".venv", "var", "build", "dist", "reports", "demo-out"}
    return [path for path in ROOT.rglob("*") if path.is_file() and not skipped & set(path.parts)]


FILES = repository()
MODULES_OF_OURS = [path for path in FILES if path.suffix == ".py"]


def test_both_state_tables_are_drawn_in_the_storage_readme_as_the_code_has_them() -> None:
    readme = text_of("storage/README.md")
    assert diagram(INBOX_STEPS) in readme
    assert diagram(LETTER_STEPS) in readme


@pytest.mark.parametrize("states", [InboxState, LetterState])
def test_every_state_can_be_reached_and_is_documented(states: type[InboxState] | type[LetterState]) -> None:
    steps = INBOX_STEPS if states is InboxState else LETTER_STEPS
    readme = text_of("storage/README.md")
    for state in states:
        assert state == "waiting" or any(step.target == state for step in steps), state
        assert re.search(rf"\b{state}\b", readme), state


def test_the_readme_names_only_what_is_there() -> None:
    for name in ("README.md", "bot/README.md", "storage/README.md", "mail_templates/README.md"):
        base = (ROOT / name).parent
        for written in re.findall(r"`([\w/.-]+\.(?:py|md|toml)|[\w/-]+/)`", text_of(name)):
            if "*" in written or written.startswith(("var/", "demo-out/")):
                continue
            places = (base / written, ROOT / written, ROOT / "bot" / written, ROOT / "storage" / written)
            assert any(place.exists() for place in places), f"{name}: {written}"


def test_every_make_target_is_listed_with_its_purpose_and_the_readme_names_only_real_ones() -> None:
    makefile = text_of("Makefile")
    phony = re.search(r"(?m)^\.PHONY: (.*)$", makefile)
    assert phony is not None
    explained = set(re.findall(r"(?m)^([a-z-]+):.*##", makefile))
    assert set(phony[1].split()) <= explained
    for name in ("README.md", "bot/README.md", "CHANGELOG.md"):
        for target in re.findall(r"`make ([a-z-]+)`", text_of(name)):
            assert target in explained, f"{name}: make {target}"


def filters() -> set[str]:
    """Return the filters that are ours."""
    return set(make_templates().filters) - set(jinja2.Environment().filters)


def test_the_wordings_readme_names_every_filter_and_every_part() -> None:
    readme = text_of("mail_templates/README.md")
    used = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "mail_templates").glob("*.txt"))
    for name in filters():
        assert f"`{name}`" in readme, name
        assert re.search(rf"\|\s*{name}\b", used), f"{name} is used by no template"
    for part in (ROOT / "mail_templates").glob("_*.txt"):
        assert part.name in used + readme + text_of("bot/writing/letters.py")


def test_every_template_is_named_somewhere_in_the_code() -> None:
    code = "\n".join(
        path.read_text(encoding="utf-8")
        for path in MODULES_OF_OURS
        if ROOT / "bot" in path.parents and not path.name.startswith("preview_")  # samples name them all
    )
    for path in (ROOT / "mail_templates").glob("[!_]*.txt"):
        assert re.search(rf"\"{path.stem}(?:\.txt)?\"", code), f"{path.name} is never used"


_TEMPLATE_AT = {"Refusal": 0, "answer": 1, "section": 0, "write_to": 1, "to_staff": 2}


def test_every_template_that_the_code_names_is_there() -> None:
    """Refusals and letters name their template as a plain string."""
    there = {path.stem for path in (ROOT / "mail_templates").glob("*.txt")}
    for path in sorted((ROOT / "bot" / "handlers").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                position = {"Refusal": 0, "answer": 1, "section": 0, "write_to": 1, "to_staff": 2}.get(
                    node.func.id
                )
                if position is not None and len(node.args) > position:
                    named = node.args[position]
                    if isinstance(named, ast.Constant):
                        assert named.value in there, f"{path.name}:{node.lineno}: {named.value!r}"


def test_every_word_that_opens_a_command_is_told_to_those_who_may_use_it() -> None:
    """A word that nobody is told of is used by nobody: help, guide, or a letter must show it."""
    told = "\n".join(
        path.read_text(encoding="utf-8")
        for path in [*(ROOT / "mail_templates").glob("*.txt"), *(ROOT / "docs").glob("*.md")]
    )
    for module in MODULES:
        for word in module.WORDS:
            forms = [form.replace("~", "").split("<")[0] for form in word.forms]
            assert not forms or any(form in told for form in forms), f"{module.__name__}: {word.name}"


def identifiers() -> list[str]:
    """Read the identifiers of the glossary's middle column."""
    found = []
    for line in text_of("bot/GLOSSARY.md").splitlines():
        cells = line.split("|")
        if len(cells) > 3 and "`" in cells[2]:
            found += re.findall(r"`([^`]+)`", cells[2])
    return [one for one in found if re.fullmatch(r"[A-Za-z_.]+", one)]


@pytest.mark.parametrize("identifier", identifiers())
def test_every_identifier_of_the_glossary_is_in_the_code(identifier: str) -> None:
    code = code_of("bot", "storage")
    for part in identifier.split("."):
        assert re.search(rf"\b{re.escape(part)}\b", code), identifier


def test_no_term_of_the_glossary_stands_there_twice() -> None:
    terms = re.findall(r"(?m)^\| ([^|]+?) \|", text_of("bot/GLOSSARY.md"))
    assert len(terms) == len(set(terms))


@pytest.mark.parametrize("path", MODULES_OF_OURS, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_first_line_of_every_module_says_its_duty(path: Path) -> None:
    if path.parent.name == "versions":
        return
    first = path.read_text(encoding="utf-8").splitlines()[:1]
    assert first, "an empty module"
    assert first[0].startswith(('"""', 'r"""')), first
    assert len(first[0]) > 12


_MACHINE = re.compile(
    r"(?<![\w.])/(?:work|home|root|Users|mnt|opt)/\w"
    r"|--(?:extra-)?index-url\b|--find-links\b|\bartifactory\b",
    re.IGNORECASE,
)
_MEANT = {"test_docs.py"}


def test_no_file_names_a_path_of_a_machine_or_a_package_registry() -> None:
    named = []
    for path in FILES:
        if path.name in _MEANT or path.suffix in (".ttf", ".otf", ".pdf", ".eml"):
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            if (found := _MACHINE.search(line)) and "--no-emit-index-url" not in line:
                named.append(f"{path.relative_to(ROOT)}:{number}: {found.group()}")
    for lock in ("requirements.lock", "requirements-dev.lock"):
        assert "://" not in text_of(lock)
    assert named == []


def test_the_changelog_begins_with_the_version_that_is_built_or_the_next() -> None:
    version = re.search(r'(?m)^version = "([^"]+)"', text_of("pyproject.toml"))
    newest = re.search(r"(?m)^## (\S+)", text_of("CHANGELOG.md"))
    assert version is not None
    assert newest is not None
    assert newest[1] in (version[1], "Unreleased")


def test_every_guide_is_named_in_the_readme() -> None:
    assert "`docs/`" in text_of("README.md")
    assert {path.name for path in (ROOT / "docs").glob("*.md")} >= {"contractor.md", "orderer.md", "staff.md"}
