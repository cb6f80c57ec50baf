#!/usr/bin/env bash
# Sets Apus up on this machine, once, and runs it. `./launch.sh --help-setup` tells how it is used.
#
# Everything that it makes is below .build; what it says goes to standard error, so that the output of `apus` stays
# clean. The caller's current folder is never left: run folders are relative to it.
set -euo pipefail
unset CDPATH

root=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
readonly root
readonly scratch=$root/.build
readonly binaries=$scratch/release
readonly state=$scratch/launch
readonly stamp=$state/built
readonly log=$state/build.log
readonly usage_error=2 interrupted=5

usage() {
    cat <<'USAGE'
./launch.sh                       set up, then `apus quickstart`
./launch.sh ARGUMENTS...          set up, then `apus ARGUMENTS...`
./launch.sh test [ARGUMENTS...]   set up, then the lint and every test; ARGUMENTS go to `swift test`
./launch.sh install [--prefix P]  set up, then put `apus` and `apus-worker` into P/bin
                                  (P: /usr/local as root, ~/.local otherwise)
USAGE
}

say() { printf 'launch: %s\n' "$*" >&2; }

stop() {
    say "$*"
    exit "$usage_error"
}

# --- Is there anything to do? -----------------------------------------------------------------------------------------

# The executables are there, and no source, folder of sources or manifest was touched since the build began.
is_built() {
    [[ -x $binaries/apus && -x $binaries/apus-worker && -f $stamp ]] || return 1
    [[ -z $(find "$root/Package.swift" "$root/Sources" -newer "$stamp" -print -quit) ]]
}

# --- What the machine must have ---------------------------------------------------------------------------------------

require_swift() {
    local version
    if ! command -v swift >/dev/null; then
        say "the Swift toolchain is missing: there is no 'swift' in the PATH."
        stop "Install Swift 6.3 from https://www.swift.org/install/linux/, add its usr/bin to the PATH, and try again."
    fi
    version=$(swift --version 2>&1) || stop "the Swift toolchain does not work: 'swift --version' says: $version"
    version=$(sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' <<<"$version")
    if [[ -n $version && $(printf '%s\n' 6.2 "$version" | sort -V | head -n 1) != 6.2 ]]; then
        stop "Swift $version is too old: Apus needs 6.2 or newer; see https://www.swift.org/install/linux/."
    fi
}

compiles_cxx() {
    local compiler
    compiler=$(dirname -- "$(readlink -f -- "$(command -v swift)")")/clang++
    [[ -x $compiler ]] || compiler=c++
    printf '#include <stdlib.h>\n#include <vector>\n' | "$compiler" -x c++ -fsyntax-only - >/dev/null 2>&1
}

knows_library() { pkg-config --exists "$1" 2>/dev/null; }

# The Debian packages whose content is missing, asked of the content and not of dpkg: a cluster's modules count as well.
missing_packages() {
    command -v git >/dev/null || printf 'git '
    compiles_cxx || printf 'g++ '
    command -v pkg-config >/dev/null || printf 'pkg-config '
    knows_library openblas || printf 'libopenblas-dev '
    knows_library ompi-c || command -v mpicc >/dev/null || printf 'libopenmpi-dev '
    command -v mpirun >/dev/null || printf 'openmpi-bin '
    knows_library hdf5 || knows_library hdf5-serial || printf 'libhdf5-dev '
}

# Fills `as_root` with the words that run a command as root; fails when nobody may.
find_root() {
    if ((EUID == 0)); then
        as_root=()
    elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
        as_root=(sudo -n)
    elif command -v sudo >/dev/null && [[ -t 0 && -t 2 ]]; then
        as_root=(sudo)
    else
        return 1
    fi
}

apt_get() {
    ${as_root[@]+"${as_root[@]}"} env DEBIAN_FRONTEND=noninteractive \
        apt-get -q -o DPkg::Lock::Timeout=300 "$@" >>"$log" 2>&1 </dev/null
}

require_packages() {
    local -a packages install
    read -ra packages <<<"$(missing_packages)"
    if ((${#packages[@]} == 0)); then return; fi
    install=(install -y --no-install-recommends "${packages[@]}")
    say "these Debian packages are missing: ${packages[*]}"
    if ! command -v apt-get >/dev/null; then
        say "There is no apt-get here. Load modules that give Open MPI (mpicc and mpirun in the PATH),"
        stop "and set PKG_CONFIG_PATH to the folders of openblas.pc and hdf5.pc."
    fi
    if ! find_root; then
        say "installing them needs root, and sudo is not available. Have this line run, and try again:"
        printf '    sudo apt-get %s\n' "${install[*]}" >&2
        stop "(Or load modules that give mpicc, and set PKG_CONFIG_PATH to the folders of openblas.pc and hdf5.pc.)"
    fi
    say "installing them with apt-get (about a minute)"
    : >"$log"
    apt_get update || say "the package lists could not be renewed; going on with those that are here"
    if ! apt_get "${install[@]}"; then
        tail -n 15 "$log" >&2
        stop "'apt-get ${install[*]}' failed (log: $log). Repair it, and try again."
    fi
    read -ra packages <<<"$(missing_packages)"
    if ((${#packages[@]})); then
        stop "installed, but not found: what ${packages[*]} should give. Does PKG_CONFIG_LIBDIR point elsewhere?"
    fi
}

# --- What the build must be told --------------------------------------------------------------------------------------

# SwiftPM finds libraries by pkg-config files only. Writes those that are missing: Open MPI's from its own compiler
# wrapper (a module's goes before the system's), and Debian's HDF5 under its plain name.
describe_libraries() {
    local folder=$state/pkgconfig mpicc
    mkdir -p -- "$folder"
    rm -f -- "$folder"/*.pc
    mpicc=$(command -v mpicc || true)
    if [[ -n $mpicc ]] && { [[ $mpicc != /usr/bin/mpicc ]] || ! knows_library ompi-c; }; then
        if ! "$mpicc" --showme:version >/dev/null 2>&1; then
            stop "$mpicc is not Open MPI's. Apus needs Open MPI 4 or newer: load its module, or put it first in the PATH."
        fi
        describe_library ompi-c "$("$mpicc" --showme:compile) $("$mpicc" --showme:link)" "$folder"
        say "using the Open MPI of $mpicc"
    fi
    if ! knows_library hdf5 && knows_library hdf5-serial; then
        describe_library hdf5 "$(pkg-config --cflags --libs hdf5-serial)" "$folder"
    fi
    export PKG_CONFIG_PATH=$folder${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}
}

# describe_library NAME FLAGS FOLDER: writes NAME.pc with the kinds of flags that SwiftPM accepts.
describe_library() {
    local flag compile='' link=''
    local -a flags
    read -ra flags <<<"$2"
    for flag in "${flags[@]}"; do
        case $flag in
        -I*) compile+=" $flag" ;;
        -L* | -l*) link+=" $flag" ;;
        esac
    done
    printf 'Name: %s\nDescription: written by launch.sh\nVersion: 0\nCflags:%s\nLibs:%s\n' \
        "$1" "$compile" "$link" >"$3/$1.pc"
}

# Fills `run_paths`: libraries outside of the system's folders are found again at run time, on every host.
describe_run_paths() {
    local flag
    local -a flags
    run_paths=()
    read -ra flags <<<"$(pkg-config --libs-only-L openblas ompi-c hdf5)"
    for flag in ${flags[@]+"${flags[@]}"}; do
        if [[ $flag != -L/usr/lib* && $flag != -L/lib* ]]; then
            run_paths+=(-Xlinker -rpath -Xlinker "${flag#-L}")
        fi
    done
}

# The build keeps its caches in HOME; without one that may be written, below .build.
adapt_home() {
    build_home=${HOME:-}
    if [[ -z $build_home || ! -w $build_home ]]; then
        build_home=$state/home
        mkdir -p -- "$build_home"
        say "HOME is not set or cannot be written; the build keeps its caches in $build_home"
    fi
}

# --- Building ---------------------------------------------------------------------------------------------------------

# The right to be the only one that builds here, until descriptor 9 is closed.
lock_build() {
    if ! mkdir -p -- "$state" 2>/dev/null || ! touch -- "$state/lock" 2>/dev/null; then
        say "cannot write to $scratch."
        stop "Clone Apus to a folder that you may write to, or ask the owner of this one to run ./launch.sh first."
    fi
    exec 9>"$state/lock"
    if ! flock -n 9; then
        say "another launch.sh is building here; waiting for it"
        flock 9
    fi
}

# What was compiled in another folder does not compile on in this one: a clone that was moved or copied begins anew.
forget_other_place() {
    local place=$root
    if [[ -f $state/place ]]; then place=$(<"$state/place"); fi
    if [[ $place != "$root" ]]; then
        say "this clone was built as $place; building anew"
        find "$scratch" -mindepth 1 -maxdepth 1 ! -name launch -exec rm -rf -- {} +
        rm -f -- "$stamp"
    fi
    printf '%s\n' "$root" >"$state/place"
}

prepare_to_build() {
    forget_other_place
    require_swift
    require_packages
    adapt_home
    describe_libraries
}

# swift_build ARGUMENTS...: builds with progress, the whole output in the log.
swift_build() {
    local code=0 build
    describe_run_paths
    HOME=$build_home swift build --package-path "$root" -c release --explicit-target-dependency-import-check error \
        ${run_paths[@]+"${run_paths[@]}"} "$@" >"$log" 2>&1 </dev/null 9>&- &
    build=$!
    # shellcheck disable=SC2064  # the process of now
    trap "give_up $build" INT TERM HUP
    show_progress "$build"
    wait "$build" || code=$?
    trap - INT TERM HUP
    if ((code)); then
        grep -a 'error:' "$log" | head -n 10 >&2 || true
        tail -n 15 "$log" >&2
        stop "the build failed (exit $code); the whole log is $log"
    fi
}

give_up() {
    kill -TERM "$1" 2>/dev/null || true
    wait "$1" || true
    say "interrupted; the same command goes on from here"
    exit "$interrupted"
}

# show_progress PID: on a terminal one line that is renewed each second, elsewhere a line each half minute.
show_progress() {
    local start=$SECONDS told=$SECONDS line
    while kill -0 "$1" 2>/dev/null; do
        line="$((SECONDS - start)) s $(grep -aE '^\[[0-9]+/[0-9]+\]' "$log" | tail -n 1 || true)"
        if [[ -t 2 ]]; then
            printf '\r\033[K%.79s' "$line" >&2
        elif ((SECONDS - told >= 30)); then
            told=$SECONDS
            say "building: $line"
        fi
        sleep 1
    done
    if [[ -t 2 ]]; then printf '\r\033[K' >&2; fi
}

set_up() {
    if is_built; then return; fi
    lock_build
    if ! is_built; then
        prepare_to_build
        local began=$SECONDS reason="the first build takes about 4 minutes on 2 cores"
        if [[ -f $stamp ]]; then reason="the sources have changed"; fi
        touch -- "$stamp.new"
        say "building in release mode on $(nproc) core(s); $reason"
        swift_build
        mv -f -- "$stamp.new" "$stamp"
        say "built in $((SECONDS - began)) s"
    fi
    exec 9>&-
}

# --- Running ----------------------------------------------------------------------------------------------------------

# Tests look inside of the modules (`@testable`), which a plain release build does not allow. So they have a build of
# their own, in release mode too, because the arithmetic is what they test. They have one BLAS thread, as a rank has.
run_tests() {
    local -a build=(--scratch-path "$scratch/testing" -Xswiftc -enable-testing)
    lock_build
    prepare_to_build
    say "checking the format"
    swift format lint --strict -r "$root/Sources" "$root/Tests" "$root/Package.swift"
    say "building the tests in release mode on $(nproc) core(s); the first time takes about 4 minutes on 2 cores"
    swift_build --build-tests "${build[@]}"
    exec 9>&-
    say "running the tests"
    export OPENBLAS_NUM_THREADS=1
    HOME=$build_home exec swift test --package-path "$root" -c release --skip-build "${build[@]}" "$@"
}

install_programs() {
    local prefix=${HOME:-}/.local
    if ((EUID == 0)); then prefix=/usr/local; fi
    case ${1:-} in
    --prefix) prefix=${2:-} ;;
    --prefix=*) prefix=${1#*=} ;;
    '') ;;
    *) stop "install takes --prefix P and nothing else, not '$1'." ;;
    esac
    if [[ -z $prefix ]]; then stop "--prefix needs a folder, as in: ./launch.sh install --prefix ~/.local"; fi
    if ! mkdir -p -- "$prefix/bin" || ! install -m 755 -- "$binaries/apus" "$binaries/apus-worker" "$prefix/bin/"; then
        stop "cannot write to $prefix/bin; choose another place with --prefix P."
    fi
    say "installed apus and apus-worker in $prefix/bin"
    if [[ :$PATH: != *:"$prefix/bin":* ]]; then
        say "it is not in your PATH yet: export PATH=\"$prefix/bin:\$PATH\""
    fi
}

main() {
    if [[ ${1:-} == --help-setup ]]; then
        usage
        exit
    fi
    case ${1:-} in
    test) run_tests "${@:2}" ;;
    install)
        set_up
        install_programs "${@:2}"
        ;;
    *)
        set_up
        if (($# == 0)); then set -- quickstart; fi
        exec "$binaries/apus" "$@"
        ;;
    esac
}

main "$@"
