#!/usr/bin/python3
"""Counts what meson's test runner recorded, sub-test by sub-test, and closes with one plain line.

Arguments: the runner's JSON logs; the JUnit file with the sub-tests lies beside each. A program
that crashed or ran out of time counts as a failure even where all of its sub-tests so far had
passed.
Exits with 1 on any failure, and where no test ran.
"""

import json
import pathlib
import sys
import xml.etree.ElementTree as ElementTree

GOOD = {"OK", "EXPECTEDFAIL"}


def subtests(junit):
    """The sub-tests' outcomes by the name of the test that they belong to."""
    found = {}
    for suite in ElementTree.parse(junit).getroot().iter("testsuite"):
        name = suite.get("name", "").partition(".")[2]
        if not name:
            continue  # programs without sub-tests, all in one suite: the JSON log knows them
        found[name] = [
            "failed" if case.find("failure") is not None or case.find("error") is not None
            else "skipped" if case.find("skipped") is not None
            else "passed"
            for case in suite.iter("testcase")
        ]
    return found


def outcomes(test, known):
    result = test["result"]
    inner = known.get(test["name"], [])
    if result in GOOD:
        return inner or ["passed"]
    if result == "SKIP":
        return [one for one in inner if one == "skipped"] or ["skipped"]
    return inner if "failed" in inner else inner + ["failed"]


def main():
    count = {"passed": 0, "failed": 0, "skipped": 0}
    for path in map(pathlib.Path, sys.argv[1:]):
        known = subtests(path.with_suffix(".junit.xml"))
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            test = json.loads(line)
            result = outcomes(test, known)
            for one in result:
                count[one] += 1
            for kind in ("failed", "skipped"):
                if kind in result:
                    print(f"{kind}: {test['name']} ({result.count(kind)} of {len(result)})")

    ran = count["passed"] + count["failed"]
    if ran == 0:
        print("no test ran")
    print(", ".join(f"{number} {kind}" for kind, number in count.items()))
    return 1 if count["failed"] or ran == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
