# A framecastd for a person at this machine: used by dev and demo. Sourced after common.sh, with
# $state set to the folder that keeps its secret, its log and its files.
# shellcheck shell=bash
# shellcheck disable=SC2154  # root and state come from those who source this

framecastd=$root/build/release/framecastd

# server_settings DATABASE_URL PORT
server_settings() {
    mkdir -p "$state/storage"
    [[ -s $state/secret ]] ||
        (umask 077 && od -An -N32 -tx1 /dev/urandom | tr -d ' \n' >"$state/secret")
    export DATABASE_URL=$1 PORT=$2 API_BASE_URL=http://localhost:$2
    export JWT_SECRET ENVIRONMENT=development STORAGE_PROVIDER=file STORAGE_DIR=$state/storage
    JWT_SECRET=$(<"$state/secret")
    # for the client
    export FRAMECAST_URL=$API_BASE_URL
}

# The process of our server; a number left behind by another one does not count.
server_pid() {
    local pid
    pid=$(cat "$state/pid" 2>/dev/null) || return
    [[ $(readlink "/proc/$pid/exe") == "$framecastd"* ]] || return
    echo "$pid"
}

# Its program was built anew since it started.
server_is_old() {
    [[ $(readlink "/proc/$(server_pid)/exe") != "$framecastd" ]]
}

# In a session of its own: a Ctrl-C at the terminal is not meant for it.
server_start() {
    setsid "$framecastd" serve >>"$state/log" 2>&1 </dev/null &
    echo $! >"$state/pid"
    wait_until_ready 150 && return
    server_stop
    printf 'the server did not become ready; its log ends:\n' >&2
    tail -n 20 "$state/log" >&2
    return 1
}

# wait_until_ready TENTHS_OF_A_SECOND; gives up early when the process is gone
wait_until_ready() {
    local left
    for ((left = $1; left > 0; left--)); do
        curl -fsS --max-time 2 -o /dev/null "$FRAMECAST_URL/ready" 2>/dev/null && return
        kill -0 "$(<"$state/pid")" 2>/dev/null || return
        sleep 0.1
    done
    return 1
}

# Asks it to finish what it does, and insists after 40 seconds.
server_stop() {
    local pid left
    if pid=$(server_pid); then
        kill -TERM "$pid" 2>/dev/null || true
        for ((left = 400; left > 0; left--)); do
            kill -0 "$pid" 2>/dev/null || break
            sleep 0.1
        done
        kill -KILL "$pid" 2>/dev/null || true
    fi
    rm -f "$state/pid"
}

# Prints a key of a user with credits, who is made if needed.
# new_key EMAIL CREDITS
new_key() {
    local said
    said=$("$framecastd" admin user create --email "$1" --tier creator --credits "$2" 2>&1) ||
        [[ -n $("$framecastd" admin token --user "$1" 2>/dev/null) ]] || {
        echo "$said" >&2
        return 1
    }
    "$framecastd" admin key create --user "$1" --name "${0##*/}"
}
