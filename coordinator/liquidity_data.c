#include "coordinator/liquidity_data.h"
#include "core/clock.h"

#include <math.h>
#include <stdlib.h>

enum { LADDER_FROM = 1000 };

struct sampling {
    const struct liquidity_request *request;
    struct liquidity_data *data;
    size_t room;
    int64_t due_ns;      /* of the next sample; 0: no book yet */
    double flow, volume; /* since the last sample              */
};

static void make_ladder(struct sampling *sampling, const struct book *book)
{
    struct liquidity_series *series = &sampling->data->series;
    const double face = sampling->request->face;
    const double all = fmin(book_depth(book, BOOK_BID, 0.01, face),
                            book_depth(book, BOOK_ASK, 0.01, face));

    for (size_t k = 0; k < LIQUIDITY_SIZES; k++)
        series->size[k] =
            all * pow(LADDER_FROM, (double)k / (LIQUIDITY_SIZES - 1)) / LADDER_FROM;
}

static struct liquidity_sample sample_of(const struct sampling *sampling,
                                         const struct book *book)
{
    const double face = sampling->request->face, mid = book_mid(book);
    struct liquidity_sample sample = {
        .mid = mid,
        .spread =
            (book->level[BOOK_ASK][0].price - book->level[BOOK_BID][0].price) / mid,
        .flow = sampling->flow,
        .volume = sampling->volume};

    for (size_t k = 0; k < LIQUIDITY_RUNGS; k++)
        sample.depth[k] = 0.5 * (book_depth(book, BOOK_BID, liquidity_rung[k], face) +
                                 book_depth(book, BOOK_ASK, liquidity_rung[k], face));
    for (size_t k = 0; k < LIQUIDITY_SIZES; k++) {
        const double size = sampling->data->series.size[k];

        sample.cost[k] = 0.5 * (book_cost(book, BOOK_BID, size, face) +
                                book_cost(book, BOOK_ASK, size, face));
    }
    return sample;
}

static int add_sample(struct sampling *sampling, const struct book *book,
                      struct err *err)
{
    struct liquidity_data *data = sampling->data;

    if (data->series.n == sampling->room) {
        const size_t room = sampling->room > 0 ? 2 * sampling->room : 512;
        struct liquidity_sample *sample =
            realloc(data->sample, room * sizeof *data->sample);

        if (sample == NULL)
            return err_set(err, ERR_MEMORY, "no memory for %zu samples", room);
        data->sample = sample;
        sampling->room = room;
    }
    data->sample[data->series.n++] = sample_of(sampling, book);
    sampling->flow = sampling->volume = 0.0;
    return 0;
}

/* The book as it stands behind the first message at or after each step. */
static int take_book(void *context, int64_t time_ns, const struct book *book,
                     struct err *err)
{
    struct sampling *sampling = context;
    const int64_t step_ns = sampling->request->step_ns;

    if (sampling->due_ns == 0) {
        make_ladder(sampling, book);
        sampling->data->start_ns = time_ns;
        sampling->due_ns = time_ns;
    }
    if (time_ns < sampling->due_ns)
        return 0;
    if (time_ns >= sampling->due_ns + 2 * step_ns)
        return err_set(err, ERR_INPUT,
                       "the book is not known for %.3f s, longer than the step: "
                       "--step must be larger",
                       (double)(time_ns - sampling->due_ns) / CLOCK_SECOND);
    sampling->due_ns += step_ns;
    return add_sample(sampling, book, err);
}

static int take_trade(void *context, const struct capture_trade *trade, struct err *err)
{
    struct sampling *sampling = context;
    const double face = sampling->request->face;
    const double notional = trade->quantity * (face > 0.0 ? face : trade->price);

    (void)err;
    sampling->volume += notional;
    sampling->flow += trade->is_buy ? notional : -notional;
    return 0;
}

int liquidity_data_read(const char *path, const struct liquidity_request *request,
                        struct liquidity_data *data, struct err *err)
{
    struct sampling sampling = {.request = request, .data = data};
    const struct capture_listener listener = {&sampling, take_book, take_trade};

    *data = (struct liquidity_data){
        .series = {.step_s = (double)request->step_ns / CLOCK_SECOND,
                   .adv = request->adv,
                   .sigma = request->sigma}};
    if (capture_read(path, &listener, &data->counts, err) != 0) {
        liquidity_data_free(data);
        return -1;
    }
    data->series.sample = data->sample;
    return 0;
}

void liquidity_data_free(struct liquidity_data *data)
{
    free(data->sample);
    data->sample = NULL;
}
