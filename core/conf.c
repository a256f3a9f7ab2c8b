#include "core/conf.h"
#include "core/conf_tree.h"
#include "core/file.h"

#include <libfyaml.h>
#include <stdlib.h>
#include <string.h>

/* ---- events of the YAML library to a tree ---- */

struct builder {
    struct conf *conf;
    enum conf_origin origin;
    const char *path;
    size_t line, column; /* where reading stands */
    size_t depth, n_documents;
    struct conf_node *open[CONF_DEPTH_MAX]; /* lists and maps not yet ended */
    struct conf_node *root;
};

static int refuse(const struct builder *b, struct err *err, const char *what)
{
    err_set(err, ERR_INPUT, "%s", what);
    return conf_add_place(b->conf, b->origin, b->line, b->column, b->path, err);
}

static int add_child(struct builder *b, struct conf_node *parent,
                     struct conf_node *child, struct err *err)
{
    const size_t most = CONF_COUNT_MAX * (parent->kind == CONF_MAPPING ? 2 : 1);

    if (parent->n == most)
        return refuse(b, err, "more than 65536 entries");
    if (parent->n == parent->capacity) {
        const size_t capacity = parent->capacity > 0 ? 2 * parent->capacity : 8;
        struct conf_node **grown = conf_take(b->conf, capacity * sizeof *grown, err);

        if (grown == NULL)
            return -1;
        if (parent->n > 0)
            memcpy(grown, parent->child, parent->n * sizeof *grown);
        parent->child = grown;
        parent->capacity = capacity;
    }
    parent->child[parent->n++] = child;
    return 0;
}

static struct conf_node *add_node(struct builder *b, enum conf_kind kind,
                                  struct err *err)
{
    struct conf_node *node = conf_take(b->conf, sizeof *node, err);

    if (node == NULL)
        return NULL;
    *node = (struct conf_node){
        .kind = kind, .origin = b->origin, .line = b->line, .column = b->column};
    if (b->depth == 0)
        b->root = node;
    else if (add_child(b, b->open[b->depth - 1], node, err) != 0)
        return NULL;
    return node;
}

static int add_collection(struct builder *b, enum conf_kind kind, struct err *err)
{
    if (b->depth == CONF_DEPTH_MAX)
        return refuse(b, err, "nested more than 16 deep");
    struct conf_node *node = add_node(b, kind, err);
    if (node == NULL)
        return -1;
    b->open[b->depth++] = node;
    return 0;
}

static int add_scalar(struct builder *b, struct fy_token *token, struct err *err)
{
    struct conf_node *node = add_node(b, CONF_SCALAR, err);

    if (node == NULL)
        return -1;
    const char *text = fy_token_get_text(token, &node->n_chars);
    if (text == NULL)
        node->n_chars = 0;
    if (node->n_chars > 0 && memchr(text, '\0', node->n_chars) != NULL)
        return refuse(b, err, "a text has a NUL in it");
    node->quoted = fy_token_scalar_style(token) != FYSS_PLAIN;
    node->text = conf_copy(b->conf, text, node->n_chars, err);
    return node->text != NULL ? 0 : -1;
}

/* Stand at the mark; `before` characters before it, for marks behind a quote or *. */
static void stand(struct builder *b, const struct fy_mark *mark, int before)
{
    if (mark == NULL)
        return;
    b->line = (size_t)mark->line + 1;
    b->column = (size_t)(mark->column - before) + 1;
}

static bool is_in_quotes(const struct fy_event *event)
{
    if (event->type != FYET_SCALAR)
        return false;
    const enum fy_scalar_style style = fy_token_scalar_style(event->scalar.value);
    return style == FYSS_SINGLE_QUOTED || style == FYSS_DOUBLE_QUOTED;
}

static int refuse_at(struct builder *b, struct fy_token *token, int before,
                     struct err *err, const char *what)
{
    stand(b, fy_token_start_mark(token), before);
    return refuse(b, err, what);
}

static int add_event(struct builder *b, struct fy_event *event, struct err *err)
{
    struct fy_token *anchor = fy_event_get_anchor_token(event);
    struct fy_token *tag = fy_event_get_tag_token(event);

    stand(b, fy_event_start_mark(event),
          event->type == FYET_ALIAS || is_in_quotes(event));
    if (event->type == FYET_ALIAS)
        return refuse(b, err, "aliases (*name) are not read; quote a text with a *");
    if (anchor != NULL)
        return refuse_at(b, anchor, 1, err,
                         "anchors (&name) are not read; quote a text with a &");
    if (tag != NULL)
        return refuse_at(b, tag, 0, err,
                         "tags (!name) are not read; quote a text with a !");
    switch (event->type) {
    case FYET_DOCUMENT_START:
        return b->n_documents++ == 0 ? 0
                                     : refuse(b, err, "a second document (---) starts");
    case FYET_SCALAR:
        return add_scalar(b, event->scalar.value, err);
    case FYET_SEQUENCE_START:
        return add_collection(b, CONF_SEQUENCE, err);
    case FYET_MAPPING_START:
        return add_collection(b, CONF_MAPPING, err);
    case FYET_SEQUENCE_END:
    case FYET_MAPPING_END:
        b->depth--;
        return 0;
    default:
        return 0;
    }
}

/* The library's first complaint, as one sentence at its place. */
static int refuse_syntax(struct builder *b, struct fy_diag *diag, struct err *err)
{
    void *at = NULL;
    const struct fy_diag_error *first = fy_diag_errors_iterate(diag, &at);

    if (first == NULL)
        return refuse(b, err, "is not YAML");
    b->line = first->line > 0 ? (size_t)first->line : 1;
    b->column = first->column > 0 ? (size_t)first->column : 1;
    err_set(err, ERR_INPUT, "is not YAML: %s", first->msg);
    return conf_add_place(b->conf, b->origin, b->line, b->column, b->path, err);
}

static int build(struct builder *b, struct fy_parser *parser, struct fy_diag *diag,
                 struct err *err)
{
    struct fy_event *event;
    int status = 0;

    while (status == 0 && (event = fy_parser_parse(parser)) != NULL) {
        status = add_event(b, event, err);
        fy_parser_event_free(parser, event);
    }
    if (status == 0 && fy_parser_get_stream_error(parser))
        status = refuse_syntax(b, diag, err);
    return status;
}

int conf_tree(struct conf *conf, enum conf_origin origin, const char *path,
              const char *bytes, size_t n_bytes, struct conf_node **root,
              struct err *err)
{
    struct fy_diag_cfg quiet;
    struct builder b = {
        .conf = conf, .origin = origin, .path = path, .line = 1, .column = 1};
    int status = -1;

    if (conf_check_text(conf, origin, path, bytes, n_bytes, err) != 0)
        return -1;
    fy_diag_cfg_default(&quiet);
    quiet.fp = NULL;
    struct fy_diag *diag = fy_diag_create(&quiet);
    struct fy_parse_cfg cfg = {.flags = FYPCF_QUIET | FYPCF_DEFAULT_VERSION_1_2 |
                                        FYPCF_JSON_NONE,
                               .diag = diag};
    fy_diag_set_collect_errors(diag, true);
    struct fy_parser *parser = diag != NULL ? fy_parser_create(&cfg) : NULL;
    if (parser == NULL || fy_parser_set_string(parser, bytes, n_bytes) != 0)
        err_set(err, ERR_MEMORY, "%s: no memory for a YAML parser", conf->file);
    else
        status = build(&b, parser, diag, err);
    fy_parser_destroy(parser);
    fy_diag_destroy(diag);
    *root = status == 0 ? b.root : NULL;
    return status;
}

/* ---- reading and freeing ---- */

static int read_tree(struct conf *conf, const struct conf_source *source,
                     struct conf_node **root, struct err *err)
{
    char *bytes;
    size_t n_bytes;

    if (source->bytes != NULL)
        return conf_tree(conf, CONF_OF_FILE, NULL, source->bytes, source->n_bytes, root,
                         err);
    if (file_read(conf->file, CONF_FILE_MAX, &bytes, &n_bytes, err) != 0)
        return -1;
    const int status = conf_tree(conf, CONF_OF_FILE, NULL, bytes, n_bytes, root, err);
    free(bytes);
    return status;
}

static int read_root(struct conf *conf, const struct conf_source *source,
                     struct conf_node **root, struct err *err)
{
    if (read_tree(conf, source, root, err) != 0)
        return -1;
    if (*root == NULL)
        return err_set(err, ERR_INPUT, "%s: is empty: it should hold keys of: %s",
                       conf->file, conf->table->title);
    if ((*root)->kind != CONF_MAPPING)
        return conf_fault(conf, *root, NULL, err, "is not a map of keys and values");
    return 0;
}

static int read_all(struct conf *conf, const struct conf_source *source,
                    struct err *err)
{
    const struct conf_settings settings = {source->n_settings, source->settings};
    struct conf_node *root;

    conf->file = conf_copy(conf, source->path, strlen(source->path), err);
    conf->filled = conf_take(conf, conf->table->size, err);
    if (conf->file == NULL || conf->filled == NULL)
        return -1;
    if (read_root(conf, source, &root, err) != 0)
        return -1;
    return conf_fill(conf, conf->table, "", root, &settings, conf->filled, err);
}

int conf_read_source(const struct conf_source *source, const struct conf_table *table,
                     void *into, struct conf **conf, struct err *err)
{
    struct conf *made = calloc(1, sizeof *made);

    if (made == NULL)
        return err_set(err, ERR_MEMORY, "%s: no memory", source->path);
    made->table = table;
    if (read_all(made, source, err) != 0) {
        conf_free(made, NULL);
        return -1;
    }
    conf_sort_notes(made);
    memcpy(into, made->filled, table->size);
    *conf = made;
    return 0;
}

int conf_read(const char *path, size_t n_settings, const char *const settings[],
              const struct conf_table *table, void *into, struct conf **conf,
              struct err *err)
{
    const struct conf_source source = {
        .path = path, .n_settings = n_settings, .settings = settings};

    return conf_read_source(&source, table, into, conf, err);
}

bool conf_is_given(const struct conf *conf, const char *path)
{
    const struct conf_place *place = conf_find(conf, path);

    return place != NULL && place->origin != CONF_OF_PRESET;
}

void conf_free(struct conf *conf, void *into)
{
    if (conf == NULL)
        return;
    if (into != NULL)
        memset(into, 0, conf->table->size);
    conf_release(conf);
    free(conf);
}
