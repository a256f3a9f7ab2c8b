#include "market/quality.h"

#include "core/clock.h"
#include "core/json.h"

#include <math.h>
#include <stdlib.h>

static const struct {
    const char *name;  /* in JSON                     */
    const char *words; /* in the table                */
    const char *value; /* what the value is, in words */
    bool flags;        /* marks a bar that is kept    */
} about[QUALITY_N_KINDS] = {
    [QUALITY_GAP] = {"gap", "gaps", "bars missing", false},
    [QUALITY_REUSE] = {"reuse", "ticker reused?", "price ratio", true},
    [QUALITY_DUPLICATE] = {"duplicate", "duplicate rows", "close", false},
    [QUALITY_CONFLICT] = {"conflict", "conflicting rows", "close dropped", true},
    [QUALITY_OUT_OF_ORDER] = {"out_of_order", "out of order", "close", false},
    [QUALITY_MISALIGNED] = {"misaligned", "misaligned starts", "s off", true},
    [QUALITY_OUTSIDE] = {"outside", "outside high-low", "price", true},
    [QUALITY_JUMP] = {"jump", "jumps that revert", "log return", true},
    [QUALITY_WICK] = {"wick", "extreme wicks", "log distance", true},
    [QUALITY_FROZEN] = {"frozen", "frozen prices", "price", true},
    [QUALITY_ZERO_VOLUME] = {"zero_volume", "zero volume", "close", true},
};

void quality_add(struct quality *quality, enum quality_kind kind, int64_t time,
                 double value)
{
    const uint64_t n = quality->kind[kind].count++;

    if (n < QUALITY_N_FIRST)
        quality->kind[kind].first[n] = (struct quality_place){time, value};
    if (n == 0 || fabs(value) > fabs(quality->kind[kind].worst.value))
        quality->kind[kind].worst = (struct quality_place){time, value};
}

/* What the checks share: the bars, a flag a bar, the robust scale of returns. */
struct examination {
    const struct bars *bars;
    struct quality *quality;
    unsigned char *flagged;
    double scale;
};

static void found(struct examination *exam, enum quality_kind kind, size_t t,
                  double value)
{
    quality_add(exam->quality, kind, exam->bars->time[t], value);
    if (about[kind].flags)
        exam->flagged[t] = 1;
}

static bool is_whole_step(const struct bars *bars, size_t t)
{
    return t > 0 && t < bars->n &&
           bars->time[t] - bars->time[t - 1] == bars->interval_ns;
}

static double log_return(const struct bars *bars, size_t t)
{
    return log(bars->close[t] / bars->close[t - 1]);
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* 1.4826 median |r|: the standard deviation, were the returns normal. */
static int robust_scale(const struct bars *bars, double *scale, struct err *err)
{
    double *size = malloc((bars->n + 1) * sizeof *size);
    size_t n = 0;

    if (size == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu returns", bars->n);
    for (size_t t = 1; t < bars->n; t++)
        if (is_whole_step(bars, t))
            size[n++] = fabs(log_return(bars, t));
    qsort(size, n, sizeof *size, ascending);
    *scale = n == 0 ? 0.0 : 1.4826 * size[n / 2];
    free(size);
    return 0;
}

static void check_gaps(struct examination *exam)
{
    const struct bars *bars = exam->bars;
    struct quality *quality = exam->quality;

    for (size_t t = 1; t < bars->n; t++) {
        const int64_t step = bars->time[t] - bars->time[t - 1];
        const double ratio = bars->open[t] / bars->close[t - 1];

        if (step <= bars->interval_ns)
            continue;
        const int64_t missing = step / bars->interval_ns - 1;

        found(exam, QUALITY_GAP, t - 1, (double)missing);
        quality->n_missing += (uint64_t)missing;
        if (step > quality->longest_gap_ns)
            quality->longest_gap_ns = step;
        if (step > 7 * bars->interval_ns &&
            ((step >= 7 * CLOCK_DAY && fabs(log(ratio)) > 1.0) ||
             step >= 180 * CLOCK_DAY))
            found(exam, QUALITY_REUSE, t, ratio);
    }
}

/* The majority's place in the interval (Boyer and Moore's vote), and who is off it. */
static void check_alignment(struct examination *exam)
{
    const struct bars *bars = exam->bars;
    int64_t phase = 0;
    size_t votes = 0;

    for (size_t t = 0; t < bars->n; t++) {
        const int64_t own = bars->time[t] % bars->interval_ns;

        if (votes == 0)
            phase = own;
        votes += own == phase ? 1 : (size_t)-1;
    }
    for (size_t t = 0; t < bars->n; t++) {
        const int64_t off = bars->time[t] % bars->interval_ns - phase;

        if (off != 0)
            found(exam, QUALITY_MISALIGNED, t, (double)off / (double)CLOCK_SECOND);
    }
}

static void check_jumps(struct examination *exam)
{
    const struct bars *bars = exam->bars;
    const double bound = fmax(12.0 * exam->scale, 0.02);

    for (size_t t = 1; t + 1 < bars->n; t++) {
        if (!is_whole_step(bars, t) || !is_whole_step(bars, t + 1))
            continue;
        const double r = log_return(bars, t);

        if (fabs(r) > bound && fabs(r + log_return(bars, t + 1)) <= 0.3 * fabs(r))
            found(exam, QUALITY_JUMP, t, r);
    }
}

static void check_shapes(struct examination *exam)
{
    const struct bars *bars = exam->bars;
    const double bound = fmax(0.3, 20.0 * exam->scale);

    for (size_t t = 0; t < bars->n; t++) {
        const struct bar b = bars_at(bars, t);
        const double up = log(b.high / fmax(b.open, b.close));
        const double down = log(fmin(b.open, b.close) / b.low);
        const double longest = fmax(fmax(up, down), fabs(log(b.open / b.close)));

        if (longest > bound)
            found(exam, QUALITY_WICK, t, longest);
        if (b.open > b.high || b.open < b.low)
            found(exam, QUALITY_OUTSIDE, t, b.open);
        else if (b.close > b.high || b.close < b.low)
            found(exam, QUALITY_OUTSIDE, t, b.close);
    }
}

static bool is_flat(const struct bars *bars, size_t t)
{
    return bars->open[t] == bars->close[t] && bars->high[t] == bars->low[t] &&
           bars->open[t] == bars->high[t];
}

static void check_frozen(struct examination *exam)
{
    enum { SHORTEST = 5 };
    const struct bars *bars = exam->bars;
    size_t end;

    for (size_t t = 0; t < bars->n; t = end) {
        end = t + 1;
        if (!is_flat(bars, t))
            continue;
        while (end < bars->n && is_flat(bars, end) &&
               bars->close[end] == bars->close[t])
            end++;
        for (size_t k = t; end - t >= SHORTEST && k < end; k++)
            found(exam, QUALITY_FROZEN, k, bars->close[k]);
    }
}

static void check_volume(struct examination *exam)
{
    const struct bars *bars = exam->bars;
    bool any = false;

    for (size_t t = 0; t < bars->n && !any; t++)
        any = bars->volume[t] > 0.0;
    exam->quality->has_volume = any;
    for (size_t t = 0; t < bars->n && any; t++)
        if (bars->volume[t] == 0.0)
            found(exam, QUALITY_ZERO_VOLUME, t, bars->close[t]);
}

int quality_check(const struct bars *bars, struct quality *quality, struct err *err)
{
    struct examination exam = {.bars = bars, .quality = quality};

    if (robust_scale(bars, &exam.scale, err) != 0)
        return -1;
    exam.flagged = calloc(bars->n + 1, 1);
    if (exam.flagged == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu flags", bars->n);
    quality->n_bars = bars->n;
    check_gaps(&exam);
    check_alignment(&exam);
    check_jumps(&exam);
    check_shapes(&exam);
    check_frozen(&exam);
    check_volume(&exam);
    /* Several rows may conflict at one bar; each dropped row counts as a flag. */
    quality->n_flagged = quality->kind[QUALITY_CONFLICT].count;
    for (size_t t = 0; t < bars->n; t++)
        quality->n_flagged += exam.flagged[t];
    free(exam.flagged);
    return 0;
}

static void place_json(struct json *json, const char *name,
                       const struct quality_place *place)
{
    char time[CLOCK_TEXT_MAX];

    json_put_object(json, name);
    json_put_text(json, "time", clock_moment_text(place->time, time));
    json_put_real(json, "value", place->value);
    json_end(json);
}

int quality_json(const struct quality *quality, char **text, struct err *err)
{
    char interval[CLOCK_TEXT_MAX];
    struct json json;
    size_t n_bytes;

    json_start(&json, 0);
    json_put_object(&json, NULL);
    json_put_integer(&json, "bars", (int64_t)quality->n_bars);
    json_put_integer(&json, "gaps", (int64_t)quality->kind[QUALITY_GAP].count);
    json_put_integer(&json, "missing", (int64_t)quality->n_missing);
    json_put_integer(&json, "flagged", (int64_t)quality->n_flagged);
    json_put_integer(&json, "rejected", (int64_t)quality->n_rejected);
    if (quality->resampled_from_ns > 0) {
        json_put_text(&json, "resampled_from",
                      clock_duration_text(quality->resampled_from_ns, interval));
        json_put_integer(&json, "left_out", (int64_t)quality->n_left_out);
    }
    json_put_object(&json, "findings");
    for (int k = 0; k < QUALITY_N_KINDS; k++) {
        const uint64_t n = quality->kind[k].count;

        if (n == 0)
            continue;
        json_put_object(&json, about[k].name);
        json_put_integer(&json, "count", (int64_t)n);
        json_put_text(&json, "value_is", about[k].value);
        json_put_array(&json, "first");
        for (size_t i = 0; i < n && i < QUALITY_N_FIRST; i++)
            place_json(&json, NULL, &quality->kind[k].first[i]);
        json_end(&json);
        place_json(&json, "worst", &quality->kind[k].worst);
        json_end(&json);
    }
    json_end(&json);
    json_end(&json);
    return json_finish(&json, text, &n_bytes, err);
}

void quality_print(const struct quality *quality, FILE *out)
{
    char first[CLOCK_TEXT_MAX], worst[CLOCK_TEXT_MAX], gap[CLOCK_TEXT_MAX];
    bool any = false;

    for (int k = 0; k < QUALITY_N_KINDS; k++) {
        if (quality->kind[k].count == 0)
            continue;
        if (!any)
            fprintf(out, "  %-18s %8s  %-21s %-21s %s\n", "finding", "count", "first",
                    "worst", "value of the worst");
        any = true;
        fprintf(out, "  %-18s %8llu  %-21s %-21s %.6g %s\n", about[k].words,
                (unsigned long long)quality->kind[k].count,
                clock_moment_text(quality->kind[k].first[0].time, first),
                clock_moment_text(quality->kind[k].worst.time, worst),
                quality->kind[k].worst.value, about[k].value);
    }
    if (!any)
        fprintf(out, "  no findings\n");
    if (!quality->has_volume)
        fprintf(out, "  no bar has a volume\n");
    if (quality->kind[QUALITY_REUSE].count > 0)
        fprintf(out,
                "  the ticker may have been reused: --split-gap %s makes two "
                "instruments of it, --from and --to keep one\n",
                clock_duration_text((quality->longest_gap_ns / CLOCK_DAY) * CLOCK_DAY,
                                    gap));
}
