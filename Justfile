# Framecast: everything a person types here. `./scripts/just` runs it and brings just itself.

set shell := ["bash", "-euo", "pipefail", "-c"]
set positional-arguments

export LC_ALL := "C.UTF-8"

[private]
default:
    @'{{ just_executable() }}' --justfile '{{ justfile() }}' --list --unsorted

# Render the welcome storyboard to out/welcome.mp4, from nothing
[group('start here')]
demo: setup
    @scripts/demo

# Render the storyboards of examples/ to out/gallery, and measure them (names: only these)
[group('start here')]
gallery *names: setup
    @scripts/gallery "$@"

# Start database and server, leave them running, print a key
[group('start here')]
dev: setup
    @scripts/dev start

# Stop what `dev` started
[group('start here')]
stop:
    @scripts/dev stop

# Install the Debian packages that are missing
[group('work')]
setup *groups:
    @scripts/setup "$@"

# Build the server and the client into build/release
[group('work')]
build: setup
    @scripts/build release framecastd framecast

# Bring the schema of `dev`'s database, or of DATABASE_URL, up to date
[group('work')]
migrate: setup
    @scripts/dev migrate

# Format all C files
[group('work')]
fmt: (setup "check")
    @scripts/format

# Remove what was built; databases and videos stay
[group('work')]
clean:
    rm -rf build

# Unit tests, then API tests on a PostgreSQL of their own (args: pytest's)
[group('test')]
test *args: setup
    @scripts/test debug "$@"

# The same under AddressSanitizer, UBSan and LeakSanitizer
[group('test')]
test-asan *args: setup
    @scripts/test asan "$@"

# The same under ThreadSanitizer
[group('test')]
test-tsan *args: setup
    @scripts/test tsan "$@"

# Whole jobs from storyboard to video, crashes included
[group('test')]
test-e2e *args: setup
    @scripts/test e2e "$@"

# Everything that can go wrong around a server: minutes of crashes, races and faults
[group('test')]
chaos *args: (setup "build" "test" "chaos")
    @scripts/test chaos "$@"

# Mixed load for SOAK_SECONDS (600): memory and descriptors stay what they are
[group('test')]
soak: setup
    @scripts/soak

# A whole job under valgrind
[group('test')]
valgrind *args: (setup "build" "test" "chaos")
    @scripts/valgrind "$@"

# Throw nonsense at each parser for FUZZ_SECONDS (20)
[group('test')]
fuzz *targets: (setup "build" "fuzz")
    @scripts/fuzz "$@"

# Format, both compilers, lint, layers, routes, settings (names: only these)
[group('test')]
check *names: (setup "build" "test" "check")
    @scripts/check "$@"

# Measure the front against a bare PostgreSQL
[group('test')]
bench *args: (setup "build" "test" "bench") build
    @scripts/bench "$@"
