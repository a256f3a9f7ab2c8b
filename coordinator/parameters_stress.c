#include "coordinator/parameters_stress.h"
#include "core/clock.h"

static void put_moment(struct json *json, const char *name, int64_t moment_ns)
{
    char text[CLOCK_TEXT_MAX];

    json_put_text(json, name, clock_moment_text(moment_ns, text));
}

static void put_figures(struct json *json, const struct study *study,
                        const double *figure)
{
    json_put_object(json, "figures");
    for (size_t f = 0; f < study->n_stress; f++)
        json_put_real(json, study->stress[f].name, figure[f]);
    json_end(json);
}

static void put_scenarios(struct json *json, const struct plan *plan,
                          const struct stress_table *table)
{
    char room[STRESS_NAME_MAX];

    json_put_array(json, "scenarios");
    for (size_t row = 0; row < stress_n_rows(&plan->stress); row++) {
        if (table->at_ns[row] == STRESS_NOWHERE)
            continue;
        json_put_object(json, NULL);
        json_put_text(json, "scenario", stress_name(&plan->stress, row, room));
        put_moment(json, "at", table->at_ns[row]);
        put_figures(json, plan->study, table->figure + row * plan->study->n_stress);
        json_end(json);
    }
    json_end(json);
}

static void put_not_covered(struct json *json, const struct plan *plan,
                            const struct stress_table *table)
{
    char room[STRESS_NAME_MAX];

    json_put_array(json, "not_covered");
    for (size_t row = 0; row < stress_n_rows(&plan->stress); row++)
        if (table->at_ns[row] == STRESS_NOWHERE)
            json_put_text(json, NULL, stress_name(&plan->stress, row, room));
    json_end(json);
}

static void put_shortfalls(struct json *json, const struct stress_table *table)
{
    json_put_array(json, "shortfalls");
    for (size_t i = 0; i < STRESS_SHORTFALLS && table->shortfall[i].beyond > 0.0; i++) {
        json_put_object(json, NULL);
        put_moment(json, "at", table->shortfall[i].at_ns);
        json_put_real(json, "beyond", table->shortfall[i].beyond);
        json_end(json);
    }
    json_end(json);
}

void stress_put(struct json *json, const struct plan *plan,
                const struct stress_table *table)
{
    if (!plan->stress.is_on)
        return;
    json_put_object(json, "stress");
    put_scenarios(json, plan, table);
    put_not_covered(json, plan, table);
    put_shortfalls(json, table);
    json_end(json);
}

/* From when to when the instruments look at it. */
static void put_span(struct json *json, const struct stress_rules *rules, size_t row)
{
    if (stress_kind(rules, row) != STRESS_WINDOW)
        return;
    put_moment(json, "from", rules->window[row].from_ns);
    put_moment(json, "to", rules->window[row].to_ns);
}

void stress_put_joint(struct json *json, const struct plan *plan,
                      const struct stress_joint *joint)
{
    char room[STRESS_NAME_MAX];

    if (!plan->stress.is_on)
        return;
    json_put_object(json, "stress");
    json_put_integer(json, "n_instruments", (int64_t)joint->n_instruments);
    if (joint->reverse_volatilities > 0)
        json_put_integer(json, "reverse_volatilities",
                         (int64_t)joint->reverse_volatilities);
    else
        json_put_null(json, "reverse_volatilities");
    json_put_array(json, "scenarios");
    for (size_t r = 0; r < joint->n; r++) {
        const struct stress_joint_row *row = &joint->row[r];

        json_put_object(json, NULL);
        json_put_text(json, "scenario", stress_name(&plan->stress, row->row, room));
        put_span(json, &plan->stress, row->row);
        json_put_integer(json, "n_instruments", (int64_t)row->n_instruments);
        put_figures(json, plan->study, row->figure);
        json_end(json);
    }
    json_end(json);
    json_end(json);
}
