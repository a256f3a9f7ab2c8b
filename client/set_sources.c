#include "client/members.h"
#include "client/set_inside.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int read_end(const json_t *object, const char *name, double *value,
                    struct err *err)
{
    return json_is_null(json_object_get(object, name))
               ? 0
               : member_real(object, name, value, err);
}

static int read_capture(const json_t *object, struct plimsoll_source *source,
                        struct err *err)
{
    if (read_end(object, "low", &source->low, err) != 0 ||
        read_end(object, "high", &source->high, err) != 0 ||
        member_text(object, "of", &source->of, err) != 0)
        return -1;
    if (strcmp(source->of, "flow") != 0 && strcmp(source->of, "book") != 0)
        return err_set(err, ERR_INPUT, "of: '%.40s' is neither flow nor book",
                       source->of);
    return member_text(object, "source", &source->source, err) != 0
               ? -1
               : member_sha256(object, "source_sha256", &source->sha256, err);
}

/* What is estimated says from which capture. */
static int read_source(const json_t *object, struct plimsoll_source *source,
                       struct err *err)
{
    static const char *const allowed[] = {
        "name", "value", "low", "high", "from", "of", "source", "source_sha256", NULL};

    source->low = source->high = NAN;
    if (!json_is_object(object))
        return err_set(err, ERR_INPUT, "is not an object");
    if (members_only(object, allowed, err) != 0 ||
        member_text(object, "name", &source->name, err) != 0 ||
        member_real(object, "value", &source->value, err) != 0 ||
        member_text(object, "from", &source->from, err) != 0)
        return -1;
    if (strcmp(source->from, "estimated") == 0)
        return read_capture(object, source, err);
    if (strcmp(source->from, "default from volume") != 0 &&
        strcmp(source->from, "given by the job") != 0)
        return err_set(
            err, ERR_INPUT,
            "from: '%.40s' is none of: estimated, default from volume, given "
            "by the job",
            source->from);
    return 0;
}

int set_fill_sources(const json_t *evidence, struct plimsoll_instrument *instrument,
                     struct err *err)
{
    const json_t *array;

    if (json_object_get(evidence, "sources") == NULL)
        return 0;
    if (member_array(evidence, "sources", &array, err) != 0)
        return err_add(err, "evidence");
    const size_t n = json_array_size(array);
    instrument->sources = calloc(n + 1, sizeof *instrument->sources);
    if (instrument->sources == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu sources", n);
    for (size_t i = 0; i < n; i++)
        if (read_source(json_array_get(array, i), &instrument->sources[i], err) != 0)
            return err_add(err, "evidence: sources[%zu]", i);
    instrument->n_sources = n;
    return 0;
}
