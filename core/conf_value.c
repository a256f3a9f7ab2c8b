#include "core/conf_value.h"
#include "core/arith.h"
#include "core/text.h"

#include <math.h>
#include <string.h>

/* ---- lists of texts and of numbers ---- */

/* A single scalar stands for a list of one. */
static size_t count_of(const struct conf_node *node)
{
    return node->kind == CONF_SEQUENCE ? node->n : 1;
}

static const struct conf_node *element(const struct conf_node *node, size_t i)
{
    return node->kind == CONF_SEQUENCE ? node->child[i] : node;
}

static int read_texts(const struct reading *r, const struct conf_node *node,
                      struct conf_texts *texts, struct err *err)
{
    const size_t n = count_of(node);
    char **text = conf_take(r->conf, (n + 1) * sizeof *text, err);

    if (text == NULL)
        return -1;
    if (node->kind == CONF_MAPPING)
        return conf_wrong_kind(r, node, "a text or a list of texts", err);
    if (n == 0)
        return conf_fault(r->conf, node, r->path, err, "an empty list (%s)",
                          r->key->meaning);
    for (size_t i = 0; i < n; i++)
        if (conf_read_text(r, element(node, i), &text[i], err) != 0)
            return -1;
    *texts = (struct conf_texts){n, text};
    return 0;
}

/* {from: a, to: b, count: n, scale: linear|log} */
struct range {
    double from, to;
    int64_t count;
    int scale;
};

static const char *const range_scales[] = {"linear", "log", NULL};

static const struct conf_key range_keys[] = {
    {.path = "from",
     .type = CONF_REAL,
     .offset = offsetof(struct range, from),
     .meaning = "first value of the range",
     .marks = CONF_REQUIRED},
    {.path = "to",
     .type = CONF_REAL,
     .offset = offsetof(struct range, to),
     .meaning = "last value of the range",
     .marks = CONF_REQUIRED},
    {.path = "count",
     .type = CONF_INTEGER,
     .offset = offsetof(struct range, count),
     .meaning = "how many values the range has",
     .min = 1,
     .max = CONF_COUNT_MAX},
    {.path = "scale",
     .type = CONF_CHOICE,
     .offset = offsetof(struct range, scale),
     .meaning = "equal steps or equal ratios",
     .preset = "linear",
     .choices = range_scales},
};

static const struct conf_table range_table = {.title = "range",
                                              .keys = range_keys,
                                              .n_keys = sizeof range_keys /
                                                        sizeof *range_keys,
                                              .size = sizeof(struct range)};

/* Value i of the range: from + i (to - from)/(n - 1), or from (to/from)^(i/(n - 1)).
 * The last is `to` itself. */
static double range_value(const struct range *range, int64_t i)
{
    const double last = (double)(range->count - 1);

    if (i == 0)
        return range->from;
    if (i == range->count - 1)
        return range->to;
    if (range->scale == 0)
        return range->from + (double)i * ((range->to - range->from) / last);
    return range->from *
           arith_exp((double)i * (arith_log(range->to / range->from) / last));
}

static int check_range(const struct reading *r, const struct conf_node *node,
                       const struct range *range, struct err *err)
{
    char path[CONF_PATH_MAX + 8];

    if (range->count == 0 && (r->key->marks & CONF_SPANS) == 0) {
        snprintf(path, sizeof path, "%s.count", r->path);
        return conf_fault(r->conf, node, path, err,
                          "is missing (how many values the range has)");
    }
    if (range->count == 0 && !(range->from < range->to))
        return conf_fault(r->conf, node, r->path, err, "a range from %g to %g (%s)",
                          range->from, range->to, r->key->meaning);
    if (range->count == 1 && range->from != range->to)
        return conf_fault(r->conf, node, r->path, err,
                          "a range of 1 value from %g to %g (%s)", range->from,
                          range->to, r->key->meaning);
    if (range->scale == 1 && !(range->from > 0.0 && range->to > 0.0))
        return conf_fault(r->conf, node, r->path, err,
                          "a log range from %g to %g: both must be above 0 (%s)",
                          range->from, range->to, r->key->meaning);
    if (!isfinite(range->to - range->from) ||
        (range->scale == 1 && !isnormal(range->to / range->from)))
        return conf_fault(r->conf, node, r->path, err,
                          "a range from %g to %g is too wide (%s)", range->from,
                          range->to, r->key->meaning);
    return 0;
}

static int fill_range(const struct reading *r, const struct conf_node *node,
                      struct conf_reals *reals, struct err *err)
{
    char prefix[CONF_PATH_MAX];
    struct range range = {0};

    conf_join(prefix, r->path, ".");
    if (conf_fill(r->conf, &range_table, prefix, node, NULL, &range, err) != 0 ||
        check_range(r, node, &range, err) != 0)
        return -1;
    if (range.count == 0) {
        reals->span = range.scale == 1 ? CONF_LOG : CONF_LINEAR;
        range.count = 2;
    }
    reals->n = (size_t)range.count;
    reals->value = conf_take(r->conf, reals->n * sizeof *reals->value, err);
    if (reals->value == NULL)
        return -1;
    for (size_t i = 0; i < reals->n; i++) {
        reals->value[i] = range_value(&range, (int64_t)i);
        if (conf_check_bounds(r, node, reals->value[i], err) != 0)
            return -1;
    }
    return 0;
}

static int fill_reals(const struct reading *r, const struct conf_node *node,
                      struct conf_reals *reals, struct err *err)
{
    reals->n = count_of(node);
    if (reals->n == 0)
        return conf_fault(r->conf, node, r->path, err, "an empty list (%s)",
                          r->key->meaning);
    reals->value = conf_take(r->conf, reals->n * sizeof *reals->value, err);
    if (reals->value == NULL)
        return -1;
    for (size_t i = 0; i < reals->n; i++)
        if (conf_read_real(r, element(node, i), &reals->value[i], err) != 0)
            return -1;
    return 0;
}

static int check_ascending(const struct reading *r, const struct conf_node *node,
                           const struct conf_reals *reals, struct err *err)
{
    char here[TEXT_REAL_MAX], before[TEXT_REAL_MAX];

    for (size_t i = 1; i < reals->n; i++) {
        if (reals->value[i] > reals->value[i - 1])
            continue;
        const struct conf_node *at =
            node->kind == CONF_SEQUENCE ? node->child[i] : node;
        return conf_fault(r->conf, at, r->path, err,
                          "%s is not above %s, the value before it (%s)",
                          text_from_real(reals->value[i], here),
                          text_from_real(reals->value[i - 1], before), r->key->meaning);
    }
    return 0;
}

static int read_reals(const struct reading *r, const struct conf_node *node,
                      struct conf_reals *reals, struct err *err)
{
    struct conf_reals read = {0};
    const int status = node->kind == CONF_MAPPING ? fill_range(r, node, &read, err)
                                                  : fill_reals(r, node, &read, err);

    if (status != 0)
        return -1;
    if ((r->key->marks & CONF_ASCENDING) != 0 &&
        check_ascending(r, node, &read, err) != 0)
        return -1;
    *reals = read;
    return 0;
}

/* ---- lists of maps, limits ---- */

static int read_list(const struct reading *r, const struct conf_node *node,
                     struct conf_list *list, struct err *err)
{
    const struct conf_table *table = r->key->items;
    char prefix[CONF_PATH_MAX];

    if (node->kind != CONF_SEQUENCE)
        return conf_wrong_kind(r, node, "a list", err);
    char *items = conf_take(r->conf, (node->n + 1) * table->size, err);
    if (items == NULL)
        return -1;
    for (size_t i = 0; i < node->n; i++) {
        if (node->child[i]->kind != CONF_MAPPING)
            return conf_wrong_kind(r, node->child[i], "a map", err);
        conf_item(prefix, r->path, i);
        if (conf_fill(r->conf, table, prefix, node->child[i], NULL,
                      items + i * table->size, err) != 0)
            return -1;
    }
    *list = (struct conf_list){node->n, items};
    return 0;
}

static const struct conf_key limit_keys[] = {
    {.path = "min",
     .type = CONF_REAL,
     .offset = offsetof(struct conf_limit, min),
     .meaning = "least value that is allowed"},
    {.path = "max",
     .type = CONF_REAL,
     .offset = offsetof(struct conf_limit, max),
     .meaning = "largest value that is allowed"},
};

static const struct conf_table limit_table = {.title = "limits",
                                              .keys = limit_keys,
                                              .n_keys = 2,
                                              .size = sizeof(struct conf_limit)};

static int read_limit(const struct reading *r, const struct conf_node *name,
                      const struct conf_node *node, struct conf_limit *limit,
                      struct err *err)
{
    char prefix[CONF_PATH_MAX + 1];
    struct reading inner = *r;

    snprintf(prefix, sizeof prefix, "%s.%.60s", r->path, name->text);
    inner.path = prefix;
    if (conf_note(r->conf, prefix, name, err) != 0)
        return -1;
    if (node->kind != CONF_MAPPING || node->n == 0)
        return conf_wrong_kind(&inner, node, "a map such as {min: 0.99}", err);
    *limit = (struct conf_limit){.min = -INFINITY, .max = INFINITY};
    strcat(prefix, ".");
    if (conf_fill(r->conf, &limit_table, prefix, node, NULL, limit, err) != 0)
        return -1;
    prefix[strlen(prefix) - 1] = '\0';
    if (!(limit->min <= limit->max))
        return conf_fault(r->conf, node, prefix, err, "min %g is above max %g (%s)",
                          limit->min, limit->max, r->key->meaning);
    limit->line = name->line;
    limit->column = name->column;
    limit->name = name->text;
    return 0;
}

/* ---- maps ---- */

#define NAME_CHARS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"

/* The i-th name of a map: of these letters, and not there before. */
static int check_name(const struct reading *r, const struct conf_node *map, size_t i,
                      const char *letters, struct err *err)
{
    const struct conf_node *name = map->child[2 * i];

    if (name->kind != CONF_SCALAR || name->n_chars == 0 || name->n_chars > 60 ||
        strspn(name->text, letters) != name->n_chars)
        return conf_fault(r->conf, name, r->path, err, "a key that is not a name (%s)",
                          r->key->meaning);
    for (size_t j = 0; j < i; j++)
        if (strcmp(map->child[2 * j]->text, name->text) == 0)
            return conf_fault(r->conf, name, r->path, err, "%s is given twice (%s)",
                              name->text, r->key->meaning);
    return 0;
}

static int read_limits(const struct reading *r, const struct conf_node *node,
                       struct conf_limits *limits, struct err *err)
{
    enum { MOST = 256 };

    if (node->kind != CONF_MAPPING)
        return conf_wrong_kind(r, node, "a map of name: {min: a, max: b}", err);
    const size_t n = node->n / 2;
    if (n > MOST)
        return conf_fault(r->conf, node, r->path, err, "%zu entries are more than %d",
                          n, MOST);
    struct conf_limit *limit = conf_take(r->conf, (n + 1) * sizeof *limit, err);
    if (limit == NULL)
        return -1;
    for (size_t i = 0; i < n; i++)
        if (check_name(r, node, i, NAME_CHARS, err) != 0 ||
            read_limit(r, node->child[2 * i], node->child[2 * i + 1], &limit[i], err) !=
                0)
            return -1;
    *limits = (struct conf_limits){n, limit};
    return 0;
}

static int read_entry(const struct reading *r, const struct conf_node *name,
                      const struct conf_node *node, struct conf_texts *texts,
                      struct err *err)
{
    char path[CONF_PATH_MAX + 1];
    struct reading inner = *r;

    snprintf(path, sizeof path, "%s.%.60s", r->path, name->text);
    inner.path = path;
    if (conf_note(r->conf, path, name, err) != 0)
        return -1;
    return read_texts(&inner, node, texts, err);
}

/* Names may be patterns of instruments. */
static int read_named(const struct reading *r, const struct conf_node *node,
                      struct conf_named *named, struct err *err)
{
    const size_t n = node->n / 2;

    if (node->kind != CONF_MAPPING || n == 0)
        return conf_wrong_kind(r, node, "a map of name: text, or name: [texts]", err);
    *named = (struct conf_named){n, conf_take(r->conf, n * sizeof *named->name, err),
                                 conf_take(r->conf, n * sizeof *named->texts, err)};
    if (named->name == NULL || named->texts == NULL)
        return -1;
    for (size_t i = 0; i < n; i++) {
        if (check_name(r, node, i, NAME_CHARS ".*?[]!", err) != 0 ||
            read_entry(r, node->child[2 * i], node->child[2 * i + 1], &named->texts[i],
                       err) != 0)
            return -1;
        named->name[i] = node->child[2 * i]->text;
    }
    return 0;
}

int conf_value(struct conf *conf, const struct conf_key *key, const char *path,
               const struct conf_node *node, void *field, struct err *err)
{
    const struct reading r = {conf, key, path};

    switch (key->type) {
    case CONF_TEXTS:
        return read_texts(&r, node, field, err);
    case CONF_REALS:
        return read_reals(&r, node, field, err);
    case CONF_LIST:
        return read_list(&r, node, field, err);
    case CONF_LIMITS:
        return read_limits(&r, node, field, err);
    case CONF_NAMED:
        return read_named(&r, node, field, err);
    default:
        return conf_read_scalar(&r, node, field, err);
    }
}
