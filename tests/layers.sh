#!/bin/sh
# layers.sh -- does any room include a room that it may not, or a library beside its door?
cd "$(dirname "$0")/.." || exit 2
status=0
seen=0

# a room, then the rooms whose headers it may include besides its own
while read -r room allowed; do
    for file in "$room"/*.[ch]; do
        [ -e "$file" ] || { echo "$room: is empty"; status=1; continue; }
        seen=$((seen + 1))
        for used in $(sed -n 's/^#include "\([a-z]*\)\/.*/\1/p' "$file" | sort -u); do
            case " $room $allowed " in
            *" $used "*) ;;
            *) echo "$file: $room may not include $used"; status=1 ;;
            esac
        done
    done
done <<RULES
core
market       core
worker       core market
mpi          core
client       core
coordinator  core market worker mpi client
RULES

# a library's header, then the files that are its door
while read -r header doors; do
    for file in $(grep -lE "^#include <$header" core/*.[ch] market/*.[ch] worker/*.[ch] \
        mpi/*.[ch] coordinator/*.[ch] client/*.[ch]); do
        case " $doors " in
        *" $file "*|*" ${file%%/*}/ "*) ;;
        *) echo "$file: includes <$header> beside its door ($doors)"; status=1 ;;
        esac
    done
done <<DOORS
hdf5         core/h5_inside.h
libfyaml     core/conf.c
archive      market/archive.c
lz4          market/
zmq          client/link.c coordinator/gate_inside.h coordinator/zap.c
mpi\.h       mpi/
gsl/         worker/ coordinator/main.c
DOORS

[ "$seen" -gt 50 ] || { echo "only $seen files seen: wrong directory?"; status=1; }
exit $status
