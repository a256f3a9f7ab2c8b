/* conf_job.h -- a table with a row of every type, and reading a text through it */
#ifndef TESTS_CORE_CONF_JOB_H
#define TESTS_CORE_CONF_JOB_H

#include "core/clock.h"
#include "core/conf.h"
#include "tests/check.h"

#include <stdlib.h>
#include <unistd.h>

struct item {
    char *name;
    double nu;
};

struct job {
    char *name;
    double weight;
    struct conf_reals q;
    int64_t count;
    bool on;
    int kind;
    int64_t from, every;
    struct conf_texts who;
    struct conf_limits limits;
    struct conf_named groups;
    struct conf_list items;
};

static const struct conf_key item_keys[] = {
    {.path = "name",
     .type = CONF_TEXT,
     .offset = offsetof(struct item, name),
     .meaning = "its name",
     .marks = CONF_REQUIRED},
    {.path = "nu",
     .type = CONF_REAL,
     .offset = offsetof(struct item, nu),
     .meaning = "degrees of freedom",
     .preset = "5",
     .min = 2,
     .max = 100,
     .marks = CONF_OPEN_MIN},
};
static const struct conf_table item_table = {"instrument", item_keys, 2,
                                             sizeof(struct item)};
static const char *const kinds[] = {"path", "close", NULL};
static const struct conf_key keys[] = {
    {.path = "name",
     .type = CONF_TEXT,
     .offset = offsetof(struct job, name),
     .meaning = "the job's name",
     .marks = CONF_REQUIRED},
    {.path = "axes.weight",
     .type = CONF_REAL,
     .offset = offsetof(struct job, weight),
     .meaning = "a weight",
     .preset = "0.5",
     .max = 1,
     .marks = CONF_OPEN_MAX},
    {.path = "axes.q",
     .type = CONF_REALS,
     .offset = offsetof(struct job, q),
     .meaning = "multiplier",
     .preset = "1,2,3",
     .max = 1000,
     .marks = CONF_ASCENDING},
    {.path = "count",
     .type = CONF_INTEGER,
     .offset = offsetof(struct job, count),
     .meaning = "how many",
     .preset = "4",
     .min = 1,
     .max = 9},
    {.path = "on",
     .type = CONF_FLAG,
     .offset = offsetof(struct job, on),
     .meaning = "whether"},
    {.path = "kind",
     .type = CONF_CHOICE,
     .offset = offsetof(struct job, kind),
     .meaning = "the loss",
     .preset = "close",
     .choices = kinds},
    {.path = "from",
     .type = CONF_MOMENT,
     .offset = offsetof(struct job, from),
     .meaning = "first bar"},
    {.path = "every",
     .type = CONF_DURATION,
     .offset = offsetof(struct job, every),
     .meaning = "interval",
     .preset = "1h",
     .min = CLOCK_MINUTE,
     .max = CLOCK_DAY},
    {.path = "who",
     .type = CONF_TEXTS,
     .offset = offsetof(struct job, who),
     .meaning = "instruments"},
    {.path = "constraints",
     .type = CONF_LIMITS,
     .offset = offsetof(struct job, limits),
     .meaning = "what must hold"},
    {.path = "groups",
     .type = CONF_NAMED,
     .offset = offsetof(struct job, groups),
     .meaning = "who belongs together"},
    {.path = "items",
     .type = CONF_LIST,
     .offset = offsetof(struct job, items),
     .meaning = "the instruments",
     .items = &item_table},
};
static const struct conf_table table = {"A job of the tests", keys,
                                        sizeof keys / sizeof *keys, sizeof(struct job)};

/* ---- reading a text by way of a file ---- */

static char path[64];

static inline int make_file(void)
{
    strcpy(path, "/tmp/plimsoll-conf-XXXXXX");
    const int fd = mkstemp(path);
    return fd < 0 || close(fd) != 0;
}

static inline int remove_file(void)
{
    return unlink(path);
}

static inline int read_bytes(const char *bytes, size_t n, size_t n_settings,
                             const char *const settings[], struct job *job,
                             struct conf **conf, struct err *err)
{
    FILE *file = fopen(path, "wb");

    fwrite(bytes, 1, n, file);
    fclose(file);
    return conf_read(path, n_settings, settings, &table, job, conf, err);
}

static inline void check_good(const char *text, const char *setting, struct job *job,
                              struct conf **conf)
{
    struct err err = {0};
    const int status =
        read_bytes(text, strlen(text), setting != NULL, &setting, job, conf, &err);

    CU_ASSERT_EQUAL_FATAL(status, 0);
    CU_ASSERT_STRING_EQUAL(err.text, "");
}

#endif
