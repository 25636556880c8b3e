"""The configuration that docs/postfix.md shows, fitted to a test's ports: the guide is what is run."""

import re
from pathlib import Path

from tests.postfix import DOMAIN

_GUIDE = Path("docs/postfix.md")


def snippet(name: str, **replaced: str) -> str:
    """Return one block of the guide by the words after its fence. The guide's domain becomes the test's.

    Each key of `replaced` is a setting, whose whole value is exchanged; it must be there.
    """
    found = re.search(rf"(?ms)^```{re.escape(name)}\n(.*?)^```$", _GUIDE.read_text(encoding="utf-8"))
    assert found is not None, f"{_GUIDE} has no block {name!r}"
    text = found[1].replace("hosho.example.jp", DOMAIN)
    text = text.replace(re.escape("hosho.example.jp"), re.escape(DOMAIN))
    for setting, value in replaced.items():
        text, count = re.subn(rf"(?m)^{setting} = .*$", lambda _, s=setting, v=value: f"{s} = {v}", text)
        assert count == 1, f"{_GUIDE}: {name}: {setting} stands there {count} times"
    return text
