/* bench.h -- what the parts of plimsoll-bench share
 *
 * Times are processor seconds of this one thread, so that neighbours on the machine
 * disturb them little. */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include "core/err.h"
#include "core/json.h"
#include "worker/kernels.h"

#include <stddef.h>

double bench_seconds(void);
/* Sorts. */
double bench_median(size_t n, double x[]);

/* Each writes one member of the report. */
int bench_reference(struct json *json, struct err *err);
int bench_dense(struct json *json, struct err *err);
int bench_kernels(struct json *json, struct err *err);
int bench_rolling(struct json *json, struct err *err);
int bench_job(struct json *json, struct err *err);
int bench_job_surfaces(struct json *json, struct err *err);
int bench_scaling(struct json *json, struct err *err);
int bench_coordinator(struct json *json, struct err *err);

enum bench_kernel {
    BENCH_EWMA,
    BENCH_SCALE,
    BENCH_GARCH,
    BENCH_ATR,
    BENCH_WINDOW_MEAN,
    BENCH_WINDOW_VARIANCE,
    BENCH_YANG_ZHANG,
    BENCH_TURN,
    BENCH_CELLS,
    BENCH_PASS,
    BENCH_ADD_BEHIND,
    BENCH_WORST,
    BENCH_KERNELS
};

/* Rates of the sweep's own kernels: values turned, values given a cell, bars passed,
 * sums added to, shortfalls compared a second; data in the first cache. */
double bench_turn_rate(const struct kernels *kernels);
double bench_cells_rate(const struct kernels *kernels);
double bench_pass_rate(const struct kernels *kernels);
double bench_add_behind_rate(const struct kernels *kernels);
double bench_worst_rate(const struct kernels *kernels);

/* The reference sweep's data and counts, for programs in tests/bench/peer. */
int bench_peer_data(const char *path, struct err *err);
/* A line for each box of the job: ms by the model, ms that it took. */
int bench_unit_times(const char *job, const char *history, struct err *err);

/* How fast this machine does nothing but the operations of each kernel, as many a
 * second as the kernel's rate counts: data in the first cache, no result waited for. */
struct peaks {
    double (*of[BENCH_KERNELS])(void);
};
const struct peaks *bench_peaks(enum isa isa);

#endif /* BENCH_BENCH_H */
