"""A program at a terminal of its own, and what a person would see there."""
import contextlib
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time

TOKEN = re.compile(r"\x1b\[(\d*)([A-Za-z])|([\r\n])|([^\x1b\r\n]+)")


class Screen:
    """Understands what framecast uses: going up, erasing to the end of line or screen, colours."""

    def __init__(self):
        self.lines, self.row, self.column, self.colours = [""], 0, 0, set()

    def feed(self, text):
        for number, code, control, plain in TOKEN.findall(text):
            if plain:
                line = self.lines[self.row].ljust(self.column)
                self.lines[self.row] = line[:self.column] + plain + line[self.column + len(plain):]
                self.column += len(plain)
            elif control == "\r":
                self.column = 0
            elif control == "\n":
                self.row += 1
                if self.row == len(self.lines):
                    self.lines.append("")
            elif code == "A":
                self.row = max(0, self.row - int(number or 1))
            elif code == "K":
                self.lines[self.row] = self.lines[self.row][:self.column]
            elif code == "J":
                self.lines[self.row:] = [self.lines[self.row][:self.column]]
            elif code == "m":
                self.colours.add(number)

    @property
    def text(self):
        return "\n".join(line.rstrip() for line in self.lines)


class Terminal:
    """with Terminal(["framecast", ...], env) as terminal: terminal.wait_for("done")"""

    def __init__(self, command, env, columns=80, rows=24, **how):
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.screen, self.raw = Screen(), ""
        self.pending = b""
        self.process = subprocess.Popen(
            command, env=env, stdin=slave, stderr=slave, stdout=subprocess.PIPE, start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0), **how)
        os.close(slave)

    def __enter__(self):
        return self

    def __exit__(self, *what):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        os.close(self.master)

    def read(self, seconds):
        """What came within so long; False at the end."""
        if not select.select([self.master], [], [], seconds)[0]:
            return True
        try:
            self.pending += os.read(self.master, 65536)
        except OSError:  # the other side is closed
            return False
        with contextlib.suppress(UnicodeDecodeError):  # cut inside a character: the rest will come
            text, self.pending = self.pending.decode(), b""
            self.raw += text
            self.screen.feed(text)
        return True

    def wait_for(self, text, seconds=30):
        end = time.monotonic() + seconds
        while text not in self.screen.text:
            assert time.monotonic() < end, f"no {text!r} within {seconds} s:\n{self.screen.text}"
            assert self.read(0.1) or text in self.screen.text, f"ended without {text!r}:\n{self.screen.text}"

    def type(self, text):
        os.write(self.master, text.encode())

    def wait(self, seconds=30):
        """The exit code; all output has been read then."""
        end = time.monotonic() + seconds
        while self.read(0.1):
            assert time.monotonic() < end, f"no end within {seconds} s:\n{self.screen.text}"
        code = self.process.wait(seconds)
        self.stdout = self.process.stdout.read().decode()
        return code
