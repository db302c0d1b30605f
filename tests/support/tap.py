# tap.py: runs the functions of a file that are marked as tests, and reports in TAP
#
# SPDX-License-Identifier: GPL-3.0-or-later
"""A test file in Python:

    from support import tap

    @tap.test
    def a_second_program_joins_the_first():
        assert ...

    tap.main()

The name of the function is the behaviour that it shows. With arguments, only the tests with these
names are run.
"""

import os
import sys
import traceback

_tests = []


class Skipped(Exception):
    """Raised by skip()."""


def test(function):
    _tests.append(function)
    return function


def skip(reason):
    """Ends the test; the reason is printed."""
    raise Skipped(reason)


def skip_where_sanitized():
    """Ends the test where a sanitizer is in the programs: before what it says of memory or time."""
    sanitizer = os.environ.get("STREAMER_SANITIZER")
    if sanitizer:
        skip(f"memory and time are those of the sanitizer: {sanitizer}")


def diagnose(text):
    for line in str(text).splitlines():
        print(f"# {line}", flush=True)


def _run(number, function):
    name = function.__name__.replace("_", " ")
    try:
        function()
    except Skipped as reason:
        print(f"ok {number} - {name} # SKIP {reason}", flush=True)
    except Exception:  # pylint: disable=broad-except
        diagnose(traceback.format_exc())
        print(f"not ok {number} - {name}", flush=True)
        return False
    else:
        print(f"ok {number} - {name}", flush=True)
    return True


def main():
    wanted = sys.argv[1:]
    tests = [function for function in _tests if not wanted or function.__name__ in wanted]
    print(f"1..{len(tests)}", flush=True)
    results = [_run(number, function) for number, function in enumerate(tests, 1)]
    sys.exit(0 if all(results) else 1)
