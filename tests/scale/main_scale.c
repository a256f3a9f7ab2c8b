/* main_scale.c -- the schedule of mpi/ on a simulated cluster
 *
 * Compiled with SimGrid's smpicc and run by tests/scale/simulate.  Everything in mpi/
 * is the product's own source; here are only units whose work is simulated time:
 *
 *     d_u = m exp(s z_u - s^2 / 2),   z_u normal:  lognormal of mean m, spread s
 *     z_u = sqrt(k) e_u + sqrt(1 - k) x_u
 *
 * of which the coordinator knows the part e_u, as it knows an instrument's bars, and
 * gives the longest first by it; or, with --times, boxes drawn from those measured on a
 * machine (plimsoll-bench --unit-times), scaled to that mean.  Rank 0 pays `service`
 * for every unit that it gives and takes (plimsoll-bench --only coordinator). */
#include "core/buffer.h"
#include "mpi/schedule.h"

#include <getopt.h>
#include <math.h>
#include <smpi/smpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct setting {
    double unit_s, spread, known, service_s;
    uint64_t units_a_rank, answer_bytes, seed;
    int ranks_a_leader;
    const char *times; /* NULL: lognormal */
};

struct unit {
    float known_s, takes_s;
};

/* Boxes that were measured: what the model says, and what they took. */
enum { MEASURED_MAX = 4096 };

struct measured {
    size_t n;
    struct unit box[MEASURED_MAX];
    double mean_s; /* that they took */
};

struct pile {
    const struct setting *setting;
    uint64_t n, n_given, n_taken;
    struct unit *unit; /* [n], the longest first by what is known */
    double work_s;
};

/* Mixes a counter into bits (splitmix64; Steele, Lea, Flood, OOPSLA 2014). */
static uint64_t mix(uint64_t x)
{
    x += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

/* A normal number of (seed, counter) by Box and Muller. */
static double normal(uint64_t seed, uint64_t counter)
{
    const double u = ((double)(mix(seed ^ mix(2 * counter)) >> 11) + 0.5) * 0x1p-53;
    const double v = ((double)(mix(seed ^ mix(2 * counter + 1)) >> 11) + 0.5) * 0x1p-53;

    return sqrt(-2.0 * log(u)) * cos(2.0 * 3.14159265358979323846 * v);
}

static int longest_first(const void *a, const void *b)
{
    const struct unit *x = a, *y = b;

    return x->known_s < y->known_s ? 1 : x->known_s > y->known_s ? -1 : 0;
}

/* A line each: what the model says and what it took, in ms. */
static int read_measured(const char *path, struct measured *measured)
{
    double known_ms, took_ms;
    FILE *file = fopen(path, "r");

    *measured = (struct measured){0};
    if (file == NULL)
        return -1;
    while (measured->n < MEASURED_MAX &&
           fscanf(file, "%lf %lf", &known_ms, &took_ms) == 2) {
        measured->box[measured->n++] =
            (struct unit){(float)(1e-3 * known_ms), (float)(1e-3 * took_ms)};
        measured->mean_s += 1e-3 * took_ms;
    }
    fclose(file);
    measured->mean_s /= (double)(measured->n > 0 ? measured->n : 1);
    return measured->mean_s > 0.0 ? 0 : -1;
}

static struct unit draw_lognormal(const struct setting *setting, uint64_t u)
{
    const double s = setting->spread, k = setting->known;
    const double e = sqrt(k) * normal(setting->seed, 2 * u);
    const double x = sqrt(1.0 - k) * normal(setting->seed, 2 * u + 1);

    return (struct unit){(float)(setting->unit_s * exp(s * e)),
                         (float)(setting->unit_s * exp(s * (e + x) - 0.5 * s * s))};
}

static struct unit draw_measured(const struct setting *setting,
                                 const struct measured *measured, uint64_t u)
{
    const struct unit box =
        measured->box[mix(setting->seed ^ mix(2 * u)) % measured->n];
    const float scale = (float)(setting->unit_s / measured->mean_s);

    return (struct unit){scale * box.known_s, scale * box.takes_s};
}

static int fill(struct pile *pile, const struct setting *setting, int n_ranks)
{
    static struct measured measured; /* rank 0 alone fills a pile */

    if (setting->times != NULL && read_measured(setting->times, &measured) != 0)
        return -1;
    *pile = (struct pile){.setting = setting,
                          .n = setting->units_a_rank * (uint64_t)n_ranks};
    pile->unit = calloc(pile->n + 1, sizeof *pile->unit);
    if (pile->unit == NULL)
        return -1;
    for (uint64_t u = 0; u < pile->n; u++) {
        pile->unit[u] = setting->times != NULL ? draw_measured(setting, &measured, u)
                                               : draw_lognormal(setting, u);
        pile->work_s += pile->unit[u].takes_s;
    }
    qsort(pile->unit, pile->n, sizeof *pile->unit, longest_first);
    return 0;
}

static enum schedule_next next(void *context, int rank, uint64_t *unit,
                               struct buffer *request)
{
    struct pile *pile = context;

    (void)rank;
    if (pile->n_given == pile->n)
        return SCHEDULE_DONE;
    *unit = pile->n_given++;
    buffer_put(request, &pile->unit[*unit], sizeof *pile->unit);
    return SCHEDULE_GIVEN;
}

/* Time passes for this rank alone: a core is never shared, so a pause is as good as
 * work and spares the simulator the sharing of the node's cores. */
static void spend(double seconds)
{
    const struct timespec pause = {(time_t)seconds,
                                   (long)(1e9 * (seconds - floor(seconds)))};

    nanosleep(&pause, NULL);
}

/* A hundredth of a unit; one for all ranks of the simulation, set before they begin. */
static long nap_ns;

/* In MPI_Probe's place (ld --wrap).  SMPI's own asks again after a microsecond, two,
 * three ... of a count that all ranks share and any message sets back, so that leaders
 * that wait cost the simulator more than all units do.  Here whoever waits asks after
 * pauses that double, up to nap_ns: it hears of a message later than a real MPI would,
 * by no more than that and by no more than it has waited already. */
int __wrap_MPI_Probe(int source, int tag, MPI_Comm comm, MPI_Status *status);

int __wrap_MPI_Probe(int source, int tag, MPI_Comm comm, MPI_Status *status)
{
    struct timespec pause = {.tv_nsec = 1000};
    int flag = 0;

    for (;;) {
        const int code = MPI_Iprobe(source, tag, comm, &flag, status);

        if (code != MPI_SUCCESS || flag)
            return code;
        nanosleep(&pause, NULL);
        if (2 * pause.tv_nsec <= nap_ns)
            pause.tv_nsec *= 2;
    }
}

static int take(void *context, int rank, uint64_t unit, struct reader answer,
                struct err *err)
{
    struct pile *pile = context;

    (void)rank, (void)unit, (void)answer, (void)err;
    spend(pile->setting->service_s);
    pile->n_taken++;
    return 0;
}

static uint64_t n_left(void *context)
{
    const struct pile *pile = context;

    return pile->n - pile->n_given;
}

static int work(void *context, struct reader request, struct buffer *answer,
                struct err *err)
{
    const struct setting *setting = context;
    static const unsigned char nothing[4096];
    struct unit unit;

    if (reader_get(&request, &unit, sizeof unit) != 0)
        return err_set(err, ERR_BUG, "a short unit");
    spend(unit.takes_s);
    buffer_put(answer, nothing, setting->answer_bytes);
    return 0;
}

static int read_settings(int argc, char **argv, struct setting *setting)
{
    static const struct option longs[] = {
        {"unit-ms", 1, NULL, 'u'},    {"units-per-rank", 1, NULL, 'n'},
        {"spread", 1, NULL, 's'},     {"known", 1, NULL, 'k'},
        {"service-us", 1, NULL, 'c'}, {"answer-bytes", 1, NULL, 'a'},
        {"seed", 1, NULL, 'r'},       {"ranks-a-leader", 1, NULL, 'l'},
        {"times", 1, NULL, 't'},      {NULL, 0, NULL, 0}};
    int letter;

    *setting = (struct setting){.unit_s = 0.01,
                                .spread = 0.5,
                                .known = 0.9,
                                .service_s = 2e-6,
                                .units_a_rank = 200,
                                .answer_bytes = 2000,
                                .seed = 1};
    while ((letter = getopt_long(argc, argv, "", longs, NULL)) != -1)
        switch (letter) {
        case 'u':
            setting->unit_s = 1e-3 * atof(optarg);
            break;
        case 'n':
            setting->units_a_rank = strtoull(optarg, NULL, 10);
            break;
        case 's':
            setting->spread = atof(optarg);
            break;
        case 'k':
            setting->known = atof(optarg);
            break;
        case 'c':
            setting->service_s = 1e-6 * atof(optarg);
            break;
        case 'a':
            setting->answer_bytes = strtoull(optarg, NULL, 10);
            break;
        case 'r':
            setting->seed = strtoull(optarg, NULL, 10);
            break;
        case 'l':
            setting->ranks_a_leader = atoi(optarg);
            break;
        case 't':
            setting->times = optarg;
            break;
        default:
            return -1;
        }
    return setting->answer_bytes <= 4096 ? 0 : -1;
}

static void report(const struct pile *pile, int n_ranks, double elapsed_s,
                   const struct schedule_share share[],
                   const struct schedule_figures *figures)
{
    double n_messages = (double)figures->n_messages;

    printf("ranks=%d leaders=%d units=%llu\n", n_ranks, figures->n_leaders,
           (unsigned long long)pile->n);
    printf("makespan_s=%.4f work_a_rank_s=%.4f\n", elapsed_s, pile->work_s / n_ranks);
    printf("coordinator_load=%.4f messages_a_unit=%.4f\n",
           share[0].elapsed_s > 0.0 ? share[0].serving_s / share[0].elapsed_s : 0.0,
           n_messages / (double)pile->n);
    printf("efficiency=%.4f\n", pile->work_s / (n_ranks * elapsed_s));
}

int main(int argc, char **argv)
{
    struct setting setting;
    struct pile pile = {0};
    struct schedule_figures figures = {0};
    struct err err = {0};
    int rank, size, status;

    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    struct schedule_share *share =
        calloc((size_t)(rank == 0 ? size : 1), sizeof *share);
    if (share == NULL || read_settings(argc, argv, &setting) != 0 ||
        (rank == 0 && fill(&pile, &setting, size) != 0))
        MPI_Abort(MPI_COMM_WORLD, 2);
    nap_ns = (long)(1e7 * setting.unit_s);
    const struct schedule schedule = {.source = {&pile, next, take, n_left, NULL},
                                      .worker = {&setting, work, NULL},
                                      .ranks_a_leader = setting.ranks_a_leader,
                                      .late_ns = INT64_C(10000000000),
                                      .patience_ns = INT64_C(600000000000)};
    const double start_s = MPI_Wtime();
    status = schedule_run(MPI_COMM_WORLD, &schedule, share, &figures, &err);
    const double elapsed_s = MPI_Wtime() - start_s;
    if (rank == 0 && status == 0 && pile.n_taken == pile.n)
        report(&pile, size, elapsed_s, share, &figures);
    else if (rank == 0)
        fprintf(stderr, "%llu of %llu units taken: %s\n",
                (unsigned long long)pile.n_taken, (unsigned long long)pile.n, err.text);
    free(pile.unit);
    free(share);
    MPI_Finalize();
    return status;
}
