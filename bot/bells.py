"""Wake-ups: hints that a table has work. The table is the truth; a lost ring costs only time."""

import threading


class Bell:
    """Wakes every thread that waits for it. A ring between two waits is not lost."""

    def __init__(self) -> None:
        self._rung = threading.Condition()
        self._count = 0

    def ring(self) -> None:
        """Wake all."""
        with self._rung:
            self._count += 1
            self._rung.notify_all()

    def heard(self) -> int:
        """Return the count of rings so far: look at it before looking for work."""
        with self._rung:
            return self._count

    def wait(self, heard: int) -> None:
        """Wait until the bell rang after `heard` was taken."""
        with self._rung:
            self._rung.wait_for(lambda: self._count != heard)
