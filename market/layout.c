#include "market/layout.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static unsigned marks_of(const struct layout_file *file, const struct layout *layout)
{
    return file->marks |
           (layout->format->marks & FORMAT_OPEN_FREE ? (unsigned)ROWS_OPEN_FREE : 0u);
}

/* Does each bar open where the bar after it closes?  Then the columns of open and close
 * are the other way round:
 *
 *     right     = sum over t of |ln open[t]  - ln close[t-1]|   about one gap
 *     exchanged = sum over t of |ln close[t] - ln open[t-1]|    about two bars' moves
 *
 * In bars that were read the right way the first is the smaller one by far, in markets
 * of one trade a bar they are equal.  One pair of bars or two must be clearer than
 * many.  Rows may run forwards or backwards in time. */
static bool looks_exchanged(const struct rows *rows)
{
    double right = 0.0, exchanged = 0.0;
    size_t n = 0;

    for (size_t i = 1; i < rows->n; i++) {
        const struct bar *a = &rows->row[i - 1].bar, *b = &rows->row[i].bar;

        if (a->time == b->time || rows->row[i - 1].symbol != rows->row[i].symbol)
            continue;
        const struct bar *before = a->time < b->time ? a : b;
        const struct bar *after = a->time < b->time ? b : a;

        right += fabs(log(after->open / before->close));
        exchanged += fabs(log(after->close / before->open));
        n++;
    }
    return n > 0 && exchanged < (n < 3 ? 0.1 : 0.5) * right;
}

int layout_score(const struct layout_file *file, size_t n_sample, struct layout *layout,
                 struct err *err)
{
    struct rows rows = {.marks = marks_of(file, layout) & ~(unsigned)ROWS_FREE};
    const int failed = file->take(file->file, layout, n_sample, &rows, err);
    const size_t n = rows.n + rows.n_rejected - rows.n_blank;

    layout->share = n == 0 ? 0.0 : (double)rows.n / (double)n;
    layout->exchanged = layout->format->places != NULL && looks_exchanged(&rows);
    if (rows.n_rejected > 0)
        snprintf(layout->reason, sizeof layout->reason, "%s %u: %s", file->counted,
                 (unsigned)rows.rejected[0].number, rows.rejected[0].reason);
    else if (n == 0)
        snprintf(layout->reason, sizeof layout->reason, "there are no rows");
    rows_free(&rows);
    return failed;
}

/* Do both read time and prices from the same columns?  Then they say the same. */
static bool same_prices(const struct layout *a, const struct layout *b)
{
    for (int f = FIELD_TIME; f <= FIELD_CLOSE; f++)
        if (a->place[f] != b->place[f])
            return false;
    return a->format->places != NULL && b->format->places != NULL;
}

void layout_consider(struct layouts *found, const struct layout *layout)
{
    const bool fits = layout->share >= LAYOUT_LEAST_SHARE && !layout->exchanged;
    struct layout *best = &found->best, *second = &found->second;

    if (!fits &&
        (found->worst_fit.format == NULL || layout->share > found->worst_fit.share))
        found->worst_fit = *layout;
    if (!fits)
        return;
    if (best->format != NULL && same_prices(best, layout)) {
        if (layout->share > best->share)
            *best = *layout;
    } else if (best->format == NULL || layout->share > best->share) {
        *second = *best;
        *best = *layout;
    } else if (second->format == NULL || layout->share > second->share) {
        *second = *layout;
    }
}

/* The right order makes next to no wrong row; a wrong one makes some wherever prices
 * move.  Histories may begin with thousands of bars that do not. */
static bool is_decided(const struct layouts *found)
{
    const double best = found->best.share, second = found->second.share;

    return found->second.format == NULL || found->second.exchanged ||
           best - second >= 0.3 || (best >= 0.99 && second < 0.98);
}

int layout_refuse(const struct layouts *found, const char *hint, struct err *err)
{
    const struct layout *fit = &found->worst_fit;

    if (fit->exchanged && fit->share >= LAYOUT_LEAST_SHARE)
        return err_set(err, ERR_INPUT,
                       "its columns are those of %s, but every bar opens where the "
                       "next one closes: open and close look exchanged (say which "
                       "column is which with --columns)%s",
                       fit->format->name, hint);
    const bool by_place = fit->format->places != NULL && hint[0] == '\0' &&
                          !(fit->format->marks & FORMAT_MORE_COLUMNS);

    return err_set(err, ERR_INPUT,
                   "its columns are those of %s, but most rows are wrong (%s)%s%s",
                   fit->format->name, fit->reason, hint,
                   by_place ? "; --columns says which column is which" : "");
}

int layout_decide(const struct layout_file *file, struct layouts *found,
                  struct err *err)
{
    if (is_decided(found))
        return 0;
    if (layout_score(file, LAYOUT_LONG_SAMPLE_ROWS, &found->best, err) != 0 ||
        layout_score(file, LAYOUT_LONG_SAMPLE_ROWS, &found->second, err) != 0)
        return -1;
    if (found->best.exchanged || found->second.share > found->best.share) {
        const struct layout swapped = found->best;

        found->best = found->second;
        found->second = swapped;
    }
    if (found->best.exchanged) {
        found->worst_fit = found->best;
        return layout_refuse(found, "", err);
    }
    if (is_decided(found))
        return 0;
    return err_set(err, ERR_INPUT,
                   "without a header it may be %s or %s: say which with --format",
                   found->best.format->name, found->second.format->name);
}

int layout_take(const struct layout_file *file, const struct layout *layout,
                struct rows *rows, struct err *err)
{
    const unsigned asked = rows->marks;

    rows->marks = marks_of(file, layout);
    const int failed = file->take(file->file, layout, SIZE_MAX, rows, err);

    rows->marks = asked;
    return failed;
}
