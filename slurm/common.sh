# common.sh -- what the scripts of this folder share; source it
# shellcheck shell=bash disable=SC2034  # variables are for those who source it
#
# Under Slurm a batch script runs as a copy in a spool directory: PLIMSOLL_SLURM says where
# this folder is. Whoever submits sets it, and PLIMSOLL_SITE, and they travel along.

say() { printf '%s %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$*"; }

fail() { # CODE TEXT
    say "$2" >&2
    exit "$1"
}

load_site() {
    local place
    for place in "${PLIMSOLL_SITE:-}" /etc/plimsoll/site.conf "$PLIMSOLL_SLURM/site.conf"; do
        [ -z "$place" ] || [ -r "$place" ] || [ "$place" = /etc/plimsoll/site.conf ] ||
            fail 3 "$place: cannot be read"
        [ -r "$place" ] && break
    done
    [[ $place$PLIMSOLL_SLURM != *,* ]] || fail 3 "$place, $PLIMSOLL_SLURM: sbatch takes no comma"
    export PLIMSOLL_SITE=$place
    # shellcheck source=slurm/site.conf
    . "$place"
    BOOK=$NIGHTS/nights.json
    # two users write the book and share a group
    [ ${#PUBLISH_SBATCH[@]} = 0 ] || umask 002
}

# What a job's environment says of its own job is nothing for jobs that it submits.
forget_slurm() {
    local name
    for name in ${!SLURM_@}; do
        [ "$name" = SLURM_CONF ] || unset "$name"
    done
}

load_modules() {
    local module
    for module in ${MODULES[@]+"${MODULES[@]}"}; do
        # `module` is a function of the site's, and not written for set -u
        set +u
        module load "$module" || fail 3 "module $module cannot be loaded"
        set -u
    done
}

# ---- submitting ----

# The options of sbatch that the site has, in the array `site_options`.
collect_site_options() {
    local carried=ALL,PLIMSOLL_SLURM=$PLIMSOLL_SLURM,PLIMSOLL_SITE=$PLIMSOLL_SITE
    [ -z "${PLIMSOLL_SLOT:-}" ] ||
        carried=$carried,PLIMSOLL_SLOT=$PLIMSOLL_SLOT,PLIMSOLL_ATTEMPT=$PLIMSOLL_ATTEMPT
    site_options=("--export=$carried" --requeue --open-mode=append)
    [ -z "$PARTITION" ] || site_options+=("--partition=$PARTITION")
    [ -z "$ACCOUNT" ] || site_options+=("--account=$ACCOUNT")
    [ -z "$MAIL_USER" ] ||
        site_options+=("--mail-user=$MAIL_USER" "--mail-type=FAIL,INVALID_DEPEND")
    site_options+=(${SBATCH_OPTIONS[@]+"${SBATCH_OPTIONS[@]}"})
}

# The options for a job of ranks, in `rank_options`.
collect_rank_options() {
    rank_options=("--ntasks=$RANKS" --cpus-per-task=1 "--mem-per-cpu=$RANK_MEMORY"
        "--time=$TIME_LIMIT" "--signal=$(signal_target)USR1@$SIGNAL_AHEAD_S"
        ${RANK_OPTIONS[@]+"${RANK_OPTIONS[@]}"})
}

# ---- starting ranks ----

launcher() {
    if [ "$LAUNCHER" != auto ]; then
        echo "$LAUNCHER"
    elif srun --mpi=list 2>&1 | grep -q pmix; then
        echo srun
    else
        echo mpirun
    fi
}

# srun's ranks get signals directly. mpirun hangs on the batch shell, which hands on its own.
signal_target() { if [ "$(launcher)" = mpirun ]; then echo B:; fi; }

# A node that died keeps in its spool what Slurm's PMIx (22.05) had opened for the step, by job
# and step, and when it is back takes no step of that name any more. A restarted job's steps
# would have the same names: each restart uses up one more before the ranks'.
skip_used_steps() {
    local n
    for ((n = 0; n < $(n_restarts); n++)); do
        srun --mpi=none --nodes=1 --ntasks=1 --immediate=60 true || true
    done
}

# launch COMMAND...: on all tasks of the job; signals reach the ranks, and what they then
# end with is what comes back
launch() {
    local how pid code signalled
    how=$(launcher)
    case $how in
    srun)
        skip_used_steps
        how="srun --mpi=pmix"
        ;;
    mpirun) how="mpirun -n ${SLURM_NTASKS:-$RANKS}" ;;
    *) fail 3 "LAUNCHER=$how is none of auto, srun and mpirun" ;;
    esac
    # shellcheck disable=SC2086  # words
    env ${RANKS_ENVIRONMENT[@]+"${RANKS_ENVIRONMENT[@]}"} $how "$@" &
    pid=$!
    # Slurm signals srun's ranks itself, and the shell has but to outlive that
    trap 'signalled=yes; [ "${how%% *}" = srun ] || kill -USR1 "$pid" || true' USR1 TERM
    while :; do # a trapped signal ends the waiting, not what is waited for
        signalled=no
        code=0
        wait "$pid" || code=$?
        if [ "$signalled" = no ] || [ "$code" -le 128 ]; then break; fi
    done
    trap - USR1 TERM
    return "$code"
}

# ---- resuming ----

n_restarts() { echo "${SLURM_RESTART_COUNT:-0}"; }

check_restarts() {
    [ "$(n_restarts)" -le "$MAX_RESTARTS" ] ||
        give_up "gave up after $MAX_RESTARTS restarts; what is done is kept: submit it again to go on"
}

# A script that has to tell someone first has its own.
give_up() { fail 70 "$1"; }

# Back into the queue with the same arguments, so with the same output directory: the
# journal there goes on. Ends the script.
requeue() { # WHY
    [ "$(n_restarts)" -lt "$MAX_RESTARTS" ] ||
        give_up "$1; gave up after $MAX_RESTARTS restarts; what is done is kept: submit it again to go on"
    say "$1; restart $(($(n_restarts) + 1)) of $MAX_RESTARTS"
    trap 'exit 75' TERM # that is how requeueing ends it
    local job=$SLURM_JOB_ID
    [ -z "${SLURM_ARRAY_JOB_ID:-}" ] || job=${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID
    # it fails where Slurm is requeueing the job already, having preempted it
    scontrol requeue "$job" || exit 75
    sleep 600 &
    wait $!
    exit 75
}

# run_resuming COMMAND...: launch it; 0, 4 and 5 are its ends and come back as they are, 2 and
# 3 as well: they would be the same again. Anything else, 75 and crashes, goes on.
run_resuming() {
    local code=0
    check_restarts
    launch "$@" || code=$?
    case $code in
    0 | 2 | 3 | 4 | 5) return "$code" ;;
    75) requeue "stopped early" ;;
    *)
        # what is wrong with a node or a file system is so for a while
        sleep $((RETRY_AFTER_S * (1 + $(n_restarts)))) &
        wait $! || true
        requeue "ended with $code"
        ;;
    esac
}

# ---- nights ----

# 2026-11-30T03:00:00Z as a name of a directory
slot_directory() { echo "$NIGHTS/$(echo "$1" | tr -d ':-')"; }

# The head of each step: which night is this?
load_night() {
    load_site
    load_modules
    : "${PLIMSOLL_SLOT:?submitted by slurm/nightly}" "${PLIMSOLL_ATTEMPT:?}"
    night=$(slot_directory "$PLIMSOLL_SLOT")
}

note() { # STATE OPTION...
    plimsoll night note "$BOOK" --slot "$PLIMSOLL_SLOT" --attempt "$PLIMSOLL_ATTEMPT" \
        --state "$@"
}

# A step that starts says so, and hears where its night is over.
start_step() { # NAME
    say "$1: slot $PLIMSOLL_SLOT, attempt $PLIMSOLL_ATTEMPT, job ${SLURM_JOB_ID:-none} on $(hostname -s)"
    give_up() { fail_night "$1"; }
    step=$1
    note running --reason "$1" || exit 5
}

fail_night() { # WHY [CODE]
    note failed --reason "$step: $1" || true
    fail "${2:-70}" "$step: $1"
}

send_mail() { # LINE < TEXT
    [ -n "$MAIL_COMMAND" ] || return 0
    $MAIL_COMMAND "$1" || say "no mail went out: $MAIL_COMMAND ended with $?" >&2
}

# The job that begins the next night when its slot comes, once there is no other of its name.
submit_tick() {
    local next
    next=$(plimsoll night next --first "$NIGHT_FIRST" --every "$NIGHT_EVERY")
    collect_site_options
    sbatch --parsable --job-name="$NIGHT_NAME-tick" --output="$LOG_DIR/%x.log" \
        --ntasks=1 --mem-per-cpu=200M --time=10 --dependency=singleton \
        --begin="now+$(sed -n 's/^in_s=//p' <<<"$next")" \
        --comment="$(sed -n 's/^slot=//p' <<<"$next")" "${site_options[@]}" \
        "$PLIMSOLL_SLURM/tick.sbatch"
}
