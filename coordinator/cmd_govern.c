#include "client/diff.h"
#include "client/set.h"
#include "coordinator/command.h"
#include "coordinator/relay_control.h"
#include "coordinator/relay_store.h"
#include "core/clock.h"
#include "core/options.h"
#include "core/text.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What their command lines ask for. */
struct asked {
    const char *store, *key, *reason;
    int64_t version, to, valid_for_ns;
};

/* Each command takes some of these, which stand side by side. */
enum { REASON, KEY, TO, VALID_FOR };
#define AT(field) .offset = offsetof(struct asked, field)
static const struct options_row rows[] = {
    [REASON] = {"reason", OPTIONS_TEXT, AT(reason)},
    [KEY] = {"key", OPTIONS_TEXT, AT(key)},
    [TO] = {"to", OPTIONS_INTEGER, AT(to), .min = 1, .max = INT64_MAX},
    [VALID_FOR] = {"valid-for", OPTIONS_DURATION, AT(valid_for_ns)},
};
#undef AT

/* The commands that govern a relay: each is its options, its usage and what it needs.
 */
struct verb {
    struct options_table table;
    const char *usage;
    bool needs_version, needs_key, needs_reason, needs_to;
};

#define TAIL                                                                           \
    "\nSTORE is the relay's store; the relay must run. Whoever may write the store "   \
    "may\n"                                                                            \
    "do this; it is in the audit log under the user's name. Exit codes: 0 done, 5 "    \
    "the\n"                                                                            \
    "relay refuses (with the reason), 3 bad input, 70 no relay answers, 2 usage.\n"

static const struct verb freeze = {
    .table = {"freeze", "", rows + REASON, 1},
    .usage = "usage: plimsoll freeze STORE --reason TEXT\n"
             "\n"
             "Stops updates: no offer is taken but rollbacks, and nothing goes on to "
             "the\nnext group. Engines keep what they have.\n"
             "\n"
             "  --reason TEXT  why, for the audit log and for publishers\n" TAIL,
    .needs_reason = true};

static const struct verb unfreeze = {
    .table = {"unfreeze", "", rows + REASON, 1},
    .usage = "usage: plimsoll unfreeze STORE --reason TEXT\n"
             "\n"
             "Lets updates pass again after `plimsoll freeze`.\n"
             "\n"
             "  --reason TEXT  why, for the audit log\n" TAIL,
    .needs_reason = true};

static const struct verb promote = {
    .table = {"promote", "", rows, 0},
    .usage = "usage: plimsoll promote STORE VERSION\n"
             "\n"
             "Serves the newest accepted publication, which must be VERSION, to the "
             "next\ngroup of subscribers now.\n" TAIL,
    .needs_version = true};

static const struct verb withdraw = {
    .table = {"withdraw", "", rows + REASON, 1},
    .usage = "usage: plimsoll withdraw STORE VERSION --reason TEXT\n"
             "\n"
             "Drops the publication that waits for signatures, which must be VERSION. "
             "What\nis served already is not withdrawn but followed by a rollback.\n"
             "\n"
             "  --reason TEXT  why, for the audit log\n" TAIL,
    .needs_version = true,
    .needs_reason = true};

static const struct verb approve = {
    .table = {"approve", "", rows + KEY, 1},
    .usage = "usage: plimsoll approve STORE VERSION [--key NAME.secret]\n"
             "\n"
             "Shows what the publication that waits for signatures changes against the "
             "set\nin production, and signs it. It goes out once enough have signed.\n"
             "\n"
             "  --key NAME.secret  signing key of one whose signature counts; without "
             "it\n                     the change is only shown\n" TAIL,
    .needs_version = true};

static const struct verb rollback = {
    .table = {"rollback", "", rows, 4},
    .usage =
        "usage: plimsoll rollback STORE --to VERSION --key NAME.secret\n"
        "                         [--reason TEXT] [--valid-for 30d]\n"
        "\n"
        "Publishes the set that was in production under VERSION again, as a new "
        "version,\nwhich goes to all groups at once, also while updates are frozen.\n"
        "\n"
        "  --to VERSION       the version whose set engines shall hold again\n"
        "  --key NAME.secret  signing key; where several must sign, the others "
        "approve\n"
        "  --reason TEXT      the publication's note\n"
        "  --valid-for TIME   from now; default: as long as that version was "
        "valid\n" TAIL,
    .needs_key = true,
    .needs_to = true};

/* ---- the command line ---- */

static int check_complete(const struct verb *verb, const struct asked *asked,
                          struct err *err)
{
    const char *missing = NULL;

    if (verb->needs_reason && asked->reason == NULL)
        missing = "--reason TEXT";
    if (verb->needs_key && asked->key == NULL)
        missing = "--key NAME.secret";
    if (verb->needs_to && asked->to == 0)
        missing = "--to VERSION";
    if (missing == NULL)
        return 0;
    return err_set(err, ERR_USAGE, "%s is missing (plimsoll %s --help)", missing,
                   verb->table.command);
}

static int take_words(const struct verb *verb, const struct options_rest *rest,
                      struct asked *asked, struct err *err)
{
    if (rest->n_words != 1u + verb->needs_version)
        return err_set(err, ERR_USAGE, "which %s? (plimsoll %s --help)",
                       verb->needs_version ? "store and version" : "store",
                       verb->table.command);
    asked->store = rest->word[0];
    if (!verb->needs_version || text_to_integer(rest->word[1], strlen(rest->word[1]), 1,
                                                INT64_MAX, &asked->version, err) == 0)
        return check_complete(verb, asked, err);
    err->kind = ERR_USAGE;
    return err_add(err, "VERSION");
}

/* 1: help was asked for, and is printed. */
static int parse(const struct verb *verb, int argc, char **argv, struct asked *asked,
                 struct err *err)
{
    struct options_rest rest;

    *asked = (struct asked){0};
    if (options_read(&verb->table, argc, argv, asked, &rest, err) != 0)
        return -1;
    if (rest.help) {
        fputs(verb->usage, stdout);
        return 1;
    }
    return take_words(verb, &rest, asked, err) != 0 ? err_add(err, "%s", argv[0]) : 0;
}

/* ---- what the store holds ---- */

static int parse_set(const struct publication *publication, struct plimsoll_set **set,
                     struct err *err)
{
    return plimsoll_set_parse(publication->parts.set, publication->parts.n_set, set,
                              err);
}

static int show_change(const struct relay_store *store,
                       const struct publication *pending, struct err *err)
{
    const struct relay_entry *entry = relay_state_production(relay_store_state(store));
    struct publication *production = NULL;
    struct plimsoll_set *old = NULL, *new = NULL;
    int status = parse_set(pending, &new, err);

    printf("version %llu: %zu instruments, note: %s\n",
           (unsigned long long)pending->is.name.version,
           status == 0 ? plimsoll_set_count(new) : 0, pending->is.note);
    if (status == 0 && entry == NULL)
        printf("nothing is in production to compare it with\n");
    if (status == 0 && entry != NULL) {
        status = relay_store_load(store, entry, &production, err);
        if (status == 0)
            status = parse_set(production, &old, err);
        if (status == 0) {
            printf("against version %llu in production:\n",
                   (unsigned long long)entry->name.version);
            if (plimsoll_diff_print(old, new, stdout) == 0)
                printf("nothing changes\n");
        }
    }
    plimsoll_set_free(old);
    plimsoll_set_free(new);
    publication_free(production);
    return status;
}

/* ---- asking ---- */

static int ask(const struct asked *asked, const struct relay_command *command,
               struct err *err)
{
    char *answer;

    if (relay_control_ask(asked->store, command, &answer, err) != 0)
        return err_add(err, "%s", command->verb);
    printf("%s%s\n", answer[0] != '\0' ? answer : command->verb,
           answer[0] != '\0' ? "" : ": done");
    free(answer);
    return 0;
}

static int run_simple(const struct verb *verb, int argc, char **argv, struct err *err)
{
    struct asked asked;
    const int parsed = parse(verb, argc, argv, &asked, err);

    if (parsed != 0)
        return parsed < 0 ? -1 : 0;
    const struct relay_command command = {.verb = verb->table.command,
                                          .version = (uint64_t)asked.version,
                                          .text = asked.reason};
    return ask(&asked, &command, err);
}

int cmd_freeze(int argc, char **argv, struct err *err)
{
    return run_simple(&freeze, argc, argv, err);
}

int cmd_unfreeze(int argc, char **argv, struct err *err)
{
    return run_simple(&unfreeze, argc, argv, err);
}

int cmd_promote(int argc, char **argv, struct err *err)
{
    return run_simple(&promote, argc, argv, err);
}

int cmd_withdraw(int argc, char **argv, struct err *err)
{
    return run_simple(&withdraw, argc, argv, err);
}

/* ---- approve ---- */

static int sign_pending(const struct asked *asked, const struct publication *pending,
                        struct err *err)
{
    struct publication_signature signature;
    struct key key;

    if (key_read(asked->key, KEY_SIGNING, &key, err) != 0)
        return -1;
    int status = publication_sign(&key, pending->parts.manifest,
                                  pending->parts.n_manifest, &signature, err);
    key_forget(&key);
    const struct relay_command command = {.verb = "approve",
                                          .version = (uint64_t)asked->version,
                                          .signature = &signature};
    return status != 0 ? -1 : ask(asked, &command, err);
}

static int approve_pending(const struct asked *asked, const struct relay_store *store,
                           struct err *err)
{
    const struct relay_entry *entry = relay_state_pending(relay_store_state(store));
    struct publication *pending;

    if (entry == NULL || entry->name.version != (uint64_t)asked->version)
        return err_set(err, ERR_REFUSED, "version %lld does not wait for signatures",
                       (long long)asked->version);
    if (relay_store_load(store, entry, &pending, err) != 0)
        return -1;
    int status = show_change(store, pending, err);
    if (status == 0 && asked->key != NULL)
        status = sign_pending(asked, pending, err);
    publication_free(pending);
    return status;
}

/* ---- rollback ---- */

static const struct relay_entry *find_production(const struct relay_state *state,
                                                 uint64_t version)
{
    for (size_t i = state->n; i-- > 0;)
        if (state->entry[i].name.version == version &&
            state->entry[i].production_ns > 0)
            return &state->entry[i];
    return NULL;
}

/* Above every version that was ever offered, withdrawn ones too: none is signed twice.
 */
static uint64_t next_version(const struct relay_state *state, uint64_t epoch)
{
    uint64_t version = 0;

    for (size_t i = 0; i < state->n; i++)
        if (state->entry[i].name.epoch == epoch &&
            state->entry[i].name.version > version)
            version = state->entry[i].name.version;
    return version + 1;
}

static struct manifest make_manifest(const struct asked *asked,
                                     const struct relay_state *state,
                                     const struct publication *old)
{
    const struct relay_entry *newest = relay_state_newest(state);
    const int64_t now_ns = clock_now() / CLOCK_SECOND * CLOCK_SECOND;
    const int64_t valid_ns = asked->valid_for_ns > 0
                                 ? asked->valid_for_ns
                                 : old->is.valid_until_ns - old->is.valid_from_ns;
    struct manifest manifest = {
        .name = {.epoch = newest->name.epoch,
                 .version = next_version(state, newest->name.epoch)},
        .has_parent = true,
        .published_ns = now_ns,
        .valid_from_ns = now_ns,
        .valid_until_ns = now_ns + valid_ns,
        .rollback_of = (uint64_t)asked->to};

    memcpy(manifest.parent_sha256, newest->name.sha256, sizeof newest->name.sha256);
    snprintf(manifest.note, sizeof manifest.note, "%s",
             asked->reason != NULL ? asked->reason : "");
    return manifest;
}

static int offer_again(const struct asked *asked, const struct relay_state *state,
                       const struct publication *old, struct err *err)
{
    const struct manifest manifest = make_manifest(asked, state, old);
    struct publication *publication;
    struct key key;

    if (key_read(asked->key, KEY_SIGNING, &key, err) != 0)
        return -1;
    int status = publication_make(&manifest, old->parts.set, old->parts.n_set, 1, &key,
                                  &publication, err);
    key_forget(&key);
    if (status != 0)
        return -1;
    const struct relay_command command = {.verb = "offer", .publication = publication};
    status = ask(asked, &command, err);
    publication_free(publication);
    return status;
}

static int roll_back(const struct asked *asked, const struct relay_store *store,
                     struct err *err)
{
    const struct relay_state *state = relay_store_state(store);
    const struct relay_entry *entry = find_production(state, (uint64_t)asked->to);
    struct publication *old;

    if (entry == NULL)
        return err_set(err, ERR_REFUSED, "version %lld was never in production here",
                       (long long)asked->to);
    if (relay_store_load(store, entry, &old, err) != 0)
        return -1;
    const int status = offer_again(asked, state, old, err);
    publication_free(old);
    return status;
}

static int run_on_store(const struct verb *verb, int argc, char **argv,
                        int (*run)(const struct asked *, const struct relay_store *,
                                   struct err *),
                        struct err *err)
{
    struct relay_store *store;
    struct asked asked;
    const int parsed = parse(verb, argc, argv, &asked, err);

    if (parsed != 0)
        return parsed < 0 ? -1 : 0;
    if (relay_store_look(asked.store, &store, err) != 0)
        return err_add(err, "%s", verb->table.command);
    const int status = run(&asked, store, err);
    relay_store_close(store);
    return status;
}

int cmd_approve(int argc, char **argv, struct err *err)
{
    return run_on_store(&approve, argc, argv, approve_pending, err);
}

int cmd_rollback(int argc, char **argv, struct err *err)
{
    return run_on_store(&rollback, argc, argv, roll_back, err);
}
