#include "client/keyfile.h"
#include "coordinator/command.h"
#include "core/options.h"

#include <libgen.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

static const char usage[] =
    "usage: plimsoll keygen --kind signing|curve --output PATH [--name NAME]\n"
    "\n"
    "Makes a pair of keys: PATH.secret, which nobody but you may read, and "
    "PATH.public, "
    "whose\n"
    "line is copied into the trust files of those who shall accept it. Files that are "
    "there\n"
    "already are kept.\n"
    "\n"
    "  --kind    signing: who says that engines shall use a set;\n"
    "            curve: who may connect (relays, publishers and engines, a pair each)\n"
    "  --output  where to, without .secret and .public\n"
    "  --name    whose it is, in lists and logs; default: the last part of PATH\n"
    "\n"
    "Exit codes: 0 done, 2 usage, 3 a file is there already or cannot be written.\n";

struct asked {
    enum key_kind kind;
    const char *output, *name;
    bool has_kind;
};

static int take_kind(void *into, const char *value, struct err *err)
{
    struct asked *asked = into;

    asked->has_kind = true;
    return key_kind_read(value, &asked->kind, err);
}

#define AT(field) .offset = offsetof(struct asked, field)
static const struct options_row rows[] = {
    {"kind", OPTIONS_CALL, .take = take_kind},
    {"output", OPTIONS_TEXT, AT(output)},
    {"name", OPTIONS_TEXT, AT(name)},
};
#undef AT

static const struct options_table table = {"keygen", NULL, rows,
                                           sizeof rows / sizeof *rows};

static int make(const struct asked *asked, struct err *err)
{
    char copy[4096], hex[KEY_HEX_MAX];
    struct key key;

    snprintf(copy, sizeof copy, "%s", asked->output);
    if (key_generate(asked->kind, asked->name != NULL ? asked->name : basename(copy),
                     &key, err) != 0) {
        err->kind = ERR_USAGE;
        return -1;
    }
    const int status = key_write(&key, asked->output, err);
    if (status == 0)
        printf("%s.secret and %s.public: %s %s %s\n", asked->output, asked->output,
               key_kind_text(key.kind), key_text(key.public, hex), key.name);
    key_forget(&key);
    return status;
}

int cmd_keygen(int argc, char **argv, struct err *err)
{
    struct options_rest rest;
    struct asked asked = {0};

    if (options_read(&table, argc, argv, &asked, &rest, err) != 0)
        return -1;
    if (rest.help) {
        fputs(usage, stdout);
        return 0;
    }
    if (!asked.has_kind || asked.output == NULL)
        return err_set(err, ERR_USAGE, "keygen: --kind and --output are both needed");
    return make(&asked, err) != 0 ? err_add(err, "keygen") : 0;
}
