# What the scripts share: where the project is, how to talk, how to become root. Sourced, not run.
# shellcheck shell=bash
# shellcheck disable=SC2034  # not every variable is used here

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
export LC_ALL=C.UTF-8

# PATH may name another python3; only Debian's sees Debian's modules.
python=/usr/bin/python3

if [[ -t 1 && -z ${NO_COLOR-} && ${TERM-dumb} != dumb ]]; then
    bold=$'\e[1m' green=$'\e[32m' red=$'\e[31m' plain=$'\e[0m'
else
    bold='' green='' red='' plain=''
fi

die() {
    printf '%s%s:%s %s\n' "$red" "${0##*/}" "$plain" "$*" >&2
    exit 1
}

have() {
    command -v "$1" >/dev/null 2>&1
}

# The C compilers and apt are quiet until they fail; then the reader wants the end of what they said.
# quietly LOG COMMAND...
quietly() {
    local log=$1 status=0
    shift
    mkdir -p "$(dirname "$log")"
    "$@" >"$log" 2>&1 </dev/null || status=$?
    if ((status != 0)); then
        printf '%sfailed:%s %s\n' "$red" "$plain" "$*" >&2
        tail -n 40 "$log" >&2
        printf '%sthe whole log:%s %s\n' "$bold" "$plain" "$log" >&2
    fi
    return "$status"
}

can_be_root() {
    ((EUID == 0)) || have sudo
}

as_root() {
    if ((EUID == 0)); then
        "$@"
    else
        sudo "$@"
    fi
}

apt_get() {
    as_root env DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 \
        apt-get -qq -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "$@"
}

# A TCP port of the loopback interface on which nobody listens; PREFERRED if that one is free.
# free_port [PREFERRED]
free_port() {
    "$python" - "${1:-0}" <<'PY'
import socket, sys

for port in (int(sys.argv[1]), 0):
    with socket.socket() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            s.bind(("127.0.0.1", port))
        except OSError:
            continue
        print(s.getsockname()[1])
        break
PY
}
