#include "coordinator/audit.h"
#include "coordinator/command.h"
#include "core/clock.h"
#include "core/file.h"
#include "core/options.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char usage[] =
    "usage: plimsoll audit FILE|DIR [--json] [--holds DIGEST]\n"
    "\n"
    "Verifies and shows the log of a relay's decisions: FILE, or audit.log of the\n"
    "relay's store DIR. Each line holds the digest of the line before, so that none "
    "can\n"
    "be changed, taken out or put in without showing. That lines were cut off at the\n"
    "end shows only to who wrote down a digest: `plimsoll relay --status` prints the\n"
    "last one, and --holds looks for it.\n"
    "\n"
    "  --json          the lines as they stand in the file, once all are verified\n"
    "  --holds DIGEST  also: is the entry with this digest there?\n"
    "  --help          this text\n"
    "\n"
    "Exit codes: 0 the chain holds; 3 it does not (with the line), or --holds finds\n"
    "nothing; 2 usage.\n";

struct asked {
    const char *path, *holds;
    bool json, help;
};

#define AT(field) .offset = offsetof(struct asked, field)
static const struct options_row rows[] = {
    {"json", OPTIONS_FLAG, AT(json)},
    {"holds", OPTIONS_TEXT, AT(holds)},
};
#undef AT

static const struct options_table table = {"audit", "log", rows,
                                           sizeof rows / sizeof *rows};

static int parse(int argc, char **argv, struct asked *asked, struct err *err)
{
    struct options_rest rest;

    *asked = (struct asked){0};
    if (options_read(&table, argc, argv, asked, &rest, err) != 0)
        return -1;
    asked->help = rest.help;
    if (rest.help)
        return 0;
    asked->path = rest.word[0];
    return 0;
}

struct found {
    const char *holds;
    bool is_held;
    bool shows;
    uint64_t n;
    char head[AUDIT_DIGEST_MAX];
};

static void show(const struct audit_entry *entry)
{
    char moment[CLOCK_TEXT_MAX], version[24] = "";

    if (entry->version > 0)
        snprintf(version, sizeof version, "%llu", (unsigned long long)entry->version);
    printf("%6llu  %-27.27s  %-12s %7s  %-12.12s  %-16s %s\n",
           (unsigned long long)entry->n, clock_moment_text(entry->time_ns, moment),
           audit_event_text(entry->event), version, entry->set, entry->who,
           entry->text);
}

static int take(void *context, const struct audit_entry *entry, struct err *err)
{
    struct found *found = context;

    (void)err;
    found->n = entry->n + 1;
    snprintf(found->head, sizeof found->head, "%s", entry->digest);
    if (found->holds != NULL && strcmp(found->holds, entry->digest) == 0)
        found->is_held = true;
    if (found->shows)
        show(entry);
    return 0;
}

/* audit.log of a directory, or the file itself. */
static int find_file(const char *path, char out[FILE_PATH_MAX], struct err *err)
{
    struct stat stat_of;

    if (stat(path, &stat_of) == 0 && S_ISDIR(stat_of.st_mode))
        return file_join(path, AUDIT_NAME, out, err);
    if (snprintf(out, FILE_PATH_MAX, "%s", path) >= FILE_PATH_MAX)
        return err_set(err, ERR_INPUT, "%.60s...: the path is too long", path);
    return 0;
}

static int verify(const struct asked *asked, const char *path, const char *bytes,
                  size_t n_bytes, struct err *err)
{
    struct found found = {.holds = asked->holds, .shows = !asked->json};
    const struct audit_callback callback = {&found, take};

    if (audit_verify(bytes, n_bytes, &callback, err) != 0)
        return err_add(err, "%s", path);
    if (asked->holds != NULL && !found.is_held)
        return err_set(err, ERR_INPUT,
                       "%s: no entry has the digest %.64s: it was cut short, or is of "
                       "another relay",
                       path, asked->holds);
    if (asked->json)
        fwrite(bytes, 1, n_bytes, stdout);
    else
        printf("%llu entries, the chain holds%s%s\n", (unsigned long long)found.n,
               found.n > 0 ? "; the last is " : "", found.head);
    return 0;
}

int cmd_audit(int argc, char **argv, struct err *err)
{
    char path[FILE_PATH_MAX], *bytes;
    struct asked asked;
    size_t n_bytes;

    if (parse(argc, argv, &asked, err) != 0)
        return -1;
    if (asked.help) {
        fputs(usage, stdout);
        return 0;
    }
    if (find_file(asked.path, path, err) != 0 ||
        file_read(path, SIZE_MAX, &bytes, &n_bytes, err) != 0)
        return -1;
    const int status = verify(&asked, path, bytes, n_bytes, err);
    free(bytes);
    return status;
}
