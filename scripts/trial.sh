# A database and a server for one run, gone afterwards: used by demo and gallery. Sourced after
# common.sh, with $state set to the folder that keeps them and $n_steps to the number of steps.
# shellcheck shell=bash
# shellcheck disable=SC2154  # root, state and n_steps come from those who source this

# shellcheck source=scripts/server.sh
source "$root/scripts/server.sh"
pg=$state/pg

cd "$root" || exit
mkdir -p "$state" out
exec 8>"$state/lock"
flock -n 8 || die "another one is running"

# Whatever happened, nothing that was started here stays.
leave() {
    local status=$?
    trap '' INT TERM
    trap - EXIT
    ((status == 0)) || echo
    server_stop
    scripts/pg stop "$pg" || status=1
    exit "$status"
}
trap leave EXIT
trap 'exit 130' INT TERM

# A trial shows what the program does by itself, whatever this shell is set up for.
for variable in RENDER_PROVIDER ORCHESTRATOR_PROVIDER LLM_PROVIDER EMAIL_PROVIDER FFMPEG FFPROBE; do
    unset "$variable"
done

# Says what happens, and after it how long it took. Not to be called in a condition: in there, bash
# would carry on after a command of the step that failed.
# step N TEXT COMMAND...
step() {
    local text="$bold$1/$n_steps$plain  $2" began=${EPOCHREALTIME/./}
    shift 2
    printf '%s ...' "$text"
    "$@" 8>&-
    printf ' %sdone%s (%s s)\n' "$green" "$plain" "$((((${EPOCHREALTIME/./} - began) / 100000 + 5) / 10))"
}

empty_database() {
    scripts/pg start --fast "$pg"
    scripts/pg psql "$pg" -qX -d "$(scripts/pg url "$pg" postgres)" \
        -c 'drop database if exists framecast' -c 'create database framecast' 2>/dev/null
    server_settings "$(scripts/pg url "$pg")" "$(free_port 3000)"
    quietly "$state/migrate.log" "$framecastd" migrate up
}

fresh_server() {
    rm -rf "$state/storage" "$state/log"
    mkdir -p "$state/storage"
    server_start
}

trial_user() {
    FRAMECAST_API_KEY=$(new_key demo@example.com 10000)
    export FRAMECAST_API_KEY
}

# The first four steps: everything that a storyboard needs.
prepare() {
    step 1 "building the server and the client" scripts/build release framecastd framecast
    step 2 "making an empty PostgreSQL database" empty_database
    step 3 "starting the server" fresh_server
    step 4 "creating a user with credits and an API key" trial_user
}
