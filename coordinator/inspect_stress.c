#include "coordinator/inspect_stress.h"
#include "core/clock.h"

#include <math.h>
#include <stdio.h>

enum { NAME_WIDTH = 24, FIGURE_WIDTH = 12 };

static void print_names(const char *before, const struct plimsoll_values *figures)
{
    printf("\n%-*s %-*s", NAME_WIDTH, "under stress", CLOCK_TEXT_MAX - 12, before);
    for (size_t f = 0; f < figures->n; f++)
        printf(" %*s", FIGURE_WIDTH, figures->value[f].name);
    printf("\n");
}

static void print_values(const struct plimsoll_values *figures)
{
    for (size_t f = 0; f < figures->n; f++)
        if (isnan(figures->value[f].value))
            printf(" %*s", FIGURE_WIDTH, "-");
        else
            printf(" %*.5g", FIGURE_WIDTH, figures->value[f].value);
    printf("\n");
}

void inspect_print_stress(const struct plimsoll_stress *stress)
{
    char at[CLOCK_TEXT_MAX];

    if (!stress->is_there || stress->n == 0)
        return;
    print_names("from the close of", &stress->scenario[0].figures);
    for (size_t i = 0; i < stress->n; i++) {
        printf("%-*s %-*s", NAME_WIDTH, stress->scenario[i].name, CLOCK_TEXT_MAX - 12,
               clock_moment_text(stress->scenario[i].at_ns, at));
        print_values(&stress->scenario[i].figures);
    }
    for (size_t i = 0; i < stress->n_not_covered; i++)
        printf("%s%s", i == 0 ? "not covered by its bars: " : ", ",
               stress->not_covered[i]);
    if (stress->n_not_covered > 0)
        printf("\n");
    for (size_t i = 0; i < stress->n_shortfalls; i++)
        printf("margins would have been short by %.5g at %s\n",
               stress->shortfall[i].beyond,
               clock_moment_text(stress->shortfall[i].at_ns, at));
}

void inspect_print_joint(const struct plimsoll_joint *joint)
{
    if (!joint->is_there || joint->n == 0)
        return;
    print_names("instruments", &joint->scenario[0].figures);
    for (size_t i = 0; i < joint->n; i++) {
        printf("%-*s %-*lld", NAME_WIDTH, joint->scenario[i].name, CLOCK_TEXT_MAX - 12,
               (long long)joint->scenario[i].n_instruments);
        print_values(&joint->scenario[i].figures);
    }
    if (joint->reverse_volatilities > 0)
        printf("all together move by %lld of their days' volatilities at once before "
               "funds are not enough\n",
               (long long)joint->reverse_volatilities);
}

static void put_figures(struct json *json, const struct plimsoll_values *figures)
{
    json_put_object(json, "figures");
    for (size_t f = 0; f < figures->n; f++)
        json_put_real(json, figures->value[f].name, figures->value[f].value);
    json_end(json);
}

static void put_scenarios(struct json *json, const struct plimsoll_stress *stress)
{
    char at[CLOCK_TEXT_MAX];

    json_put_array(json, "scenarios");
    for (size_t i = 0; i < stress->n; i++) {
        json_put_object(json, NULL);
        json_put_text(json, "scenario", stress->scenario[i].name);
        json_put_text(json, "at", clock_moment_text(stress->scenario[i].at_ns, at));
        put_figures(json, &stress->scenario[i].figures);
        json_end(json);
    }
    json_end(json);
}

void inspect_put_stress(struct json *json, const struct plimsoll_stress *stress)
{
    char at[CLOCK_TEXT_MAX];

    if (!stress->is_there)
        return;
    json_put_object(json, "stress");
    put_scenarios(json, stress);
    json_put_array(json, "not_covered");
    for (size_t i = 0; i < stress->n_not_covered; i++)
        json_put_text(json, NULL, stress->not_covered[i]);
    json_end(json);
    json_put_array(json, "shortfalls");
    for (size_t i = 0; i < stress->n_shortfalls; i++) {
        json_put_object(json, NULL);
        json_put_text(json, "at", clock_moment_text(stress->shortfall[i].at_ns, at));
        json_put_real(json, "beyond", stress->shortfall[i].beyond);
        json_end(json);
    }
    json_end(json);
    json_end(json);
}
