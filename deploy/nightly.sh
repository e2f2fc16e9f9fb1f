#!/bin/sh
# Nightly jobs, in the project folder. A job that fails does not stop the others; the exit code is that of the last
# failure. LEADWORTH_BACKUPS: folder of the backups, of which the last 14 are kept; empty: no backup.
#   nightly.sh              run the jobs once
#   nightly.sh daily HH:MM  run them every day at this time (UTC), for machines without timers
set -u
backups=${LEADWORTH_BACKUPS-/var/backups/leadworth}
failed=0

job() {
    "$@" && return
    failed=$?
    echo "nightly job failed with exit code $failed: $*" >&2
}

jobs() {
    failed=0
    # Backup first: the other jobs change the store.
    [ -z "$backups" ] || job leadworth backup --force "$backups/$(date -u +%Y-%m-%d)"
    job leadworth privacy retention
    # Where the leads come from a CRM, rescoring reads it first, writes the scores back and plans the exports.
    if grep -q '^path *= *"crm:' leadworth.toml 2>/dev/null; then
        job leadworth rescore
    else
        job leadworth export plan
    fi
    job leadworth export run
    job leadworth watch --once
    # Only folders named by date, oldest first, and only after a good night.
    if [ -n "$backups" ] && [ "$failed" -eq 0 ]; then
        for folder in $(ls -1d "$backups"/20??-??-?? | head -n -14); do rm -rf "$folder"; done
    fi
    return "$failed"
}

if [ "${1-}" = daily ]; then
    trap 'exit 0' TERM INT
    while :; do
        now=$(date -u +%s)
        next=$(date -u -d "today $2" +%s)
        [ "$next" -gt "$now" ] || next=$(date -u -d "tomorrow $2" +%s)
        sleep $((next - now)) & wait $!
        jobs
    done
fi
jobs
