#include "core/conf_tree.h"
#include "core/text.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* ---- memory that lives as long as a conf ---- */

enum { BLOCK_BYTES = 1 << 16 };

struct conf_block {
    struct conf_block *next;
    size_t used, size;
    _Alignas(16) char bytes[];
};

void *conf_take(struct conf *conf, size_t n_bytes, struct err *err)
{
    const size_t need = (n_bytes + 15) & ~(size_t)15;
    struct conf_block *block = conf->blocks;

    if (block == NULL || block->size - block->used < need) {
        const size_t size = need > BLOCK_BYTES ? need : BLOCK_BYTES;

        block = calloc(1, sizeof *block + size);
        if (block == NULL) {
            err_set(err, ERR_MEMORY, "no memory for %zu bytes", size);
            return NULL;
        }
        block->size = size;
        block->next = conf->blocks;
        conf->blocks = block;
    }
    void *taken = block->bytes + block->used;
    block->used += need;
    return taken;
}

void conf_release(struct conf *conf)
{
    while (conf->blocks != NULL) {
        struct conf_block *next = conf->blocks->next;

        free(conf->blocks);
        conf->blocks = next;
    }
}

char *conf_copy(struct conf *conf, const char *text, size_t n_chars, struct err *err)
{
    char *copy = conf_take(conf, n_chars + 1, err);

    if (copy != NULL && n_chars > 0)
        memcpy(copy, text, n_chars);
    return copy;
}

/* ---- places and faults ---- */

static bool is_control(unsigned char b)
{
    return (b < 0x20 && b != '\t' && b != '\n' && b != '\r') || b == 0x7f;
}

void conf_join(char out[CONF_PATH_MAX], const char *prefix, const char *path)
{
    snprintf(out, CONF_PATH_MAX, "%s%.60s", prefix, path);
}

void conf_item(char out[CONF_PATH_MAX], const char *path, size_t i)
{
    snprintf(out, CONF_PATH_MAX, "%s[%zu].", path, i);
}

int conf_note(struct conf *conf, const char *path, const struct conf_node *node,
              struct err *err)
{
    if (conf->n_places == conf->capacity) {
        const size_t capacity = conf->capacity > 0 ? 2 * conf->capacity : 64;
        struct conf_place *places = conf_take(conf, capacity * sizeof *places, err);

        if (places == NULL)
            return -1;
        if (conf->n_places > 0)
            memcpy(places, conf->places, conf->n_places * sizeof *places);
        conf->places = places;
        conf->capacity = capacity;
    }
    const char *copy = conf_copy(conf, path, strlen(path), err);
    if (copy == NULL)
        return -1;
    conf->places[conf->n_places++] =
        (struct conf_place){copy, node->origin, node->line, node->column};
    return 0;
}

static int by_path(const void *a, const void *b)
{
    const struct conf_place *one = a, *other = b;

    return strcmp(one->path, other->path);
}

void conf_sort_notes(struct conf *conf)
{
    if (conf->n_places > 0)
        qsort(conf->places, conf->n_places, sizeof *conf->places, by_path);
}

const struct conf_place *conf_find(const struct conf *conf, const char *path)
{
    const struct conf_place wanted = {.path = path};

    if (conf->n_places == 0)
        return NULL;
    return bsearch(&wanted, conf->places, conf->n_places, sizeof wanted, by_path);
}

int conf_add_place(const struct conf *conf, enum conf_origin origin, size_t line,
                   size_t column, const char *path, struct err *err)
{
    if (origin == CONF_OF_SETTING)
        return err_add(err, "--set %s", path != NULL ? path : "");
    if (path != NULL)
        err_add(err, "%s", path);
    if (origin == CONF_OF_PRESET)
        return err_add(err, "%s: the default", conf->file);
    if (line == 0)
        return err_add(err, "%s", conf->file);
    return err_add(err, "%s:%zu:%zu", conf->file, line, column);
}

static int set_input(struct err *err, const char *fmt, va_list ap)
{
    char text[ERR_TEXT_MAX];

    vsnprintf(text, sizeof text, fmt, ap);
    return err_set(err, ERR_INPUT, "%s", text);
}

int conf_fault(const struct conf *conf, const struct conf_node *node, const char *path,
               struct err *err, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    set_input(err, fmt, ap);
    va_end(ap);
    return conf_add_place(conf, node->origin, node->line, node->column, path, err);
}

int conf_complain(const struct conf *conf, const char *path, struct err *err,
                  const char *fmt, ...)
{
    const struct conf_place *place = conf_find(conf, path);
    va_list ap;

    va_start(ap, fmt);
    set_input(err, fmt, ap);
    va_end(ap);
    if (place == NULL || place->origin == CONF_OF_PRESET)
        return conf_add_place(conf, CONF_OF_FILE, 0, 0, path, err);
    return conf_add_place(conf, place->origin, place->line, place->column, path, err);
}

/* ---- bytes that are not text ---- */

int conf_check_text(const struct conf *conf, enum conf_origin origin, const char *path,
                    const char *bytes, size_t n_bytes, struct err *err)
{
    size_t line = 1, column = 1;

    for (size_t i = 0, n; i < n_bytes; i += n) {
        const unsigned char b = (unsigned char)bytes[i];

        n = text_character(bytes + i, n_bytes - i);
        if (n == 0 || is_control(b)) {
            err_set(err, ERR_INPUT,
                    n == 0 ? "byte 0x%02x is not UTF-8 text"
                           : "byte 0x%02x is a control character",
                    b);
            return conf_add_place(conf, origin, line, column, path, err);
        }
        column = b == '\n' ? 1 : column + 1;
        line += b == '\n';
    }
    return 0;
}
