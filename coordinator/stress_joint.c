#include "coordinator/stress_joint.h"

#include <math.h>
#include <stdio.h>

_Static_assert(STRESS_WINDOWS_MAX + 4 <= STRESS_SPANS_MAX, "windows and shocks");

static bool has_say(const struct outcome *outcome)
{
    return outcome->n_judged > 0 && outcome->status != STATUS_FAILED &&
           outcome->verdict[0].stress.money > 0.0;
}

/* Found days are each instrument's own, and so are reverse moves. */
static bool is_joint(enum stress_kind kind)
{
    return kind == STRESS_WINDOW || (kind >= STRESS_ALL_AT_ONCE && kind < STRESS_FALL);
}

static void fill_row(const struct plan *plan, size_t n, const struct outcome outcome[],
                     struct stress_joint_row *row)
{
    const size_t n_figures = plan->study->n_stress;
    double money[STRESS_FIGURES_MAX] = {0};

    for (size_t i = 0; i < n; i++) {
        if (!has_say(&outcome[i]))
            continue;
        const struct stress_table *table = &outcome[i].verdict[0].stress;

        if (table->at_ns[row->row] == STRESS_NOWHERE)
            continue;
        row->n_instruments++;
        for (size_t f = 0; f < n_figures; f++) {
            const double value = table->figure[row->row * n_figures + f];

            if (isnan(value))
                continue;
            money[f] += table->money;
            row->figure[f] += table->money * value;
        }
    }
    for (size_t f = 0; f < n_figures; f++)
        row->figure[f] /= money[f]; /* NaN where nobody has it */
}

static size_t find_reverse(size_t n, const struct outcome outcome[])
{
    for (size_t k = 0; k < STRESS_CURVE; k++) {
        double need = 0.0, fund = 0.0;

        for (size_t i = 0; i < n; i++) {
            if (!has_say(&outcome[i]))
                continue;
            const struct stress_table *table = &outcome[i].verdict[0].stress;

            need += table->money * table->curve[k];
            fund += table->money * table->fund;
        }
        if (need > fund)
            return k + 1;
    }
    return 0;
}

struct stress_joint stress_joint_of(const struct plan *plan, size_t n,
                                    const struct outcome outcome[])
{
    struct stress_joint joint = {0};

    if (!plan->stress.is_on)
        return joint;
    for (size_t i = 0; i < n; i++)
        joint.n_instruments += has_say(&outcome[i]);
    for (size_t row = 0; row < stress_n_rows(&plan->stress); row++) {
        struct stress_joint_row next = {.row = row};

        if (!is_joint(stress_kind(&plan->stress, row)))
            continue;
        fill_row(plan, n, outcome, &next);
        if (next.n_instruments > 0)
            joint.row[joint.n++] = next;
    }
    joint.reverse_volatilities = find_reverse(n, outcome);
    return joint;
}

static int find_breach(const struct plan *plan, const struct stress_joint *joint,
                       char *text, size_t size)
{
    char room[STRESS_NAME_MAX];

    for (size_t r = 0; r < joint->n; r++) {
        const struct stress_joint_row *row = &joint->row[r];

        if (stress_row_breach(plan->stress.n_joint, plan->stress.joint,
                              stress_name(&plan->stress, row->row, room),
                              plan->study->stress, row->figure, text, size) == 0)
            return 0;
    }
    return -1;
}

void stress_joint_hold(const struct plan *plan, const struct stress_joint *joint,
                       size_t n, struct outcome outcome[])
{
    char breach[256];

    if (find_breach(plan, joint, breach, sizeof breach) != 0)
        return;
    for (size_t i = 0; i < n; i++) {
        if (outcome[i].status != STATUS_CALIBRATED)
            continue;
        outcome[i].status = STATUS_HELD;
        outcome[i].is_stressed = true;
        snprintf(outcome[i].reason, sizeof outcome[i].reason,
                 "under stress, with all instruments together: %s", breach);
    }
}
