"""Arrows that must never be: which module may know, call or ask what. Read from the source, not run."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
PURE = ("bot.handlers", "bot.requests", "bot.surety", "bot.deciding")
NETWORK = {
    "smtplib",
    "socket",
    "ssl",
    "aiosmtpd",
    "imapclient",
    "imaplib",
    "asyncio",
    "http",
    "urllib.request",
}
FILES = {"pathlib", "os", "io", "shutil", "tempfile", "subprocess"}
PARSERS = {"pypdfium2", "pdfplumber", "lxml", "mailparser_reply", "email.parser", "email.feedparser"}

# What breaks an arrow on purpose: (module, what), and why.
ALLOWED = {
    ("bot.app", "bot.relay"): "the composition root makes the relay and hands it to delivery",
    ("bot.operations.lists", "message_from_bytes"): "shows staff a letter of our own making",
    ("bot.operations.demo_sink", "message_from_bytes"): "the demo reads the letters of our own making",
    ("bot.cli_options", "trial"): "the command line's own option, shared by its modules",
    ("storage.opening", "begin"): "stamps a database before there is a writer",
    ("storage.migrations", "begin"): "makes the schema before there is a writer",
}


@cache
def modules() -> dict[str, ast.Module]:
    """Parse every module of the program, by its dotted name."""
    found = {}
    for package in ("bot", "storage", "mail_templates"):
        for file in sorted((ROOT / package).rglob("*.py")):
            parts = file.relative_to(ROOT).with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            found[name] = ast.parse(file.read_text(encoding="utf-8"))
    return found


@cache
def imports(name: str) -> frozenset[str]:
    """Return all that a module imports, wherever in it: `from a import b` names both a and a.b."""
    found: set[str] = set()
    for node in ast.walk(modules()[name]):
        if isinstance(node, ast.Import):
            found |= {one.name for one in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name}: relative import"
            assert node.module is not None
            found |= {node.module, *(f"{node.module}.{one.name}" for one in node.names)}
    return frozenset(found)


def reaches(name: str) -> dict[str, str]:
    """Return every module of the program that importing this one brings along, with a way there."""
    ways = {name: name}
    to_do = [name]
    while to_do:
        here = to_do.pop()
        for there in imports(here) & modules().keys() - ways.keys():
            ways[there] = f"{ways[here]} -> {there}"
            to_do.append(there)
    return ways


def is_under(name: str, parents: set[str]) -> bool:
    return any(name == parent or name.startswith(f"{parent}.") for parent in parents)


def under(*parents: str) -> list[str]:
    found = [name for name in modules() if is_under(name, set(parents))]
    assert found, f"no module {' or '.join(parents)}"
    return found


def not_under(*parents: str) -> list[str]:
    return [name for name in modules() if not is_under(name, set(parents))]


def calls(name: str) -> Iterator[tuple[str, str]]:
    """Walk through a module's calls: what it is called on ('' where it is a bare name), and the name."""
    for node in ast.walk(modules()[name]):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield ast.unparse(node.func.value), node.func.attr
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield "", node.func.id


def arrows(found: Iterator[tuple[str, str]]) -> list[str]:
    """Return what is not allowed, as readable lines."""
    return sorted({f"{name} -> {what}" for name, what in found if (name, what) not in ALLOWED})


def imported(names: list[str], forbidden: set[str]) -> list[str]:
    return arrows(
        (name, one)
        for name in names
        for one in imports(name)
        for parent in forbidden
        if one == parent or (one.startswith(f"{parent}.") and parent not in imports(name))
    )


def test_what_decides_brings_along_nothing_of_the_outside() -> None:
    """Handlers see a desk and return an outcome: not even through others do they reach a database."""
    outside = {"storage", "bot.intake", "bot.delivery", "bot.writing", "bot.config", "bot.relay", "bot.app"}
    for name in under(*PURE):
        assert [way for there, way in reaches(name).items() if is_under(there, outside)] == []


def test_what_decides_opens_no_socket_and_no_file() -> None:
    assert imported(under(*PURE), NETWORK | FILES) == []
    assert arrows((name, what) for name in under(*PURE) for on, what in calls(name) if what == "open") == []


def test_accepting_is_not_understanding() -> None:
    for name in under("bot.intake"):
        strangers = {"bot.reading", "bot.handlers", "bot.requests", "bot.identity", "storage"}
        assert [way for there, way in reaches(name).items() if is_under(there, strangers)] == []


def test_mailboxes_are_spoken_to_by_their_door_only() -> None:
    assert imported(not_under("bot.intake"), {"imapclient", "imaplib"}) == []


def test_delivery_knows_no_handler_and_no_ledger() -> None:
    forbidden = {"bot.handlers", "bot.ledger", "storage.ledger", "storage.changes", "bot.requests"}
    assert imported(under("bot.delivery", "bot.relay"), forbidden) == []


def test_storage_knows_no_handler_no_worker_and_no_network() -> None:
    for name in under("storage"):
        above = {"bot.handlers", "bot.worker", "bot.delivery", "bot.intake", "bot.writing", "bot.app"}
        assert [way for there, way in reaches(name).items() if is_under(there, above)] == []
    assert imported(under("storage"), NETWORK) == []


def test_foreign_bytes_are_parsed_in_reading_only() -> None:
    elsewhere = not_under("bot.reading")
    assert imported(elsewhere, PARSERS) == []
    parsed = (
        (name, what) for name in elsewhere for _, what in calls(name) if what.startswith("message_from")
    )
    assert arrows(parsed) == []


def test_the_only_commit_is_the_writers() -> None:
    elsewhere = not_under("storage.database")
    assert arrows((name, what) for name in elsewhere for _, what in calls(name) if what == "commit") == []
    assert arrows((name, what) for name in elsewhere for _, what in calls(name) if what == "begin") == []


def test_the_writer_commits_in_one_place_and_its_savepoints_in_one() -> None:
    commits = [on for on, what in calls("storage.database") if what == "commit"]
    assert sorted(commits) == ["savepoint", "session"]


def test_a_letter_leaves_through_delivery_only() -> None:
    senders = not_under("bot.relay", "bot.delivery", "bot.operations")
    assert imported(senders, {"smtplib", "bot.relay"}) == []


def test_the_clock_is_handed_down() -> None:
    asked = {
        "datetime.now",
        "datetime.utcnow",
        "datetime.today",
        "date.today",
        "time.time",
        "datetime.datetime.now",
    }
    elsewhere = not_under("bot.clock")
    found = ((name, f"{on}.{what}") for name in elsewhere for on, what in calls(name))
    assert [line for line in arrows(found) if line.split(" -> ")[1] in asked] == []


def _branches(tree: ast.Module) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, ast.If | ast.IfExp | ast.While):
            yield node.test
        elif isinstance(node, ast.Match):
            yield node.subject


def _is_of_trial(test: ast.expr) -> bool:
    words = {
        getattr(node, "id", getattr(node, "attr", getattr(node, "value", ""))) for node in ast.walk(test)
    }
    return any(isinstance(word, str) and "trial" in word.lower() for word in words)


def test_only_operations_and_the_command_line_know_the_trial() -> None:
    """The trial is configuration only: the service that is tried is the service that serves."""
    elsewhere = not_under("bot.operations", "bot.cli")
    found = (
        (name, "trial") for name in elsewhere for test in _branches(modules()[name]) if _is_of_trial(test)
    )
    assert arrows(found) == []


def test_every_exception_is_still_needed() -> None:
    called = {(name, what) for name in modules() for _, what in calls(name)}
    known = {(name, one) for name in modules() for one in imports(name)}
    trial = {(name, "trial") for name in modules() if any(map(_is_of_trial, _branches(modules()[name])))}
    assert ALLOWED.keys() - (called | known | trial) == set()
