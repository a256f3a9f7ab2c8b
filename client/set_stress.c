#include "client/members.h"
#include "client/set_inside.h"

#include <stdlib.h>

static int check_object(const json_t *object, struct err *err)
{
    return json_is_object(object) ? 0 : err_set(err, ERR_INPUT, "is not an object");
}

/* ---- of an instrument ---- */

static int read_scenario(const json_t *object, struct plimsoll_scenario *scenario,
                         struct err *err)
{
    static const char *const allowed[] = {"scenario", "at", "figures", NULL};

    if (check_object(object, err) != 0 || members_only(object, allowed, err) != 0 ||
        member_text(object, "scenario", &scenario->name, err) != 0 ||
        member_check_name(scenario->name, err) != 0 ||
        member_moment(object, "at", &scenario->at_ns, err) != 0)
        return -1;
    return set_fill_values(object, "figures", true, &scenario->figures, err);
}

static int read_scenarios(const json_t *object, struct plimsoll_stress *stress,
                          struct err *err)
{
    const json_t *array;

    if (member_array(object, "scenarios", &array, err) != 0)
        return -1;
    const size_t n = json_array_size(array);
    stress->scenario = calloc(n + 1, sizeof *stress->scenario);
    if (stress->scenario == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu scenarios", n);
    stress->n = n;
    for (size_t i = 0; i < n; i++)
        if (read_scenario(json_array_get(array, i), &stress->scenario[i], err) != 0)
            return err_add(err, "scenarios[%zu]", i);
    return 0;
}

static int read_not_covered(const json_t *object, struct plimsoll_stress *stress,
                            struct err *err)
{
    const json_t *array;

    if (member_array(object, "not_covered", &array, err) != 0)
        return -1;
    const size_t n = json_array_size(array);
    stress->not_covered = calloc(n + 1, sizeof *stress->not_covered);
    if (stress->not_covered == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu scenarios", n);
    for (size_t i = 0; i < n; i++) {
        stress->not_covered[i] = json_string_value(json_array_get(array, i));
        if (stress->not_covered[i] == NULL)
            return err_set(err, ERR_INPUT, "not_covered[%zu]: is not a text", i);
        if (member_check_name(stress->not_covered[i], err) != 0)
            return err_add(err, "not_covered[%zu]", i);
    }
    stress->n_not_covered = n;
    return 0;
}

static int read_shortfall(const json_t *object, struct plimsoll_shortfall *shortfall,
                          struct err *err)
{
    static const char *const allowed[] = {"at", "beyond", NULL};

    if (check_object(object, err) != 0 || members_only(object, allowed, err) != 0 ||
        member_moment(object, "at", &shortfall->at_ns, err) != 0 ||
        member_real(object, "beyond", &shortfall->beyond, err) != 0)
        return -1;
    return shortfall->beyond > 0.0
               ? 0
               : err_set(err, ERR_INPUT, "beyond: %g is not above 0",
                         shortfall->beyond);
}

static int read_shortfalls(const json_t *object, struct plimsoll_stress *stress,
                           struct err *err)
{
    const json_t *array;

    if (member_array(object, "shortfalls", &array, err) != 0)
        return -1;
    const size_t n = json_array_size(array);
    if (n > PLIMSOLL_SHORTFALLS_MAX)
        return err_set(err, ERR_INPUT, "shortfalls: %zu are more than %d", n,
                       PLIMSOLL_SHORTFALLS_MAX);
    for (size_t i = 0; i < n; i++)
        if (read_shortfall(json_array_get(array, i), &stress->shortfall[i], err) != 0)
            return err_add(err, "shortfalls[%zu]", i);
    stress->n_shortfalls = n;
    return 0;
}

int set_fill_stress(const json_t *entry, struct plimsoll_stress *stress,
                    struct err *err)
{
    static const char *const allowed[] = {"scenarios", "not_covered", "shortfalls",
                                          NULL};
    const json_t *object;

    if (json_object_get(entry, "stress") == NULL)
        return 0;
    if (member_object(entry, "stress", &object, err) != 0)
        return -1;
    if (members_only(object, allowed, err) != 0 ||
        read_scenarios(object, stress, err) != 0 ||
        read_not_covered(object, stress, err) != 0 ||
        read_shortfalls(object, stress, err) != 0)
        return err_add(err, "stress");
    stress->is_there = true;
    return 0;
}

void set_free_stress(struct plimsoll_stress *stress)
{
    for (size_t i = 0; i < stress->n; i++)
        free(stress->scenario[i].figures.value);
    free(stress->scenario);
    free(stress->not_covered);
}

/* ---- of the set ---- */

static int read_together(const json_t *object, struct plimsoll_together *together,
                         struct err *err)
{
    static const char *const allowed[] = {"scenario",      "from",    "to",
                                          "n_instruments", "figures", NULL};

    if (check_object(object, err) != 0 || members_only(object, allowed, err) != 0 ||
        member_text(object, "scenario", &together->name, err) != 0 ||
        member_check_name(together->name, err) != 0)
        return -1;
    together->has_span = json_object_get(object, "from") != NULL ||
                         json_object_get(object, "to") != NULL;
    if (together->has_span &&
        (member_moment(object, "from", &together->from_ns, err) != 0 ||
         member_moment(object, "to", &together->to_ns, err) != 0))
        return -1;
    if (member_integer(object, "n_instruments", 1, INT64_MAX, &together->n_instruments,
                       err) != 0)
        return -1;
    return set_fill_values(object, "figures", true, &together->figures, err);
}

static int read_all(const json_t *object, struct plimsoll_joint *joint, struct err *err)
{
    const json_t *array;

    if (member_array(object, "scenarios", &array, err) != 0)
        return -1;
    const size_t n = json_array_size(array);
    joint->scenario = calloc(n + 1, sizeof *joint->scenario);
    if (joint->scenario == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu scenarios", n);
    joint->n = n;
    for (size_t i = 0; i < n; i++)
        if (read_together(json_array_get(array, i), &joint->scenario[i], err) != 0)
            return err_add(err, "scenarios[%zu]", i);
    return 0;
}

int set_fill_joint(const json_t *tree, struct plimsoll_joint *joint, struct err *err)
{
    static const char *const allowed[] = {"n_instruments", "reverse_volatilities",
                                          "scenarios", NULL};
    const json_t *object;

    if (json_object_get(tree, "stress") == NULL)
        return 0;
    if (member_object(tree, "stress", &object, err) != 0)
        return -1;
    if (members_only(object, allowed, err) != 0 ||
        member_integer(object, "n_instruments", 0, INT64_MAX, &joint->n_instruments,
                       err) != 0 ||
        (!json_is_null(json_object_get(object, "reverse_volatilities")) &&
         member_integer(object, "reverse_volatilities", 1, INT64_MAX,
                        &joint->reverse_volatilities, err) != 0) ||
        read_all(object, joint, err) != 0)
        return err_add(err, "stress");
    joint->is_there = true;
    return 0;
}

void set_free_joint(struct plimsoll_joint *joint)
{
    for (size_t i = 0; i < joint->n; i++)
        free(joint->scenario[i].figures.value);
    free(joint->scenario);
}
