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
    BENCH_KERNELS
};

/* The reference sweep's data and counts, for programs in tests/bench/peer. */
int bench_peer_data(const char *path, struct err *err);
/* A line for each box of the job: ms by the model, ms that it took. */
int bench_unit_times(const char *job, const char *history, struct err *err);

/* How fast this machine does nothing but the operations of each kernel, a lane-step a
 * second: data in the first cache, no result waited for. */
struct peaks {
    double (*of[BENCH_KERNELS])(void);
};
const struct peaks *bench_peaks(enum isa isa);

#endif /* BENCH_BENCH_H */
