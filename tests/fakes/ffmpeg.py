"""An ffmpeg that notes each call, and misbehaves when it is told to; otherwise it is the real one."""
import pathlib
import shutil

SCRIPT = r"""#!/bin/sh
home={home}
# True for the first $1 callers since the trick was played.
turn() {{
    n=0
    while [ $n -lt "$1" ]; do
        mkdir "$home/turn$n" 2>/dev/null && return
        n=$((n + 1))
    done
    return 1
}}
printf '%s %s\n' "$(date +%s.%N)" "$*" >> "$home/calls"
[ -e "$home/trick" ] && . "$home/trick"
exec {program} "$@"
"""
TRICKS = {
    "crash": "echo 'Conversion failed!' >&2; exit 1",
    "segfault": "kill -SEGV $$",
    # Deaf to gentle signals, and with a child that only dies when the whole group is killed.
    "hang": "trap '' TERM INT HUP; sleep 3600 & echo $! >> \"$home/sleepers\"; wait; wait",
    "nothing": "cat > /dev/null; exit 0",
    "rubbish": "cat > /dev/null; for last; do :; done; echo rubbish > \"${last#file:}\"; exit 0",
    "linger": "sleep 1",
}


class Ffmpeg:
    def __init__(self, folder):
        self.home = pathlib.Path(folder)
        self.home.mkdir(parents=True, exist_ok=True)
        self.program = self.home / "ffmpeg"
        self.program.write_text(SCRIPT.format(home=self.home, program=shutil.which("ffmpeg")))
        self.program.chmod(0o755)

    def does(self, trick, when="*", times=10**6):
        """From now on the next `times` calls whose arguments match the shell pattern `when`."""
        for turn in self.home.glob("turn*"):
            turn.rmdir()
        new = self.home / "trick.new"
        new.write_text(f'case "$*" in {when}) if turn {times}; then {TRICKS[trick]}; fi ;; esac\n')
        new.rename(self.home / "trick")

    def behaves(self):
        (self.home / "trick").unlink(missing_ok=True)

    def calls(self, holding=""):
        """[(seconds since 1970, arguments)] of the calls whose arguments hold this text."""
        path = self.home / "calls"
        lines = path.read_text().splitlines() if path.exists() else []
        found = [(float(when), what) for when, _, what in (line.partition(" ") for line in lines)]
        return [one for one in found if holding in one[1]]

    def sleepers(self):
        """Process ids of the children that hanging ones have started and that still run."""
        path = self.home / "sleepers"
        pids = [int(line) for line in path.read_text().split()] if path.exists() else []
        return [pid for pid in pids if runs(pid)]


def runs(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
