#!/usr/bin/env bash
# What a GPU host proves in ten minutes, as two Markdown tables on standard output: how far the four methods'
# networks are from the CPU there, and how fast they are, with PyTorch's eager mode beside them where
# $PYTHON (python3) has torch and torchvision.
#
#   benches/gpu.sh [--device cuda] [--size paper|smoke] [--repeats 10] [--minutes 10]
#
# The build comes first and is not counted. $FEATURES replaces the features that the device's name asks for
# (docs/devices.md). What did not answer within its share of the time is a dash; why is in $LOG.
set -euo pipefail
cd "$(dirname "$0")/.."

device=cuda size=paper repeats=10 minutes=10
while (($#)); do
    case "$1" in
        --device) device=$2 ;;
        --size) size=$2 ;;
        --repeats) repeats=$2 ;;
        --minutes) minutes=$2 ;;
        *) echo "benches/gpu.sh: unknown option $1" >&2; exit 2 ;;
    esac
    shift 2
done
case "$device" in
    cpu) features= ;;
    wgpu) features=runtime/wgpu,runtime/tuned ;;
    *) features=runtime/cuda ;;
esac
features=${FEATURES-$features}
PYTHON=${PYTHON:-python3}
LOG=${LOG:-$(mktemp)}
case "$size" in
    paper) suffix='' few=2 batches=(pcl:32 adm:32 lisiam:16 snippet:4) ;;
    smoke) suffix=-smoke few=4 batches=(pcl:8 adm:8 lisiam:8 snippet:4) ;;
    *) echo "benches/gpu.sh: --size is paper or smoke" >&2; exit 2 ;;
esac

cargo build -q --workspace --example steps ${features:+--features "$features"}
steps=${CARGO_TARGET_DIR:-target}/debug/examples/steps
end=$((SECONDS + minutes * 60))

# Runs a command for as long as there is time, and never for more than a fifth of it.
within() {
    local left=$((end - SECONDS)) most=$((minutes * 12))
    ((left > 0)) || return 1
    timeout $((left < most ? left : most)) "$@" 2>>"$LOG"
}

# Samples a second, by the median step, and MiB of one side of the table.
measure() {
    local batch=$1
    shift
    { yes '' || true; } | head -n $((repeats + 2)) | { within "$@" || true; } | awk -v batch="$batch" '
        /^memory/ { memory = $2 }
        # The first two compile and choose kernels.
        /^[0-9]/ && ++seen > 2 { steps[++n] = $1 }
        END {
            if (!memory || !n) { print "- | -"; exit }
            for (i = 2; i <= n; i++)
                for (j = i; j > 1 && steps[j] < steps[j - 1]; j--) {
                    kept = steps[j]; steps[j] = steps[j - 1]; steps[j - 1] = kept
                }
            printf "%.1f | %d\n", batch / steps[int((n + 1) / 2)], memory
        }'
}

echo "| network on $device | probability | loss, share | gradients, share | of one parameter | which |"
echo "|---|---|---|---|---|---|"
for each in "${batches[@]}"; do
    network=${each%:*}$suffix
    found=$(within "$steps" "$network" parity "$few" "$device" || true)
    echo "| $network | ${found:-- - - - -} |" | sed -E '2!s/ ([^ |]+) ([^ |]+) ([^ |]+) ([^ |]+) ([^ |]+) \|$/ \1 | \2 | \3 | \4 | \5 |/'
done
echo
echo '| network | work | batch | precision | ours, samples/s | ours, MiB | PyTorch, samples/s | PyTorch, MiB |'
echo '|---|---|---|---|---|---|---|---|'
there=
[[ $size == paper && $device != wgpu ]] && "$PYTHON" -c 'import torch, torchvision' 2>>"$LOG" && there=yes
for precision in f32 bf16; do
    for work in train infer; do
        for each in "${batches[@]}"; do
            network=${each%:*}$suffix batch=${each#*:}
            ours=$(measure "$batch" "$steps" "$network" "$work" "$batch" "$device" "$precision")
            peer='- | -'
            if [[ $there ]]; then
                peer=$(measure "$batch" "$PYTHON" benches/peers/pytorch.py --peer \
                    "$network" "$work" "$batch" "$device" "$precision")
            fi
            echo "| $network | $work | $batch | $precision | $ours | $peer |"
        done
    done
done
echo "What failed, and why: $LOG" >&2
