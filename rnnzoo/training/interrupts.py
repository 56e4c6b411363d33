"""Ctrl-C at the right moment: between two steps, or for all processes."""

import signal
import threading


class BetweenSteps:
    """Holds Ctrl-C back to a moment at which nothing is half done.

    No step is half counted then, and TensorFlow is not at work: raised inside
    its functions, `KeyboardInterrupt` can corrupt its memory, and the process
    aborts instead of keeping what was learnt.

    A context. Only signals that would raise `KeyboardInterrupt` anyway are
    held back (SIGINT; SIGTERM where a command has made it the same), and only
    in the main thread, which alone gets them. A second one is not held back.

    Args:
        together: bool. Whether several workers must stop after the same step,
            wherever they are when the signal comes.
    """

    def __init__(self, together=False):
        # Whether a step is under way; set by who runs the steps.
        self.stepping = False
        # Whether one was held back.
        self.pending = False
        # Whether other workers may be elsewhere: this one did not wait.
        self.alone = False
        self._together = together
        self._raised = False
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
        if self.pending and not self._raised and kind is None:
            raise KeyboardInterrupt

    def may_stop(self):
        """Raises `KeyboardInterrupt` if one was held back.

        Workers that stop together do so in `step_ended` alone.
        """
        if self.pending and not self._together:
            self._stop()

    def step_ended(self, stop=False):
        """Raises `KeyboardInterrupt` if one was held back.

        Args:
            stop: bool. Whether any worker has held one back: those that must
                stop together go by this alone.
        """
        self.stepping = False
        if stop:
            self._stop()
        self.may_stop()

    def _stop(self):
        self._raised = True
        raise KeyboardInterrupt

    def _handle(self, number, frame):
        if self.pending:
            self.alone = self._together
            self._stop()
        self.pending = True


class Asked:
    """Remembers Ctrl-C and SIGTERM, as a context, for processes to be told.

    Attributes:
        signals: list of int, in the order in which they came.
    """

    def __init__(self):
        self.signals = []

    def __enter__(self):
        self._before = {
            number: signal.signal(number, lambda n, _: self.signals.append(n))
            for number in (signal.SIGINT, signal.SIGTERM)
        }
        return self

    def __exit__(self, kind, error, trace):
        for number, handler in self._before.items():
            signal.signal(number, handler)
