"""Stops the components when the launcher can no longer do it: killed hard, or out of memory.

The launcher writes the session of each component it starts to our standard input, one number a line. That
pipe ends when the launcher does, however it ends; what still runs then is stopped here.
"""

from __future__ import annotations

import signal
import sys

from include.local.sessions import stop


def main() -> None:
    """Read sessions until the pipe ends, then stop them, with the grace that the command line gives.

    Those already gone cost nothing.
    """
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    stop({int(line) for line in sys.stdin}, grace=float(sys.argv[1]))


if __name__ == "__main__":
    main()
