#include "client/members.h"
#include "client/set_inside.h"

#include <stdlib.h>
#include <string.h>

/* A group has a name, everybody has none. */
static int read_scope(const json_t *object, struct plimsoll_shared *shared,
                      struct err *err)
{
    if (member_text(object, "scope", &shared->scope, err) != 0)
        return -1;
    if (strcmp(shared->scope, "global") == 0)
        return json_object_get(object, "group") == NULL
                   ? 0
                   : err_set(err, ERR_INPUT,
                             "group: is there, but the scope is global");
    if (strcmp(shared->scope, "group") != 0)
        return err_set(err, ERR_INPUT, "scope: '%.40s' is neither group nor global",
                       shared->scope);
    return member_text(object, "group", &shared->group, err);
}

static int read_shared(const json_t *object, const struct plimsoll_values *parameters,
                       struct plimsoll_shared *shared, struct err *err)
{
    static const char *const allowed[] = {"parameter",     "scope",  "group",
                                          "n_instruments", "weight", NULL};

    if (!json_is_object(object))
        return err_set(err, ERR_INPUT, "is not an object");
    if (members_only(object, allowed, err) != 0 ||
        member_text(object, "parameter", &shared->parameter, err) != 0 ||
        read_scope(object, shared, err) != 0 ||
        member_integer(object, "n_instruments", 0, INT64_MAX, &shared->n_instruments,
                       err) != 0 ||
        member_real(object, "weight", &shared->weight, err) != 0)
        return -1;
    if (!(shared->weight >= 0.0))
        return err_set(err, ERR_INPUT, "weight: %g is below 0", shared->weight);
    if (plimsoll_values_find(parameters, shared->parameter) == NULL)
        return err_set(err, ERR_INPUT, "parameter: %.40s is none of the parameters",
                       shared->parameter);
    return 0;
}

int set_fill_shared(const json_t *evidence, struct plimsoll_instrument *instrument,
                    struct err *err)
{
    const json_t *array;

    if (json_object_get(evidence, "shared") == NULL)
        return 0;
    if (member_array(evidence, "shared", &array, err) != 0)
        return err_add(err, "evidence");
    const size_t n = json_array_size(array);
    instrument->shared = calloc(n + 1, sizeof *instrument->shared);
    if (instrument->shared == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu shared parameters", n);
    for (size_t i = 0; i < n; i++)
        if (read_shared(json_array_get(array, i), &instrument->parameters,
                        &instrument->shared[i], err) != 0)
            return err_add(err, "evidence: shared[%zu]", i);
    instrument->n_shared = n;
    return 0;
}
