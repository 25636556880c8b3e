"""認証キー: the form of our own auth keys, and how any key that was typed is compared."""

import hmac
import random
import re
import unicodedata

from pydantic import SecretStr

# No 0/O, 1/I/L, 2/Z, 5/S, 8/B, Q: none of these 24 is taken for another on a fax or on the telephone.
ALPHABET = "34679ACDEFGHJKMNPRTUVWXY"
LENGTH = 10
_GROUP = 5

_SPACES_AND_DASHES = re.compile(r"[\s\u200b-\u200d\u2060\ufeff\-‐‑‒–—―⁃−─━﹘﹣ーｰ]+")


def new_key(rng: random.Random) -> SecretStr:
    """Draw a key of our own: nine characters and the check character (production hands down SystemRandom)."""
    body = "".join(rng.choice(ALPHABET) for _ in range(LENGTH - 1))
    return SecretStr(body + _check_character(body))


def fold_key(text: str) -> str:
    """Return a key, of any issuer, as it is compared: NFKC, upper case, no dashes, no spaces."""
    return _SPACES_AND_DASHES.sub("", unicodedata.normalize("NFKC", text).upper())


def is_well_formed(text: str) -> bool:
    """Tell whether `text` can be a key of our own: length, alphabet, check character.

    An outside registry's keys follow no rule that we know; they are only compared.
    """
    key = fold_key(text)
    return len(key) == LENGTH and set(key) <= set(ALPHABET) and _luhn_sum(key) % len(ALPHABET) == 0


def display(key: SecretStr) -> str:
    """Return the key as letters print it: K7M4P-3XHW3. Keys of another length are printed as they are."""
    plain = key.get_secret_value()
    if len(plain) != LENGTH or set(plain) - set(ALPHABET):
        return plain
    return f"{plain[:_GROUP]}-{plain[_GROUP:]}"


def same(key: SecretStr, typed: str) -> bool:
    """Compare in constant time on folded text. Nothing typed is never the same."""
    kept, given = fold_key(key.get_secret_value()).encode(), fold_key(typed).encode()
    return hmac.compare_digest(kept, given) and given != b""


def _check_character(body: str) -> str:
    """Return the one character that makes the Luhn sum (modulo 24) zero."""
    return next(char for char in ALPHABET if _luhn_sum(body + char) % len(ALPHABET) == 0)


def _luhn_sum(key: str) -> int:
    """Luhn mod N: from the right, factors 1, 2, 1, 2 …; products count as the sum of their base-N digits."""
    total = 0
    for place, char in enumerate(reversed(key)):
        product = ALPHABET.index(char) * (1 + place % 2)
        total += sum(divmod(product, len(ALPHABET)))
    return total
