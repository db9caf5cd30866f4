#!/bin/bash
# A Dask cluster for as long as one job of SLURM: sbatch --ntasks 32 deploy/slurm.sh [NAME …]
# Run it from the checkout, on a file system that all nodes see. NAMEs are claims or experiments; none: all of them.
#SBATCH --job-name=course-claims
#SBATCH --ntasks=16
#SBATCH --cpus-per-task=1
#SBATCH --mem-per-cpu=2G
#SBATCH --time=04:00:00
set -euo pipefail

bin="$PWD/.venv/bin"
told="$PWD/build/scheduler-${SLURM_JOB_ID:?run it with sbatch}.json"
mkdir -p build
export OMP_NUM_THREADS=1
trap 'kill $(jobs -p) 2>/dev/null; rm -f "$told"' EXIT

"$bin/dask" scheduler --port 0 --no-dashboard --scheduler-file "$told" &
until grep -q '"address"' "$told" 2>/dev/null; do sleep 1; done
srun "$bin/dask" worker --scheduler-file "$told" --nthreads 1 --no-dashboard &

address=$("$bin/python" -c 'import json, sys; print(json.load(open(sys.argv[1]))["address"])' "$told")
"$bin/course" claims run --dask "$address" "$@"
