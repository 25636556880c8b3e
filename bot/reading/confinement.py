"""Takes from this process all that a reader of foreign bytes does not need; there is no way back.

What holds: no new descriptor (so no file, no socket, no library can be opened), no growth beyond the memory
and CPU limits, no file written, no core, no new process, no privilege gained by exec, an end when the helper
ends. A process of root becomes nobody, which also keeps it from raising the limits again; one that cannot
change its user refuses to read. What does not: native code that an attacker controls may still signal
processes of its own user, so the service should have a user of its own.
"""

import ctypes
import os
import resource
import signal

from bot.reading.limits import Limits

_NOBODY = 65534
_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS = 1, 38
_prctl = ctypes.CDLL(None, use_errno=True).prctl


def confine(limits: Limits) -> None:
    """Give up privileges, then set the limits; raises OSError or ValueError where any of it is refused."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(_NOBODY, _NOBODY, _NOBODY)
        os.setresuid(_NOBODY, _NOBODY, _NOBODY)
    _call_prctl(_PR_SET_NO_NEW_PRIVS, 1)
    _call_prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)  # a change of user clears it, so it comes after
    for kind, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_CPU, limits.cpu_seconds),
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_NOFILE, 0),
    ):
        resource.setrlimit(kind, (most, most))


def _call_prctl(option: int, value: int) -> None:
    if _prctl(option, value, 0, 0, 0):
        raise OSError(ctypes.get_errno(), f"prctl {option} refused")
