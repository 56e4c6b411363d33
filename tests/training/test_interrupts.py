import signal

import pytest

from rnnzoo.training.interrupts import BetweenSteps


def test_ctrl_c_waits_for_the_end_of_a_step():
    with BetweenSteps() as interrupts:
        interrupts.stepping = True
        signal.raise_signal(signal.SIGINT)
        done = True
        with pytest.raises(KeyboardInterrupt):
            interrupts.step_ended()
    assert done


def test_between_steps_it_waits_for_a_moment_at_which_it_may_stop():
    with BetweenSteps() as interrupts:
        interrupts.may_stop()
        signal.raise_signal(signal.SIGINT)
        done = True
        with pytest.raises(KeyboardInterrupt):
            interrupts.may_stop()
    assert done


def test_a_second_time_it_does_not_wait():
    with BetweenSteps() as interrupts:
        interrupts.stepping = True
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        assert interrupts.stepping  # the step may be half done
        assert not interrupts.alone


def test_one_of_several_workers_waits_until_all_stop():
    """Between steps too, and longer than its own step."""
    with BetweenSteps(together=True) as interrupts:
        signal.raise_signal(signal.SIGINT)
        interrupts.may_stop()
        interrupts.stepping = True
        interrupts.step_ended()
        assert (interrupts.pending, interrupts.alone) == (True, False)
        with pytest.raises(KeyboardInterrupt):
            interrupts.step_ended(stop=True)
        assert not interrupts.alone
    with BetweenSteps(together=True) as interrupts:
        with pytest.raises(KeyboardInterrupt):
            interrupts.step_ended(stop=True)  # of another worker


def test_a_second_ctrl_c_does_not_wait_for_other_workers():
    with pytest.raises(KeyboardInterrupt):
        with BetweenSteps(together=True) as interrupts:
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)
    assert interrupts.alone


def test_what_was_held_back_is_not_lost_at_the_end():
    done = False
    with pytest.raises(KeyboardInterrupt):
        with BetweenSteps(together=True):
            signal.raise_signal(signal.SIGINT)
            done = True
    assert done


def test_only_handlers_that_mean_ctrl_c_are_held_back():
    before = signal.getsignal(signal.SIGINT)
    assert before is signal.default_int_handler
    own = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        with BetweenSteps():
            assert signal.getsignal(signal.SIGINT) is not before
            assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        with BetweenSteps() as interrupts:
            interrupts.stepping = True
            signal.raise_signal(signal.SIGTERM)
            with pytest.raises(KeyboardInterrupt):
                interrupts.step_ended()
    finally:
        signal.signal(signal.SIGTERM, own)
    assert signal.getsignal(signal.SIGINT) is before
