# wait.py: waiting for a condition, never for time
#
# SPDX-License-Identifier: GPL-3.0-or-later

import select
import time

POLL_SECONDS = 0.05


class Deadline(AssertionError):
    """What was waited for did not come."""


def wait_until(condition, what, seconds=60):
    """Calls CONDITION until it gives something true, and returns that.

    WHAT completes the sentence "waited in vain for …". SECONDS only bounds a test that fails: a
    test that passes ends as soon as the condition holds.
    """
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise Deadline(f"waited {seconds} s in vain for {what}")
        select.select([], [], [], POLL_SECONDS)
