"""What is said of a letter that must not leave: the rule it breaks."""

import re

# Controls, line ends of other alphabets, halves of pairs. A text may hold tabs and ends of lines.
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
CONTROL_IN_TEXT = re.compile(r"[\x00-\x08\x0b-\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


class Malformed(ValueError):
    """A letter of ours is not well-formed: a bug of ours. The text names the rule and quotes no content."""


def must(holds: bool, rule: str) -> None:
    """Raise Malformed with the rule where it does not hold."""
    if not holds:
        raise Malformed(rule)
