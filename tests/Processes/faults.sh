#!/usr/bin/env bash
# The long forms of the fault tests.
#   faults.sh          the fault table: two hosts that lose each other, control silos killed one after the other, PostgreSQL away
#                      for a minute, a history checked, a kill where dictionaries are measured at a rung,
#                      20 kills, a stop of 90 s, everything killed at once, torn files, a full disk, hostile analyses
#   faults.sh soak [M] M minutes (20) of random faults under several clients, whose history is checked; ends with "soak: PASSED" or "soak: FAILED"
# ORCHESTRATOR_FAULTS_SEED repeats the random moments of a run, which prints its seed.
set -u
cd "$(dirname "$0")/../.."
dotnet build -c Release tests/Processes -v quiet || exit 1
program=(dotnet run -c Release --no-build --project tests/Processes -- -showliveoutput)
case ${1:-all} in
    all)
        ORCHESTRATOR_FAULTS=long "${program[@]}" -class '*.FaultTests' -class '*.FullDiskTests' -class '*.HostileTests' -class '*.HistoryTests' -class '*.PartitionTests' -class '*.ScaledClusterTests' -class '*.DatabaseOutageTests' -class '*.EarlyStopTests'
        ;;
    soak)
        log=$(mktemp)
        trap 'rm -f "$log"' EXIT
        ORCHESTRATOR_SOAK_MINUTES=${2:-20} "${program[@]}" -method '*.HistoryTests.Soak' | tee "$log"
        verdict=$(grep -o 'soak: [A-Z]*: .*' "$log" | tail -n 1)
        echo "${verdict:-soak: FAILED: it did not end}"
        [[ $verdict == 'soak: PASSED'* ]]
        ;;
    *)
        sed -n '2,7p' "$0"
        exit 2
        ;;
esac
