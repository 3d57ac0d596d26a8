"""A seccomp filter that lets a program start threads and no other processes.

A limit on processes (`RLIMIT_NPROC`) does not count for root, also not inside a sandbox of root's,
so that a fork bomb would take all memory. The filter is a program for the kernel's own machine
(classic BPF; see seccomp(2) and `linux/filter.h`), eight bytes an instruction.
"""

import errno
import platform
import struct

from corrigenda.errors import InvalidInput

# Architecture → its number, and those of clone, fork and vfork, as far as it has them.
_ARCHITECTURES = {
    "x86_64": (0xC000003E, 56, (57, 58)),
    "aarch64": (0xC00000B7, 220, ()),
}
_CLONE3 = 435
_CLONE_THREAD = 0x10000
_X32 = 0x40000000  # the other numbering that x86-64 has
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _FLAGS = 0, 4, 16  # places in what a filter is asked about
_ALLOW, _ERROR = 0x7FFF0000, 0x00050000


def no_processes() -> bytes:
    """The filter for this machine.

    Raises:
        InvalidInput: There is none for its processor.
    """
    try:
        number, clone, others = _ARCHITECTURES[platform.machine()]
    except KeyError:
        raise InvalidInput(
            f"Unit tests run on {' and '.join(_ARCHITECTURES)} alone, not on {platform.machine()}."
        ) from None
    refuse = _ERROR | errno.EPERM
    again = _ERROR | errno.EAGAIN
    # (operation, value, instructions to skip if it holds, and if not)
    return b"".join(
        struct.pack("=HBBI", operation, yes, no, value)
        for operation, value, yes, no in (
            (_LOAD, _ARCHITECTURE, 0, 0),
            (_EQUAL, number, 1, 0),
            (_RETURN, refuse, 0, 0),
            (_LOAD, _NUMBER, 0, 0),
            (_AT_LEAST, _X32, 0, 1),
            (_RETURN, refuse, 0, 0),
            (_EQUAL, _CLONE3, 0, 1),
            (_RETURN, _ERROR | errno.ENOSYS, 0, 0),  # so that the C library takes clone
            *(step for other in others for step in _refused(other, again)),
            (_EQUAL, clone, 0, 3),
            (_LOAD, _FLAGS, 0, 0),
            (_ANY_BIT, _CLONE_THREAD, 1, 0),
            (_RETURN, again, 0, 0),
            (_RETURN, _ALLOW, 0, 0),
        )
    )


def _refused(number: int, error: int) -> tuple[tuple[int, int, int, int], ...]:
    return (_EQUAL, number, 0, 1), (_RETURN, error, 0, 0)
