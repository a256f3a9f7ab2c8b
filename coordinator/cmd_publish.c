#include "coordinator/command.h"
#include "coordinator/publish.h"
#include "core/clock.h"
#include "core/options.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

static const char usage[] =
    "usage: plimsoll publish parameters.json --sign KEY.secret ... --key KEY.secret\n"
    "                        --to ADDRESS --relay-key KEY.public ... | --bind "
    "ADDRESS\n"
    "                        --subscribers LIST [--state DIR] [--for 60s]\n"
    "                        [--until-acknowledged N]\n"
    "                        [--valid-for 7d | --valid-until TIME] [--valid-from "
    "TIME]\n"
    "                        [--audience GROUP,...] [--note TEXT] [--timeout 30s]\n"
    "                        [--guard JOB.yaml [--incumbent FILE]]\n"
    "       plimsoll publish parameters.json --plain [--bind ADDRESS | --to ADDRESS] "
    "...\n"
    "\n"
    "Signs a parameter set and offers it to a relay (--to), or serves it to the "
    "engines\n"
    "that subscribe, until SIGTERM or SIGINT (--bind). The set that was published "
    "last\n"
    "keeps its version, unless its validity, audience or note are set anew.\n"
    "\n"
    "  --sign         secret signing key; more than once for several signatures\n"
    "  --key          secret curve key: of this publisher with --to, of this listener "
    "with\n"
    "                 --bind (plimsoll keygen makes keys)\n"
    "  --to           a relay's intake: tcp://HOST:PORT or ipc://PATH; more than once\n"
    "                 where another takes over: tried in this order until one answers\n"
    "  --relay-key    the relay's public curve key; one for each --to, in the same "
    "order,\n"
    "                 or one for all\n"
    "  --timeout      how long to wait for the relays; default 30s\n"
    "  --bind         where to listen (port *: a free one); default "
    "tcp://127.0.0.1:7700\n"
    "  --subscribers  list of those who may connect, read again while it runs\n"
    "  --state        directory of last.publication, which holds the last version; "
    "default:\n"
    "                 the set's own. Publishing from the same one goes on counting. "
    "One\n"
    "                 publisher at a time. With --to (there is no default): where no "
    "verdict\n"
    "                 was heard, the same bytes are offered again, whatever they say\n"
    "  --for          stop after this long\n"
    "  --until-acknowledged N\n"
    "                 stop when N subscribers said that they hold the set; exit 75 "
    "where\n"
    "                 fewer did before the end\n"
    "  --valid-from   not used before; default: now\n"
    "  --valid-for    not used after this time; default 7d\n"
    "  --valid-until  the same as a moment\n"
    "  --audience     for these groups of the subscribers' list alone\n"
    "  --note         a line for those who read the manifest\n"
    "  --guard JOB.yaml\n"
    "                 the set must pass the guard-rails of this job (`publication:`)\n"
    "  --incumbent FILE\n"
    "                 what engines hold, for the guard-rails on changes; default: what "
    "was\n"
    "                 published last from the same state\n"
    "  --plain        without encryption and keys, on this machine alone; not signed "
    "either\n"
    "                 unless --sign is given\n"
    "\n"
    "Exit codes: 0 done, 2 usage, 3 bad input, 5 a guard-rail or the relay refuses, "
    "with\n"
    "the reason, 70 no answer, 75 stopped before the answer, or before N "
    "acknowledged.\n";

static volatile sig_atomic_t stop_asked;

static void ask_stop(int signal_number)
{
    (void)signal_number;
    stop_asked = 1;
}

static void catch_signals(void)
{
    const struct sigaction action = {.sa_handler = ask_stop}; /* interrupts waiting */

    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
}

/* ---- the command line ---- */

/* One more of several. */
static int take_one_of(const char *value, const char *one[], size_t *n, size_t most,
                       struct err *err)
{
    if (*n == most)
        return err_set(err, ERR_USAGE, "more than %zu", most);
    one[(*n)++] = value;
    return 0;
}

static int take_signer(void *into, const char *value, struct err *err)
{
    struct publish_plan *plan = into;

    return take_one_of(value, plan->signer, &plan->n_signers,
                       PUBLICATION_SIGNATURES_MAX, err);
}

static int take_relay(void *into, const char *value, struct err *err)
{
    struct publish_plan *plan = into;

    return take_one_of(value, plan->to, &plan->n_to, PUBLISH_RELAYS_MAX, err);
}

static int take_relay_key(void *into, const char *value, struct err *err)
{
    struct publish_plan *plan = into;

    return take_one_of(value, plan->relay_key, &plan->n_relay_keys, PUBLISH_RELAYS_MAX,
                       err);
}

#define AT(field) .offset = offsetof(struct publish_plan, field)
static const struct options_row rows[] = {
    {"sign", OPTIONS_CALL, .take = take_signer},
    {"key", OPTIONS_TEXT, AT(key)},
    {"to", OPTIONS_CALL, .take = take_relay},
    {"relay-key", OPTIONS_CALL, .take = take_relay_key},
    {"timeout", OPTIONS_DURATION, AT(timeout_ns)},
    {"bind", OPTIONS_TEXT, AT(bind)},
    {"subscribers", OPTIONS_TEXT, AT(subscribers)},
    {"state", OPTIONS_TEXT, AT(state)},
    {"for", OPTIONS_DURATION, AT(for_ns)},
    {"until-acknowledged", OPTIONS_INTEGER, AT(n_acknowledged), .min = 1,
     .max = 1000000},
    {"valid-from", OPTIONS_MOMENT, AT(valid_from_ns)},
    {"valid-for", OPTIONS_DURATION, AT(valid_for_ns)},
    {"valid-until", OPTIONS_MOMENT, AT(valid_until_ns)},
    {"audience", OPTIONS_TEXT, AT(audience)},
    {"note", OPTIONS_TEXT, AT(note)},
    {"guard", OPTIONS_TEXT, AT(guard)},
    {"incumbent", OPTIONS_TEXT, AT(incumbent)},
    {"plain", OPTIONS_FLAG, AT(plain)},
};
#undef AT

static const struct options_table table = {"publish", "one parameter set", rows,
                                           sizeof rows / sizeof *rows};

/* What each way of publishing needs, and what it has no use for. */
static int check_plan(const struct publish_plan *plan, struct err *err)
{
    const bool is_relay = plan->n_to > 0;
    const char *theirs = is_relay ? plan->relay_key[0] : plan->subscribers;

    if (is_relay && (plan->bind != NULL || plan->subscribers != NULL ||
                     plan->for_ns != 0 || plan->n_acknowledged != 0))
        return err_set(err, ERR_USAGE,
                       "--to has no use for --bind, --subscribers, --for and "
                       "--until-acknowledged");
    if (!is_relay && plan->n_relay_keys > 0)
        return err_set(err, ERR_USAGE, "--relay-key is for --to");
    if (plan->n_relay_keys > 1 && plan->n_relay_keys != plan->n_to)
        return err_set(
            err, ERR_USAGE,
            "%zu --relay-key for %zu --to: one for each, in the same order, or "
            "one for all",
            plan->n_relay_keys, plan->n_to);
    if (plan->plain && (plan->key != NULL || theirs != NULL))
        return err_set(err, ERR_USAGE, "--plain has no use for keys");
    if (!plan->plain && (plan->key == NULL || theirs == NULL || plan->n_signers == 0))
        return err_set(err, ERR_USAGE,
                       "--sign, --key and %s are needed (or --plain, which does not "
                       "leave this machine)",
                       is_relay ? "--relay-key" : "--subscribers");
    if (plan->valid_until_ns != 0 && plan->valid_for_ns != 0)
        return err_set(err, ERR_USAGE, "--valid-for and --valid-until are both given");
    if (plan->incumbent != NULL && plan->guard == NULL)
        return err_set(err, ERR_USAGE, "--incumbent is for --guard");
    if (plan->audience != NULL && trust_check_groups(plan->audience, err) != 0)
        return err_add(err, "--audience");
    return is_relay ? 0 : stream_check_address(plan->bind, plan->key != NULL, err);
}

static int check_line(const struct options_rest *rest, struct publish_plan *plan,
                      struct err *err)
{
    plan->path = rest->word[0];
    if (plan->n_to == 0 && plan->bind == NULL)
        plan->bind = "tcp://127.0.0.1:7700";
    if (check_plan(plan, err) == 0)
        return 0;
    err->kind = ERR_USAGE;
    return -1;
}

static int publish(const struct publish_plan *plan, struct err *err)
{
    struct publish_matter matter;

    catch_signals();
    int status = publish_read(plan, &matter, err);
    if (status == 0)
        status = plan->n_to > 0 ? publish_to_relay(plan, &matter, err)
                                : publish_directly(plan, &matter, err);
    publish_forget(&matter);
    return status;
}

int cmd_publish(int argc, char **argv, struct err *err)
{
    struct publish_plan plan = {.timeout_ns = 30 * CLOCK_SECOND, .stop = &stop_asked};
    struct options_rest rest;

    if (options_read(&table, argc, argv, &plan, &rest, err) != 0)
        return -1;
    if (rest.help) {
        fputs(usage, stdout);
        return 0;
    }
    if (check_line(&rest, &plan, err) != 0 || publish(&plan, err) != 0)
        return err_add(err, "publish");
    return 0;
}
