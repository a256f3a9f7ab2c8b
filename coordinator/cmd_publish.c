#include "coordinator/command.h"
#include "coordinator/publish.h"
#include "core/clock.h"
#include "core/text.h"

#include <getopt.h>
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

enum take { TAKE_TEXT, TAKE_SPAN, TAKE_MOMENT, TAKE_COUNT };

static const struct option longs[] = {
    {"sign", required_argument, NULL, 's'},
    {"key", required_argument, NULL, 'k'},
    {"to", required_argument, NULL, 't'},
    {"relay-key", required_argument, NULL, 'r'},
    {"timeout", required_argument, NULL, 'T'},
    {"bind", required_argument, NULL, 'b'},
    {"subscribers", required_argument, NULL, 'l'},
    {"state", required_argument, NULL, 'd'},
    {"for", required_argument, NULL, 'f'},
    {"until-acknowledged", required_argument, NULL, 'n'},
    {"valid-from", required_argument, NULL, 'v'},
    {"valid-for", required_argument, NULL, 'w'},
    {"valid-until", required_argument, NULL, 'u'},
    {"audience", required_argument, NULL, 'a'},
    {"note", required_argument, NULL, 'N'},
    {"guard", required_argument, NULL, 'g'},
    {"incumbent", required_argument, NULL, 'i'},
    {"plain", no_argument, NULL, 'p'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0}};

#define FIELD(name) offsetof(struct publish_plan, name)
static const struct rule {
    int letter;
    enum take take;
    size_t offset; /* in struct publish_plan */
} rules[] = {
    {'k', TAKE_TEXT, FIELD(key)},
    {'T', TAKE_SPAN, FIELD(timeout_ns)},
    {'b', TAKE_TEXT, FIELD(bind)},
    {'l', TAKE_TEXT, FIELD(subscribers)},
    {'d', TAKE_TEXT, FIELD(state)},
    {'f', TAKE_SPAN, FIELD(for_ns)},
    {'n', TAKE_COUNT, FIELD(n_acknowledged)},
    {'v', TAKE_MOMENT, FIELD(valid_from_ns)},
    {'w', TAKE_SPAN, FIELD(valid_for_ns)},
    {'u', TAKE_MOMENT, FIELD(valid_until_ns)},
    {'a', TAKE_TEXT, FIELD(audience)},
    {'N', TAKE_TEXT, FIELD(note)},
    {'g', TAKE_TEXT, FIELD(guard)},
    {'i', TAKE_TEXT, FIELD(incumbent)},
};

static const char *name_of(int letter)
{
    size_t i = 0;

    while (longs[i].val != letter)
        i++;
    return longs[i].name;
}

static int take_value(const struct rule *rule, const char *text,
                      struct publish_plan *plan, struct err *err)
{
    void *field = (char *)plan + rule->offset;
    const size_t n = strlen(text);
    int status = 0;

    switch (rule->take) {
    case TAKE_TEXT:
        *(const char **)field = text;
        break;
    case TAKE_SPAN:
        status = clock_parse_duration(text, n, field, err);
        break;
    case TAKE_MOMENT:
        status = clock_parse_moment(text, n, field, err);
        break;
    case TAKE_COUNT:
        status = text_to_integer(text, n, 1, 1000000, field, err);
        break;
    }
    return status != 0 ? err_add(err, "--%s", name_of(rule->letter)) : 0;
}

/* One more of several. */
static int take_one_of(const char *name, const char *one[], size_t *n, size_t most,
                       struct err *err)
{
    if (*n == most)
        return err_set(err, ERR_USAGE, "--%s: more than %zu", name, most);
    one[(*n)++] = optarg;
    return 0;
}

static int take_option(int letter, char **argv, struct publish_plan *plan,
                       struct err *err)
{
    if (letter == 'p') {
        plan->plain = true;
        return 0;
    }
    if (letter == 's')
        return take_one_of("sign", plan->signer, &plan->n_signers,
                           PUBLICATION_SIGNATURES_MAX, err);
    if (letter == 't')
        return take_one_of("to", plan->to, &plan->n_to, PUBLISH_RELAYS_MAX, err);
    if (letter == 'r')
        return take_one_of("relay-key", plan->relay_key, &plan->n_relay_keys,
                           PUBLISH_RELAYS_MAX, err);
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (rules[i].letter == letter)
            return take_value(&rules[i], optarg, plan, err);
    return err_set(err, ERR_USAGE, "%s is not an option, or has no value",
                   argv[optind - 1]);
}

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

static int parse(int argc, char **argv, struct publish_plan *plan, bool *help,
                 struct err *err)
{
    int letter;

    *plan = (struct publish_plan){.timeout_ns = 30 * CLOCK_SECOND, .stop = &stop_asked};
    *help = false;
    opterr = 0;
    optind = 1;
    while ((letter = getopt_long(argc, argv, "", longs, NULL)) != -1) {
        *help = letter == 'h';
        if (*help)
            return 0;
        if (take_option(letter, argv, plan, err) != 0)
            return -1;
    }
    if (optind + 1 != argc)
        return err_set(err, ERR_USAGE,
                       "which one parameter set? (plimsoll publish --help)");
    plan->path = argv[optind];
    if (plan->n_to == 0 && plan->bind == NULL)
        plan->bind = "tcp://127.0.0.1:7700";
    return check_plan(plan, err);
}

int cmd_publish(int argc, char **argv, struct err *err)
{
    struct publish_matter matter;
    struct publish_plan plan;
    bool help;

    if (parse(argc, argv, &plan, &help, err) != 0) {
        err->kind = ERR_USAGE;
        return err_add(err, "publish");
    }
    if (help) {
        fputs(usage, stdout);
        return 0;
    }
    catch_signals();
    int status = publish_read(&plan, &matter, err);
    if (status == 0)
        status = plan.n_to > 0 ? publish_to_relay(&plan, &matter, err)
                               : publish_directly(&plan, &matter, err);
    publish_forget(&matter);
    return status != 0 ? err_add(err, "publish") : 0;
}
