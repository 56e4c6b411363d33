"""Ctrl-C between two training steps instead of inside one."""

import signal
import threading


class BetweenSteps:
    """Holds Ctrl-C back while a step runs, so that no step is half counted.

    A context. Only signals that would raise `KeyboardInterrupt` anyway are
    held back (SIGINT; SIGTERM where a command has made it the same), and only
    in the main thread, which alone gets them. A second one is not held back.
    """

    def __init__(self):
        # Whether a step is under way; set by who runs the steps.
        self.stepping = False
        self._pending = False
        self._before = {}

    def __enter__(self):
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                handler = signal.getsignal(number)
                if handler is signal.default_int_handler:
                    self._before[number] = handler
                    signal.signal(number, self._handle)
        return self

    def __exit__(self, kind, error, trace):
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def step_ended(self):
        """Raises `KeyboardInterrupt` if one was held back."""
        self.stepping = False
        if self._pending:
            raise KeyboardInterrupt

    def _handle(self, number, frame):
        if not self.stepping or self._pending:
            raise KeyboardInterrupt
        self._pending = True
