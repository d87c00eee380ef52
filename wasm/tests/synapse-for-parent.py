"""Runs Synapse for as long as the test that started it lives.

The test holds the other end of standard input. When it ends, in whatever way, the pipe closes; then this process
ends too, and the data folder goes with it. Nothing is left to clean up even if the test was killed.
"""

import os
import shutil
import sys
import threading

from synapse.app.homeserver import main


def end_with_parent(data: str) -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    shutil.rmtree(data, ignore_errors=True)
    os._exit(0)


data = sys.argv.pop(1)
threading.Thread(target=end_with_parent, args=(data,), daemon=True).start()
main()
