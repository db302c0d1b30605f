# python_literals.py: asks Python itself how it writes data, and how it reads what we write
#
# SPDX-License-Identifier: GPL-3.0-or-later
"""Without an argument, prints a corpus: on each line a value in Python's notation, a tab, and the
same value as JSON. With the argument "check", reads such lines, and fails at the first one whose
two halves differ."""

import ast
import json
import random
import sys

COUNT = 2000
ALPHABET = ["'", '"', "\\", "\n", "\r", "\t", "\x01", "\x1f", "\x7f", "\x80", "\xa0", "\xad", " ",
            "a", "Z", "0", "/", "%", "{", "]", ",", ":", "é", "e\u0301", "\u2028", "\u200b", "語",
            "\u05d0", "\ud7ff", "\ue000", "\uffff", "\ufeff", "😀", "\U000e0041", "\U0010ffff"]


def text(draw):
    if draw.random() < 0.1:
        return "".join(chr(draw.choice([draw.randrange(1, 0xd800), draw.randrange(0xe000, 0x110000)]))
                       for _ in range(draw.randrange(12)))
    return "".join(draw.choices(ALPHABET, k=draw.randrange(12)))


def value(draw, depth):
    kind = draw.randrange(9 if depth > 0 else 6)
    if kind < 2:
        return text(draw)
    if kind < 4:
        return draw.choice([0, 1, -1, 5242880, 2**63 - 1, -2**63, draw.randrange(-10**6, 10**6)])
    if kind < 6:
        return draw.choice([True, False, None])
    if kind < 8:
        return {text(draw): value(draw, depth - 1) for _ in range(draw.randrange(5))}
    return [value(draw, depth - 1) for _ in range(draw.randrange(5))]


def main():
    if sys.argv[1:] == ["check"]:
        for line in sys.stdin.buffer.read().decode().split("\n")[:-1]:
            literal, _, as_json = line.partition("\t")
            assert ast.literal_eval(literal) == json.loads(as_json), line
        return
    draw = random.Random(20211203)
    lines = [value(draw, 4) for _ in range(COUNT)]
    sys.stdout.buffer.write("".join(f"{item!r}\t{json.dumps(item)}\n" for item in lines).encode())


main()
