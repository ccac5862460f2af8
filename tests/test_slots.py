"""Who is let in next, when there are more pieces of work than places."""

import threading

import pytest

from crm_eval_lib.runner.slots import Slots


def waiting(slots, name, done):
    """Start a thread that asks for a place, and return once it stands in the row."""
    before = len(slots._waiting)

    def work():
        with slots:
            done.append(name)

    thread = threading.Thread(target=work)
    thread.start()
    while len(slots._waiting) == before:
        pass
    return thread


def test_pieces_of_work_are_let_in_in_the_order_in_which_they_asked():
    slots, done = Slots(1), []
    with slots:
        threads = [waiting(slots, name, done) for name in "abc"]
    with slots:  # asks last, though it has just left and nobody else may have woken yet
        done.append("d")
    for thread in threads:
        thread.join()
    assert done == ["a", "b", "c", "d"]


def test_no_more_are_at_work_than_there_are_places():
    slots, done = Slots(2), []
    with slots, slots:
        thread = waiting(slots, "third", done)
        assert done == []
    thread.join()
    assert done == ["third"]


@pytest.mark.parametrize("called", [False, True])
def test_one_that_goes_away_while_it_waits_leaves_the_place_to_the_next(monkeypatch, called):
    slots = Slots(1)

    def interrupted(turn):
        if called:
            slots.__exit__(None, None, None)  # its turn comes at that very moment
        raise KeyboardInterrupt

    slots.__enter__()
    monkeypatch.setattr("crm_eval_lib.runner.slots.Event.wait", interrupted)
    with pytest.raises(KeyboardInterrupt):
        slots.__enter__()
    assert (slots._free, len(slots._waiting)) == (int(called), 0)
