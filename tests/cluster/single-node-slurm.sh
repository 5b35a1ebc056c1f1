#!/usr/bin/env bash
# Starts a Slurm of one node in a folder of its own, runs a job script as an array of 4, waits, and stops it again.
#   single-node-slurm.sh <folder> <job script> [arguments of the script]
set -euo pipefail
folder=$1
script=$(realpath "$2")
shift 2
export SLURM_CONF=$folder/slurm.conf
export PATH=$PATH:/usr/sbin
node=$(hostname -s)
port=$((20000 + RANDOM % 20000))
mkdir -p "$folder/state" "$folder/spool" "$folder/log"
cat > "$SLURM_CONF" <<CONF
ClusterName=one
SlurmctldHost=$node(127.0.0.1)
SlurmctldPort=$port
SlurmdPort=$((port + 1))
SlurmUser=$(id -un)
SlurmdUser=$(id -un)
AuthType=auth/none
CredType=cred/none
ProctrackType=proctrack/pgid
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
SwitchType=switch/none
ReturnToService=2
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/log/slurmctld.log
SlurmdLogFile=$folder/log/slurmd.log
NodeName=$node NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=all Nodes=$node Default=YES MaxTime=INFINITE State=UP
CONF

slurmctld -D > "$folder/log/slurmctld.out" 2>&1 &
controller=$!
slurmd -D -N "$node" > "$folder/log/slurmd.out" 2>&1 &
daemon=$!
stop() { kill "$daemon" "$controller" 2> /dev/null || true; wait "$daemon" "$controller" 2> /dev/null || true; }
trap stop EXIT

for _ in $(seq 1 100); do
    sinfo -h -o %T 2> /dev/null | grep -q idle && break
    sleep 0.2
done

cd "$folder"
timeout 240 sbatch --wait --array=1-4 --output="$folder/log/job-%a.out" "$script" "$@"
