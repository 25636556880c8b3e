"""Every sample of every letter, rendered once for all tests of the wording."""

from bot.operations.preview import RenderedLetter, letter_names, render_letters

ALL: tuple[RenderedLetter, ...] = tuple(render_letters())


def _by_name() -> dict[str, tuple[RenderedLetter, ...]]:
    """Group the samples: the first one of each letter bears its plain name."""
    names = set(letter_names())
    found: dict[str, tuple[RenderedLetter, ...]] = {}
    name = ""
    for letter in ALL:
        name = letter.name if letter.name in names else name
        found[name] = (*found.get(name, ()), letter)
    return found


BY_NAME = _by_name()
