#include "market/join.h"

#include "core/clock.h"

#include <stdlib.h>
#include <string.h>

static int note(struct joined *joined, enum quality_kind kind,
                const struct gather_row *row, double value, struct err *err)
{
    if (joined->n_notes == joined->notes_capacity) {
        const size_t wanted = joined->n_notes == 0 ? 64 : 2 * joined->n_notes;
        void *grown = reallocarray(joined->note, wanted, sizeof *joined->note);

        if (grown == NULL)
            return err_set(err, ERR_MEMORY, "no memory for %zu findings", wanted);
        joined->note = grown;
        joined->notes_capacity = wanted;
    }
    joined->note[joined->n_notes++] = (struct join_note){kind, row->bar.time, value};
    return 0;
}

/* A file may run forwards or backwards; a row that goes against most others of its
 * file is out of order. */
static int note_disorder(const struct gather_group *group, struct joined *joined,
                         struct err *err)
{
    size_t end;

    for (size_t start = 0; start < group->n; start = end) {
        size_t up = 0, down = 0;

        for (end = start + 1;
             end < group->n && group->row[end].member == group->row[start].member;
             end++) {
            up += group->row[end].bar.time > group->row[end - 1].bar.time;
            down += group->row[end].bar.time < group->row[end - 1].bar.time;
        }
        for (size_t i = start + 1; i < end && (up < down ? up : down) > 0; i++) {
            const int64_t step = group->row[i].bar.time - group->row[i - 1].bar.time;

            if ((up >= down ? step < 0 : step > 0) &&
                note(joined, QUALITY_OUT_OF_ORDER, &group->row[i],
                     group->row[i].bar.close, err) != 0)
                return -1;
        }
    }
    return 0;
}

static int by_time(const void *a, const void *b, void *context)
{
    const struct gather_member *member = context;
    const struct gather_row *x = a, *y = b;

    if (x->bar.time != y->bar.time)
        return x->bar.time < y->bar.time ? -1 : 1;
    if (member[x->member].rank != member[y->member].rank)
        return member[x->member].rank < member[y->member].rank ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

/* Most files are sorted already, and most of the others are sorted backwards. */
static void sort_rows(const struct gather *gather, struct gather_group *group)
{
    for (size_t i = 1; i < group->n; i++) {
        if (by_time(&group->row[i - 1], &group->row[i], gather->member) <= 0)
            continue;
        qsort_r(group->row, group->n, sizeof *group->row, by_time, gather->member);
        return;
    }
}

static int by_size(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

/* The steps between the different times, sorted; free() them. */
static int sorted_steps(const struct gather_group *group, int64_t **steps, size_t *n,
                        struct err *err)
{
    *n = 0;
    *steps = malloc((group->n + 1) * sizeof **steps);
    if (*steps == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu steps", group->n);
    for (size_t i = 1; i < group->n; i++) {
        const int64_t step = group->row[i].bar.time - group->row[i - 1].bar.time;

        if (step > 0)
            (*steps)[(*n)++] = step;
    }
    qsort(*steps, *n, sizeof **steps, by_size);
    return 0;
}

struct common_step {
    int64_t ns;
    size_t count;
};

/* The most common of the sorted steps, the shortest of several. */
static struct common_step most_common(const int64_t *steps, size_t n)
{
    struct common_step best = {0, 0};
    size_t end;

    for (size_t i = 0; i < n; i = end) {
        for (end = i + 1; end < n && steps[end] == steps[i]; end++)
            ;
        if (end - i > best.count)
            best = (struct common_step){steps[i], end - i};
    }
    return best;
}

static bool is_sparse(const struct gather *gather, const struct gather_group *group)
{
    const struct format *format = gather->member[group->row[0].member].format;

    return format->marks & FORMAT_SPARSE;
}

/* A given interval must be a step that the rows take, and divide the common one. */
static int check_given(int64_t given_ns, const int64_t *steps, size_t n,
                       struct common_step common, struct err *err)
{
    char given[CLOCK_TEXT_MAX], found[CLOCK_TEXT_MAX];

    if (n == 0 || (common.ns % given_ns == 0 &&
                   bsearch(&given_ns, steps, n, sizeof *steps, by_size) != NULL))
        return 0;
    return err_set(err, ERR_INPUT,
                   "the interval is not %s: most bars are %s apart (%zu of %zu)",
                   clock_duration_text(given_ns, given),
                   clock_duration_text(common.ns, found), common.count, n);
}

static int infer(struct common_step common, size_t n, bool sparse, int64_t *interval_ns,
                 struct err *err)
{
    char found[CLOCK_TEXT_MAX];

    if (n == 0)
        return err_set(err, ERR_INPUT,
                       "one bar does not tell its interval: give --interval");
    if (common.ns % CLOCK_SECOND != 0 || (!sparse && 2 * common.count < n))
        return err_set(err, ERR_INPUT,
                       "no regular interval: the most common step, %s, is only %zu of "
                       "%zu; give --interval if bars are missing",
                       clock_duration_text(common.ns, found), common.count, n);
    *interval_ns = common.ns;
    return 0;
}

static int find_interval(const struct gather *gather, const struct gather_group *group,
                         int64_t *interval_ns, struct err *err)
{
    int64_t *steps;
    size_t n;
    int failed;

    if (sorted_steps(group, &steps, &n, err) != 0)
        return -1;
    const struct common_step common = most_common(steps, n);

    *interval_ns = gather->options->interval_ns;
    if (*interval_ns > 0)
        failed = check_given(*interval_ns, steps, n, common, err);
    else
        failed = infer(common, n, is_sparse(gather, group), interval_ns, err);
    free(steps);
    return failed;
}

/* From the end of the bar, where the vendor stamps that, to its start. */
static void shift_to_start(const struct gather *gather, struct gather_group *group,
                           int64_t interval_ns)
{
    for (size_t i = 0; i < group->n; i++) {
        struct gather_row *row = &group->row[i];

        if (gather->member[row->member].format->marks & FORMAT_END_STAMPED)
            row->bar.time -= interval_ns;
    }
}

static bool same_values(const struct bar *a, const struct bars *bars, size_t t)
{
    return a->open == bars->open[t] && a->high == bars->high[t] &&
           a->low == bars->low[t] && a->close == bars->close[t] &&
           a->volume == bars->volume[t];
}

/* One bar a time: the first row, since rows are sorted by the members' rank. */
static int take_row(struct joined *joined, const struct gather_row *row,
                    struct err *err)
{
    struct bars *bars = &joined->bars;

    if (bars->n == 0 || row->bar.time != bars->time[bars->n - 1]) {
        joined->n_kept[row->member]++;
        return bars_append(bars, &row->bar, err);
    }
    if (same_values(&row->bar, bars, bars->n - 1))
        return note(joined, QUALITY_DUPLICATE, row, row->bar.close, err);
    joined->n_conflicts++;
    return note(joined, QUALITY_CONFLICT, row, row->bar.close, err);
}

int join_rows(const struct gather *gather, struct gather_group *group,
              struct joined *joined, struct err *err)
{
    const struct import_options *options = gather->options;

    *joined = (struct joined){.n_notes = 0};
    joined->n_kept = calloc(gather->n_members + 1, sizeof *joined->n_kept);
    if (joined->n_kept == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu files", gather->n_members);
    if (note_disorder(group, joined, err) != 0)
        return -1;
    sort_rows(gather, group);
    if (find_interval(gather, group, &joined->bars.interval_ns, err) != 0)
        return -1;
    shift_to_start(gather, group, joined->bars.interval_ns);
    sort_rows(gather, group);
    for (size_t i = 0; i < group->n; i++) {
        const struct gather_row *row = &group->row[i];

        if (row->bar.time < options->from_ns || row->bar.time >= options->to_ns)
            joined->n_outside_span++;
        else if (take_row(joined, row, err) != 0)
            return -1;
    }
    return 0;
}

void join_free(struct joined *joined)
{
    bars_free(&joined->bars);
    free(joined->note);
    free(joined->n_kept);
}
