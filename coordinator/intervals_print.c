#include "coordinator/intervals.h"
#include "core/json.h"
#include "worker/scope.h"

#include <math.h>
#include <stdlib.h>

enum { NAME_WIDTH = 20 };

/* Where axes are shared, all of them are drawn even where one is asked for. */
static bool is_asked(const struct interval_table *table, const struct interval_row *row)
{
    return table->subject->entry == NULL || table->subject->entry == row->entry;
}

static void print_head(const struct interval_table *table, FILE *out)
{
    const struct job *job = &table->subject->job;

    fprintf(out,
            "%s: block bootstrap of the choice on the training bars, %zu replicates, "
            "seed %llu\n"
            "(low to high: between them lie %g of 100 of what the replicates chose; "
            "share: chose the same)\n",
            job->keys.name, table->options->n_replicates,
            (unsigned long long)table->options->seed, 100.0 * INTERVALS_LEVEL);
    if (!search_is_grid(job->plan.search.method))
        fprintf(out,
                "chosen again among the points that search.method %s tried on all "
                "training bars: where it did not look, no interval goes\n",
                search_method_name(job->plan.search.method));
    if (scope_is_shared(&job->plan.grid))
        fputs("blocks are of the calendar, the same ones for all that share; each "
              "draw chooses what they share anew\n",
              out);
}

static void print_regret(const char *name, const struct interval_regret *regret,
                         FILE *out)
{
    if (!regret->is_there)
        return;
    fprintf(out, "%-*s %10.6g %10.6g %10.6g", NAME_WIDTH, name, regret->regret,
            regret->interval.low, regret->interval.high);
    if (regret->share_broken > 0.0)
        fprintf(out, "  breaks a constraint in %.1f of 100",
                100.0 * regret->share_broken);
    fputc('\n', out);
}

static void print_row(const struct interval_table *table,
                      const struct interval_row *row, FILE *out)
{
    const struct plan *plan = &table->subject->job.plan;
    const struct interval_answer *answer = &row->answer;

    if (answer->reason[0] != '\0') {
        fprintf(out, "\n%s: %s\n", row->entry->instrument, answer->reason);
        return;
    }
    fprintf(
        out, "\n%s: %llu points, %llu blocks of %llu bars\n%-*s %10s %10s %10s %7s\n",
        row->entry->instrument, (unsigned long long)answer->n_points,
        (unsigned long long)answer->n_blocks, (unsigned long long)answer->block_bars,
        NAME_WIDTH, "", "chosen", "low", "high", "share");
    for (size_t a = 0; a < plan->grid.n_axes; a++)
        if (plan->grid.axis[a].n > 1)
            fprintf(out, "%-*s %10.6g %10.6g %10.6g %7.3f\n", NAME_WIDTH,
                    plan->grid.axis[a].rule->name, answer->axis[a].chosen,
                    answer->axis[a].interval.low, answer->axis[a].interval.high,
                    answer->axis[a].share);
    fprintf(out, "%-*s %10.6g %10.6g %10.6g\n", NAME_WIDTH, plan->objective->name,
            answer->cost, answer->cost_interval.low, answer->cost_interval.high);
    print_regret("regret of the choice", &answer->chosen, out);
    print_regret("... of the incumbent", &answer->incumbent, out);
    if (answer->share_infeasible > 0.0)
        fprintf(out, "no point satisfies the constraints in %.1f of 100 replicates\n",
                100.0 * answer->share_infeasible);
}

void intervals_print_table(const struct interval_table *table, FILE *out)
{
    print_head(table, out);
    for (size_t i = 0; i < table->n; i++)
        if (is_asked(table, &table->row[i]))
            print_row(table, &table->row[i], out);
}

/* ---- JSON ---- */

static void put_interval(struct json *json, const struct bootstrap_interval *interval)
{
    json_put_real(json, "low", interval->low);
    json_put_real(json, "high", interval->high);
}

static void put_axes(struct json *json, const struct plan *plan,
                     const struct interval_answer *answer)
{
    json_put_array(json, "parameters");
    for (size_t a = 0; a < plan->grid.n_axes; a++) {
        json_put_object(json, NULL);
        json_put_text(json, "name", plan->grid.axis[a].rule->name);
        json_put_real(json, "chosen", answer->axis[a].chosen);
        put_interval(json, &answer->axis[a].interval);
        json_put_real(json, "share_same", answer->axis[a].share);
        json_end(json);
    }
    json_end(json);
}

static void put_regret(struct json *json, const char *name,
                       const struct interval_regret *regret)
{
    if (!regret->is_there)
        return;
    json_put_object(json, name);
    json_put_real(json, "cost", regret->cost);
    json_put_real(json, "regret", regret->regret);
    put_interval(json, &regret->interval);
    json_put_real(json, "share_broken", regret->share_broken);
    json_end(json);
}

static void put_row(struct json *json, const struct plan *plan,
                    const struct interval_row *row)
{
    const struct interval_answer *answer = &row->answer;

    json_put_object(json, NULL);
    json_put_text(json, "instrument", row->entry->instrument);
    json_put_text(json, "reason", answer->reason);
    if (answer->reason[0] == '\0') {
        json_put_integer(json, "points", (int64_t)answer->n_points);
        json_put_integer(json, "blocks", (int64_t)answer->n_blocks);
        json_put_integer(json, "block_bars", (int64_t)answer->block_bars);
        put_axes(json, plan, answer);
        json_put_object(json, "cost");
        json_put_real(json, "chosen", answer->cost);
        put_interval(json, &answer->cost_interval);
        json_end(json);
        put_regret(json, "regret_of_choice", &answer->chosen);
        put_regret(json, "regret_of_incumbent", &answer->incumbent);
        json_put_integer(json, "undecided", (int64_t)answer->n_undecided);
        json_put_real(json, "share_infeasible", answer->share_infeasible);
    }
    json_end(json);
}

int intervals_print_json(const struct interval_table *table, FILE *out, struct err *err)
{
    const struct job *job = &table->subject->job;
    struct json json;
    size_t n_bytes;
    char *bytes;

    json_start(&json, 2);
    json_put_object(&json, NULL);
    json_put_text(&json, "job", job->keys.name);
    json_put_text(&json, "method", "bootstrap");
    json_put_text(&json, "objective", job->plan.objective->name);
    json_put_integer(&json, "replicates", (int64_t)table->options->n_replicates);
    json_put_integer(&json, "seed", (int64_t)table->options->seed);
    json_put_real(&json, "level", INTERVALS_LEVEL);
    json_put_array(&json, "instruments");
    for (size_t i = 0; i < table->n; i++)
        if (is_asked(table, &table->row[i]))
            put_row(&json, &job->plan, &table->row[i]);
    json_end(&json);
    json_end(&json);
    if (json_finish(&json, &bytes, &n_bytes, err) != 0)
        return -1;
    fputs(bytes, out);
    free(bytes);
    return 0;
}
