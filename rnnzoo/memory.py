"""How much memory this process has taken."""

import pathlib
import sys

try:
    import resource
except ImportError:  # Windows has no such count
    resource = None

STATUS = pathlib.Path("/proc/self/status")


def peak_memory():
    """The most memory that this process has held.

    Linux's own count is read where there is one: `getrusage` begins with the
    peak of the process that started this one, and would never show less.

    Returns:
        Bytes, or `None` where the system does not say.
    """
    if STATUS.exists():
        for line in STATUS.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return 1024 * int(line.split()[1])
    if resource is None:
        return None
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else 1024 * most
