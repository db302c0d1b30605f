# terminal.py: a terminal that programs can be run in, and what its screen shows
#
# SPDX-License-Identifier: GPL-3.0-or-later

import fcntl
import os
import pty
import re
import struct
import termios
import threading
import unicodedata

_SEQUENCE = re.compile(r"\x1b\[([0-9;?]*)([A-Za-z])")


class Terminal:
    """A pseudo-terminal of a given size. What a program writes is kept as it comes."""

    def __init__(self, columns=80, rows=24):
        self.controller, self.device = pty.openpty()
        self.columns = columns
        self.rows = rows
        self._written = bytearray()
        self.resize(columns, rows)
        self._thread = threading.Thread(target=self._gather, daemon=True)
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()
        os.close(self.controller)

    def _gather(self):
        try:
            while chunk := os.read(self.controller, 65536):
                self._written += chunk
        except OSError:
            pass

    def resize(self, columns, rows):
        self.columns = columns
        self.rows = rows
        fcntl.ioctl(self.controller, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def end(self):
        """Nobody writes any more: gathers the rest."""
        if self.device is not None:
            os.close(self.device)
            self.device = None
            self._thread.join(30)

    def type(self, text):
        os.write(self.controller, text.encode())

    def echoes(self):
        return bool(termios.tcgetattr(self.controller)[3] & termios.ECHO)

    @property
    def text(self):
        """Everything that was written, escape sequences and all."""
        return bytes(self._written).decode(errors="replace")

    def screen(self):
        """The lines that are on the screen, and those that were scrolled out."""
        return Screen(self.columns).show(self.text).lines()


class Screen:
    """As much of a terminal as the progress display uses; anything else is an error."""

    def __init__(self, columns):
        self.columns = columns
        self.rows = [[]]
        self.row = 0
        self.column = 0

    def show(self, text):
        position = 0
        while position < len(text):
            if text[position] == "\x1b":
                sequence = _SEQUENCE.match(text, position)
                if sequence is None:
                    assert "\x1b" not in text[position + 1:], "an unknown escape sequence"
                    break
                self._obey(sequence[1], sequence[2])
                position = sequence.end()
            else:
                self._put(text[position])
                position += 1
        return self

    def lines(self):
        return ["".join(row).rstrip() for row in self.rows if "".join(row).strip()]

    def _obey(self, argument, command):
        if command == "A":
            self.row = max(self.row - int(argument or 1), 0)
        elif command == "J":
            assert argument in ("", "0")
            del self.rows[self.row + 1:]
            del self.rows[self.row][self.column:]
        else:
            assert command == "m", f"escape sequence {argument}{command}"

    def _put(self, character):
        if character == "\r":
            self.column = 0
        elif character == "\n":
            self._next_row()
        else:
            assert character.isprintable() or character == "\xa0", repr(character)
            width = 2 if unicodedata.east_asian_width(character) in "WF" else 1
            if self.column + width > self.columns:
                self.column = 0
                self._next_row()
            row = self.rows[self.row]
            row += " " * (self.column - len(row))
            row[self.column:self.column + width] = [character] + [""] * (width - 1)
            self.column += width

    def _next_row(self):
        self.row += 1
        if self.row == len(self.rows):
            self.rows.append([])
