#include "coordinator/evidence.h"
#include "core/h5.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PLACE_MAX = 512 }; /* path of an object in the file */

struct evidence {
    struct h5 *file;
};

int evidence_create(const char *path, struct evidence **evidence, struct err *err)
{
    struct evidence *new = malloc(sizeof *new);

    if (new == NULL)
        return err_set(err, ERR_MEMORY, "%s: no memory to begin it", path);
    if (h5_create(path, EVIDENCE_KIND, &new->file, err) != 0) {
        free(new);
        return -1;
    }
    *evidence = new;
    return 0;
}

int evidence_commit(struct evidence *evidence, struct err *err)
{
    const int status = h5_commit(evidence->file, err);

    free(evidence);
    return status;
}

void evidence_abandon(struct evidence *evidence)
{
    if (evidence == NULL)
        return;
    h5_close(evidence->file);
    free(evidence);
}

/* Make the group and its parents where they are missing. */
static int need_group(struct evidence *evidence, const char *group, struct err *err)
{
    char prefix[PLACE_MAX];

    if (group[0] != '/' || strlen(group) >= sizeof prefix)
        return err_set(err, ERR_BUG, "'%.80s' is not a group's path", group);
    for (size_t n = 1; group[n - 1] != '\0'; n++) {
        if (group[n] != '/' && group[n] != '\0')
            continue;
        snprintf(prefix, sizeof prefix, "%.*s", (int)n, group);
        if (!h5_exists(evidence->file, prefix) &&
            h5_make_group(evidence->file, prefix, err) != 0)
            return -1;
    }
    return 0;
}

int evidence_set_text(struct evidence *evidence, const char *group, const char *name,
                      const char *value, struct err *err)
{
    if (need_group(evidence, group, err) != 0)
        return -1;
    return h5_set_text(evidence->file, group, name, value, err);
}

int evidence_set_integer(struct evidence *evidence, const char *group, const char *name,
                         int64_t value, struct err *err)
{
    if (need_group(evidence, group, err) != 0)
        return -1;
    return h5_set_integer(evidence->file, group, name, value, err);
}

int evidence_set_real(struct evidence *evidence, const char *group, const char *name,
                      double value, struct err *err)
{
    if (need_group(evidence, group, err) != 0)
        return -1;
    return h5_set_real(evidence->file, group, name, value, err);
}

static int place_of(const char *group, const char *name, char out[PLACE_MAX],
                    struct err *err)
{
    const int n =
        snprintf(out, PLACE_MAX, "%s/%s", strcmp(group, "/") == 0 ? "" : group, name);

    if (n < 0 || n >= PLACE_MAX || strchr(name, '/') != NULL)
        return err_set(err, ERR_BUG, "'%.80s' is no name in %.80s", name, group);
    return 0;
}

/* The n texts behind each other, each filled up to the longest and its NUL. */
static char *pack_texts(size_t n, const char *const text[], size_t *text_size)
{
    *text_size = 1;
    for (size_t i = 0; i < n; i++)
        if (strlen(text[i]) >= *text_size)
            *text_size = strlen(text[i]) + 1;
    char *packed = calloc(n + 1, *text_size);
    for (size_t i = 0; i < n && packed != NULL; i++)
        strcpy(packed + i * *text_size, text[i]);
    return packed;
}

static int write_texts(struct evidence *evidence, const char *place,
                       const struct h5_array *shape, const char *const text[],
                       struct err *err)
{
    struct h5_array array = *shape;
    size_t n = 1;

    for (size_t d = 0; d < array.n_dims; d++)
        n *= array.extent[d];
    array.type = H5_TYPE_TEXT;
    char *packed = pack_texts(n, text, &array.text_size);
    if (packed == NULL)
        return err_set(err, ERR_MEMORY, "%s: %s: no memory for %zu texts",
                       h5_path(evidence->file), place, n);
    const int status = h5_write(evidence->file, place, &array, packed, err);
    free(packed);
    return status;
}

static int write_axis(struct evidence *evidence, const char *group,
                      const struct evidence_axis *axis, struct err *err)
{
    const struct h5_array array = {.n_dims = 1, .extent = {axis->n}};
    char place[PLACE_MAX];
    int status;

    if (place_of(group, axis->name, place, err) != 0)
        return -1;
    if (axis->label != NULL)
        status = write_texts(evidence, place, &array, axis->label, err);
    else
        status = h5_write(evidence->file, place, &array, axis->value, err);
    if (status != 0 ||
        h5_make_scale(evidence->file, place, axis->name, axis->unit, err) != 0)
        return -1;
    return h5_set_text(evidence->file, place, "long_name", axis->meaning, err);
}

static int attach_axes(struct evidence *evidence, const char *group, const char *place,
                       const struct evidence_surface *surface, struct err *err)
{
    char scale[PLACE_MAX];

    for (size_t d = 0; d < surface->n_axes; d++)
        if (place_of(group, surface->axis[d].name, scale, err) != 0 ||
            h5_attach_scale(evidence->file, place, d, scale, err) != 0)
            return -1;
    return 0;
}

static int write_figure(struct evidence *evidence, const char *group,
                        const struct evidence_surface *surface,
                        const struct evidence_figure *figure, struct err *err)
{
    struct h5_array array = {.n_dims = surface->n_axes};
    char place[PLACE_MAX];
    int status;

    if (place_of(group, figure->name, place, err) != 0)
        return -1;
    for (size_t d = 0; d < surface->n_axes; d++)
        array.extent[d] = surface->axis[d].n;
    array.storage = surface->is_deflated ? H5_DEFLATED : H5_PLAIN;
    if (figure->text != NULL)
        status = write_texts(evidence, place, &array, figure->text, err);
    else
        status = h5_write(evidence->file, place, &array, figure->value, err);
    if (status != 0 ||
        h5_set_text(evidence->file, place, "units", figure->unit, err) != 0 ||
        h5_set_text(evidence->file, place, "long_name", figure->meaning, err) != 0)
        return -1;
    return attach_axes(evidence, group, place, surface, err);
}

int evidence_write(struct evidence *evidence, const char *group,
                   const struct evidence_surface *surface, struct err *err)
{
    if (surface->n_axes > EVIDENCE_AXES_MAX)
        return err_set(err, ERR_BUG, "%s has %zu axes, more than %d", group,
                       surface->n_axes, EVIDENCE_AXES_MAX);
    if (need_group(evidence, group, err) != 0)
        return -1;
    for (size_t d = 0; d < surface->n_axes; d++)
        if (write_axis(evidence, group, surface->axis + d, err) != 0)
            return -1;
    for (size_t i = 0; i < surface->n_figures; i++)
        if (write_figure(evidence, group, surface, surface->figure + i, err) != 0)
            return -1;
    return 0;
}
