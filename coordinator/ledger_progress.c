#include "coordinator/ledger_inside.h"
#include "worker/cost.h"

/* A box of the mean size; points are judged on all bars. */
static double box_s(const struct ledger *ledger, size_t instrument)
{
    const struct plan *plan = &ledger->job->plan;

    if (ledger_hunts(ledger))
        return ledger_hunt_unit_s(ledger, instrument);
    const uint64_t n = (grid_n_points(&plan->grid) - 1) / ledger->n_boxes + 1;

    return 1e-9 * cost_box_ns(plan, ledger->universe->entry[instrument]->n_bars, n);
}

static double judging_s(const struct ledger *ledger, size_t instrument)
{
    const struct plan *plan = &ledger->job->plan;
    const uint64_t n_bars = ledger->universe->entry[instrument]->n_bars;

    return 1e-9 * (double)plan->n_kept * cost_box_ns(plan, n_bars, 1) /
           (1.0 - plan->holdout);
}

double ledger_unit_s(const struct ledger *ledger, uint64_t number)
{
    const size_t instrument = (size_t)(number / ledger_stride(ledger));
    const uint64_t box = number % ledger_stride(ledger);

    if (instrument >= ledger->universe->n)
        return 0.0;
    if (box > ledger->n_boxes)
        return ledger_walk_unit_s(ledger, instrument);
    return box < ledger->n_boxes ? box_s(ledger, instrument)
                                 : judging_s(ledger, instrument);
}

struct ledger_progress ledger_progress(const struct ledger *ledger)
{
    struct ledger_progress progress = ledger->progress;

    progress.n_instruments = ledger->universe->n;
    progress.n_faults = ledger->faults.n;
    for (size_t i = 0; i < ledger->universe->n; i++) {
        const struct page *page = &ledger->page[i];
        const double each_s = box_s(ledger, i);
        const uint64_t n_walks = ledger->walk.n_units;
        const double walk_s = n_walks > 0 ? ledger_walk_unit_s(ledger, i) : 0.0;
        const double all_s = (double)(page->n_units - 1 - n_walks) * each_s +
                             judging_s(ledger, i) + (double)n_walks * walk_s;

        progress.work_s += all_s;
        progress.work_done_s +=
            page->closed ? all_s
                         : (double)(page->n_answered - page->n_walked) * each_s +
                               (double)page->n_walked * walk_s;
        if (page->closed)
            progress.n_status[page->outcome->status]++;
    }
    return progress;
}
