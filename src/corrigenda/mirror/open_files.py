"""Has a program a file open? Linux can tell, by `/proc`."""

import os
from pathlib import Path

_PROC = Path("/proc")
_OTHERS_MAY_WRITE = 0o022
# The inode of the first PID namespace, https://github.com/torvalds/linux/blob/master/include/linux/proc_ns.h
_INIT_NAMESPACE = 0xEFFFFFFC


def is_open(path: Path, proc: Path = _PROC) -> bool | None:
    """Whether a process has `path` open; `None` where one cannot know.

    In a container one sees only one's own processes. The open files of other users' processes
    cannot be seen; they are only counted as unknown where other users may write to the file.
    """
    try:
        if (proc / "self/ns/pid").stat().st_ino != _INIT_NAMESPACE:
            return None
        wanted = path.stat()
        processes = [entry for entry in proc.iterdir() if entry.name.isdigit()]
    except OSError:
        return None
    if not processes:
        return None
    unseen = False
    for process in processes:
        try:
            handles = list((process / "fd").iterdir())
        except PermissionError:
            unseen = True
            continue
        except OSError:  # it has ended meanwhile
            continue
        if any(_is(handle, wanted) for handle in handles):
            return True
    return None if unseen and wanted.st_mode & _OTHERS_MAY_WRITE else False


def _is(handle: Path, wanted: os.stat_result) -> bool:
    try:
        found = handle.stat()
    except OSError:
        return False
    return (found.st_dev, found.st_ino) == (wanted.st_dev, wanted.st_ino)
