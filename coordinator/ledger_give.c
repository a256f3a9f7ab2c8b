#include "coordinator/ledger_inside.h"
#include "coordinator/unit.h"

/* Is there a box to give?  Those answered before (from the journal) are passed over. */
static bool has_boxes(struct ledger *ledger, size_t instrument)
{
    struct page *page = &ledger->page[instrument];

    if (ledger_hunts(ledger))
        return ledger_hunt_has_units(ledger, instrument);
    while (page->next_box < page->end_box && page->has_answer[page->next_box])
        page->next_box++;
    return !page->closed && page->next_box < page->end_box;
}

void ledger_reopen(struct ledger *ledger, size_t instrument)
{
    if (ledger->page[instrument].is_open)
        return;
    ledger->page[instrument].is_open = true;
    ledger->open[ledger->n_open++] = instrument;
}

/* An instrument to search for this rank: the one it has in hand, else the dearest that
 * nobody has begun, else one of those begun, in turn.  SIZE_MAX: none. */
static size_t choose(struct ledger *ledger, int rank)
{
    if (ledger->last[rank] != SIZE_MAX && has_boxes(ledger, ledger->last[rank]))
        return ledger->last[rank];
    while (ledger->n_started < ledger->universe->n) {
        const size_t instrument = ledger->dearest_first[ledger->n_started++];

        if (!has_boxes(ledger, instrument))
            continue;
        ledger_reopen(ledger, instrument);
        return instrument;
    }
    while (ledger->n_open > 0) {
        const size_t place = ledger->turn++ % ledger->n_open;

        if (has_boxes(ledger, ledger->open[place]))
            return ledger->open[place];
        ledger->page[ledger->open[place]].is_open = false;
        ledger->open[place] = ledger->open[--ledger->n_open];
    }
    return SIZE_MAX;
}

/* The instrument that this rank will come to if all go on at one pace. */
static uint32_t after(const struct ledger *ledger)
{
    const size_t place = ledger->n_started + (size_t)ledger->n_ranks - 1;

    return place < ledger->universe->n ? (uint32_t)ledger->dearest_first[place]
                                       : UNIT_NONE;
}

static void put_judging(struct ledger *ledger, size_t instrument,
                        struct buffer *request)
{
    const struct outcome *outcome = &ledger->outcome[instrument];
    const struct unit unit = {.kind = UNIT_JUDGE,
                              .instrument = (uint32_t)instrument,
                              .next_instrument = UNIT_NONE,
                              .n_points = (uint32_t)outcome->n_asked};
    uint64_t points[UNIT_POINTS_MAX];

    if (ledger_hunts(ledger)) {
        ledger_hunt_put_judging(ledger, instrument, request);
        return;
    }
    for (size_t i = 0; i < outcome->n_asked; i++)
        points[i] = outcome->asked[i].point;
    unit_put(request, &unit, points);
}

static void put_box(struct ledger *ledger, size_t instrument, uint64_t box,
                    struct buffer *request)
{
    const struct unit unit = {.kind = UNIT_SEARCH,
                              .instrument = (uint32_t)instrument,
                              .next_instrument = after(ledger),
                              .box = box};

    if (ledger_hunts(ledger))
        ledger_hunt_put(ledger, instrument, box, after(ledger), request);
    else
        unit_put(request, &unit, NULL);
}

static void count_given(struct ledger *ledger, size_t instrument)
{
    ledger->page[instrument].n_given++;
    ledger->n_left -= ledger->n_left > 0;
}

/* An instrument that is searched through and not judged yet; this rank's own first. */
static size_t take_ready(struct ledger *ledger, int rank)
{
    enum { LOOK_AT = 8 };

    while (ledger->n_ready > 0) {
        size_t place = ledger->n_ready - 1;

        for (size_t i = 0; i < LOOK_AT && i < ledger->n_ready; i++)
            if (ledger->ready[ledger->n_ready - 1 - i] == ledger->last[rank])
                place = ledger->n_ready - 1 - i;
        const size_t instrument = ledger->ready[place];
        ledger->ready[place] = ledger->ready[--ledger->n_ready];
        ledger->page[instrument].ready = false;
        if (!ledger->page[instrument].closed && !ledger->page[instrument].judging &&
            ledger->outcome[instrument].point == NULL)
            return instrument;
    }
    return SIZE_MAX;
}

static bool try_again(struct ledger *ledger, int rank, bool any, uint64_t *number,
                      struct buffer *request)
{
    if (!faults_next(&ledger->faults, rank, any, number))
        return false;
    const size_t instrument = (size_t)(*number / ledger_stride(ledger));
    const uint64_t box = *number % ledger_stride(ledger);

    if (box < ledger->n_boxes)
        put_box(ledger, instrument, box, request);
    else if (box > ledger->n_boxes)
        ledger_walk_put(instrument, box - ledger->n_boxes - 1, request);
    else
        put_judging(ledger, instrument, request);
    return true;
}

enum schedule_next ledger_next(void *context, int rank, uint64_t *number,
                               struct buffer *request)
{
    struct ledger *ledger = context;
    const bool is_alone = ledger->n_ranks == 1;

    if (ledger->stopped)
        return SCHEDULE_DONE;
    if (!is_alone && try_again(ledger, rank, false, number, request))
        return SCHEDULE_GIVEN_ALONE; /* a rank that cannot is the first to be idle */
    size_t instrument = take_ready(ledger, rank);
    uint64_t fold;
    if (instrument != SIZE_MAX) {
        ledger->page[instrument].judging = true;
        count_given(ledger, instrument);
        *number = ledger_unit_number(ledger, instrument, ledger->n_boxes);
        put_judging(ledger, instrument, request);
        return SCHEDULE_GIVEN;
    }
    if (ledger_walk_next(ledger, rank, &instrument, &fold)) { /* the longest units */
        ledger->last[rank] = instrument;
        count_given(ledger, instrument);
        *number = ledger_unit_number(ledger, instrument, ledger->n_boxes + 1 + fold);
        ledger_walk_put(instrument, fold, request);
        return SCHEDULE_GIVEN;
    }
    instrument = choose(ledger, rank);
    if (instrument != SIZE_MAX) {
        const uint64_t box = ledger_hunts(ledger) ? ledger_hunt_next(ledger, instrument)
                                                  : ledger->page[instrument].next_box++;

        ledger->last[rank] = instrument;
        count_given(ledger, instrument);
        *number = ledger_unit_number(ledger, instrument, box);
        put_box(ledger, instrument, box, request);
        return SCHEDULE_GIVEN;
    }
    if (is_alone && try_again(ledger, rank, true, number, request))
        return SCHEDULE_GIVEN;
    if (ledger->faults.n_waiting > 0)
        return SCHEDULE_PASS; /* another rank is to try this one's */
    return ledger_is_complete(ledger) ? SCHEDULE_DONE : SCHEDULE_WAIT;
}

uint64_t ledger_n_left(void *context)
{
    const struct ledger *ledger = context;

    return ledger->n_left;
}
