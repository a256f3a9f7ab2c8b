#include "coordinator/stress_library.h"
#include "client/members.h"
#include "core/clock.h"

#include <stdlib.h>
#include <string.h>

int stress_span_read(const char *text, int64_t *from_ns, int64_t *to_ns,
                     struct err *err)
{
    const char *slash = strchr(text, '/');

    if (slash == NULL)
        return err_set(err, ERR_INPUT,
                       "\"%s\" is not FROM/TO, as in 2020-03-08/2020-03-20", text);
    if (clock_parse_moment(text, (size_t)(slash - text), from_ns, err) != 0 ||
        clock_parse_moment(slash + 1, strlen(slash + 1), to_ns, err) != 0)
        return -1;
    return *from_ns < *to_ns
               ? 0
               : err_set(err, ERR_INPUT, "\"%s\" does not end after it begins", text);
}

/* Names that the table's other rows have. */
static int check_name(const char *name, struct err *err)
{
    static const char *const taken[] = {
        "worst-",         "roughest",  "correlation-break", "de-peg",
        "thin-liquidity", "late-feed", "reverse-"};

    if (member_check_name(name, err) != 0)
        return -1;
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
        if (strncmp(name, taken[i], strlen(taken[i])) == 0)
            return err_set(err, ERR_INPUT, "is a name of the table's own (%s)",
                           taken[i]);
    for (size_t i = 0; i < stress_n_events(); i++)
        if (strcmp(name, stress_events[i].name) == 0)
            return err_set(err, ERR_INPUT, "is a window that every job has");
    return 0;
}

int stress_window_read(const char *name, const struct conf_texts *texts,
                       struct stress_window *window, struct err *err)
{
    if (check_name(name, err) != 0)
        return -1;
    if (texts->n > 2)
        return err_set(err, ERR_INPUT,
                       "%zu texts are more than FROM/TO and what it was", texts->n);
    *window = (struct stress_window){.name = name};
    return stress_span_read(texts->text[0], &window->from_ns, &window->to_ns, err);
}

/* ---- a file ---- */

struct library {
    struct conf_named windows;
};

static const struct conf_key keys[] = {
    {.path = "windows",
     .type = CONF_NAMED,
     .offset = offsetof(struct library, windows),
     .meaning = "name: [FROM/TO in UTC, what happened]"},
};
static const struct conf_table table = {.title = "library of bad days",
                                        .keys = keys,
                                        .n_keys = sizeof keys / sizeof *keys,
                                        .size = sizeof(struct library)};

static int check_windows(const struct library *library, const struct conf *conf,
                         struct err *err)
{
    struct stress_window window;
    struct err why = {0};
    char path[96];

    for (size_t i = 0; i < library->windows.n; i++) {
        snprintf(path, sizeof path, "windows.%.64s", library->windows.name[i]);
        if (stress_window_read(library->windows.name[i], &library->windows.texts[i],
                               &window, &why) != 0)
            return conf_complain(conf, path, err, "%s", why.text);
    }
    return 0;
}

/* "windows: {...}\n" is all that there is of it. */
static int take_text(const struct conf *conf, char **windows, struct err *err)
{
    static const char head[] = "windows: ";
    char *text;

    if (conf_canonical(conf, &text, err) != 0)
        return -1;
    const char *value = text + sizeof head - 1;
    *windows = value[0] == '{' ? strndup(value, strcspn(value, "\n")) : strdup("{}");
    free(text);
    return *windows != NULL ? 0 : err_set(err, ERR_MEMORY, "no memory for windows");
}

int stress_library_read(const char *path, char **windows, struct err *err)
{
    struct library library;
    struct conf *conf;
    int status = -1;

    if (conf_read(path, 0, NULL, &table, &library, &conf, err) != 0)
        return -1;
    if (check_windows(&library, conf, err) == 0)
        status = take_text(conf, windows, err);
    conf_free(conf, &library);
    return status;
}
