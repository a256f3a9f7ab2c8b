#!/usr/bin/python3
"""The reference sweep as one would write it in numba: every point through every bar.

    build/release/plimsoll-bench --peer-data /tmp/reference
    tests/bench/peer/reference_sweep.py /tmp/reference

The same 131,072 points and 43,800 bars as `plimsoll-bench --only reference_sweep`, on one
core, compiled before it is timed.  Prints its seconds and whether all counts are those of
the plain C loop.  Needs python3-numba.
"""
import json
import sys
import time

import numba
import numpy as np


def read(path):
    with open(path, "rb") as file:
        sizes = file.readline().split()
        n, n_lambda, n_q, n_floor, n_buffer = (int(x) for x in sizes[:5])
        arrays = [np.fromfile(file, np.float64, k) for k in (n, n, n_lambda, n_q, n_floor, n_buffer)]
        points = n_lambda * n_q * n_floor * n_buffer
        counts = np.fromfile(file, np.uint32, 2 * points).reshape(points, 2)
    return float(sizes[5]), arrays, counts


@numba.njit
def sweep(start, square, loss, lambdas, qs, floors, buffers, score, count):
    n = square.size
    sigma = np.empty(n)
    k = 0
    for decay in lambdas:
        v = start
        for t in range(n):
            if t > 0:
                v = decay * v + (1.0 - decay) * square[t]
            sigma[t] = np.sqrt(v)
        for q in qs:
            for floor in floors:
                for buffer in buffers:
                    total = 0.0
                    most = 0.0
                    least = np.inf
                    shortfall = 0.0
                    worst = 0.0
                    x = 0
                    both = 0
                    before = False
                    for t in range(n):
                        margin = max(q * sigma[t], floor) * (1.0 + buffer)
                        total += margin
                        most = max(most, margin)
                        least = min(least, margin)
                        exceeds = loss[t] > margin
                        if exceeds:
                            x += 1
                            both += before
                            shortfall += loss[t] - margin
                            worst = max(worst, loss[t] - margin)
                        before = exceeds
                    score[k, 0] = total
                    score[k, 1] = most
                    score[k, 2] = least
                    score[k, 3] = shortfall
                    score[k, 4] = worst
                    count[k, 0] = x
                    count[k, 1] = both
                    k += 1


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    start, arrays, want = read(sys.argv[1])
    score = np.empty((len(want), 5))
    count = np.zeros_like(want)
    few = [arrays[0], arrays[1]] + [axis[:1] for axis in arrays[2:]]
    sweep(start, *few, score, count)  # compiles
    begin = time.process_time()
    sweep(start, *arrays, score, count)
    numba_s = time.process_time() - begin
    # numba has no fused multiply-add: where a loss is within a rounding of a margin a
    # count may differ by one
    print(json.dumps({"numba_s": numba_s, "points": len(want), "bars": arrays[0].size,
                      "counts_that_differ": int((count != want).any(axis=1).sum())}))


main()
