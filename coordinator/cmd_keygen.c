#include "client/keyfile.h"
#include "coordinator/command.h"
#include "core/err.h"

#include <getopt.h>
#include <libgen.h>
#include <stdbool.h>
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
    bool has_kind, help;
};

static int take_option(int letter, char **argv, struct asked *asked, struct err *err)
{
    switch (letter) {
    case 'k':
        asked->has_kind = true;
        return key_kind_read(optarg, &asked->kind, err) != 0 ? err_add(err, "--kind")
                                                             : 0;
    case 'o':
        asked->output = optarg;
        return 0;
    case 'n':
        asked->name = optarg;
        return 0;
    case 'h':
        asked->help = true;
        return 0;
    default:
        return err_set(err, ERR_USAGE, "%s is not an option, or has no value",
                       argv[optind - 1]);
    }
}

static int parse(int argc, char **argv, struct asked *asked, struct err *err)
{
    static const struct option longs[] = {{"kind", required_argument, NULL, 'k'},
                                          {"output", required_argument, NULL, 'o'},
                                          {"name", required_argument, NULL, 'n'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    int letter;

    *asked = (struct asked){0};
    opterr = 0;
    optind = 1;
    while (!asked->help && (letter = getopt_long(argc, argv, "", longs, NULL)) != -1)
        if (take_option(letter, argv, asked, err) != 0)
            return -1;
    if (asked->help)
        return 0;
    if (optind != argc)
        return err_set(err, ERR_USAGE, "%s is not an option", argv[optind]);
    if (!asked->has_kind || asked->output == NULL)
        return err_set(err, ERR_USAGE, "--kind and --output are both needed");
    return 0;
}

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
    struct asked asked;

    if (parse(argc, argv, &asked, err) != 0) {
        err->kind = ERR_USAGE;
        return err_add(err, "keygen");
    }
    if (asked.help) {
        fputs(usage, stdout);
        return 0;
    }
    return make(&asked, err) != 0 ? err_add(err, "keygen") : 0;
}
