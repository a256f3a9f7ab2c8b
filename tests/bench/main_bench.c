/* plimsoll-bench -- how fast the inner parts are on this machine, and against what */
#include "tests/bench/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

double bench_seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

double bench_median(size_t n, double x[])
{
    qsort(x, n, sizeof *x, ascending);
    return n % 2 ? x[n / 2] : 0.5 * (x[n / 2 - 1] + x[n / 2]);
}

static const struct part {
    const char *name, *meaning;
    bool asked; /* only when named */
    int (*run)(struct json *json, struct err *err);
} parts[] = {
    {"reference_sweep", "131,072 points on 43,800 bars against the plain loop", false,
     bench_reference},
    {"kernels", "each kernel's rate and share of this machine's peak", false,
     bench_kernels},
    {"rolling_quantile", "eight levels of the last 1,000 values against a sort a bar",
     false, bench_rolling},
    {"job", "a whole job on two ranks, and where its time went", false, bench_job},
    {"job_surfaces", "the same with surfaces and runners-up written down", false,
     bench_job_surfaces},
    {"scaling", "the first job on one rank and on two", true, bench_scaling},
    {"coordinator", "what a unit costs rank 0: book and journal", false,
     bench_coordinator},
    {"dense_sweep", "the reference with a third of the bars beyond the weakest margin",
     true, bench_dense},
};
enum { PARTS = sizeof parts / sizeof *parts };

static int usage(FILE *out, int code)
{
    fprintf(
        out,
        "usage: plimsoll-bench [--json] [--only NAME]\n"
        "       plimsoll-bench --peer-data FILE\n"
        "       plimsoll-bench --unit-times JOB.yaml HISTORY\n\n"
        "  --unit-times      a line for each box of the job: ms by the model, and ms "
        "taken\n"
        "  --peer-data FILE  the reference sweep's data and counts, for others\n"
        "  --json            one line instead of many\n"
        "  --only NAME       one of:\n");
    for (size_t i = 0; i < PARTS; i++)
        fprintf(out, "    %-16s %s\n", parts[i].name, parts[i].meaning);
    return code;
}

static int run(const char *only, int indent, struct err *err)
{
    struct json json;
    const struct kernels *kernels;
    char *bytes;
    size_t n_bytes;

    if (kernels_choose(&kernels, err) != 0)
        return -1;
    json_start(&json, indent);
    json_put_object(&json, NULL);
    for (size_t i = 0; i < PARTS; i++) {
        if (only != NULL ? strcmp(only, parts[i].name) != 0 : parts[i].asked)
            continue;
        if (parts[i].run(&json, err) != 0) {
            json_abandon(&json);
            return -1;
        }
    }
    json_end(&json);
    if (json_finish(&json, &bytes, &n_bytes, err) != 0)
        return -1;
    fwrite(bytes, 1, n_bytes, stdout);
    free(bytes);
    return 0;
}

int main(int argc, char **argv)
{
    const char *only = NULL, *peer_data = NULL, *job = NULL, *history = NULL;
    struct err err = {0};
    int indent = 2;

    for (int i = 1; i < argc; i++) {
        bool known = false;

        if (strcmp(argv[i], "--help") == 0)
            return usage(stdout, 0);
        if (strcmp(argv[i], "--json") == 0) {
            indent = 0;
            continue;
        }
        if (i + 1 == argc)
            return usage(stderr, 2);
        if (strcmp(argv[i], "--peer-data") == 0) {
            peer_data = argv[++i];
            continue;
        }
        if (strcmp(argv[i], "--unit-times") == 0 && i + 2 < argc) {
            job = argv[++i];
            history = argv[++i];
            continue;
        }
        if (strcmp(argv[i], "--only") != 0)
            return usage(stderr, 2);
        only = argv[++i];
        for (size_t p = 0; p < PARTS; p++)
            known |= strcmp(only, parts[p].name) == 0;
        if (!known)
            return usage(stderr, 2);
    }
    if ((job != NULL         ? bench_unit_times(job, history, &err)
         : peer_data != NULL ? bench_peer_data(peer_data, &err)
                             : run(only, indent, &err)) == 0)
        return 0;
    fprintf(stderr, "plimsoll-bench: %s\n", err.text);
    return err_exit_code(&err);
}
