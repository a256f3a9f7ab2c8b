#include "coordinator/night_options.h"
#include "core/clock.h"
#include "core/options.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

static const char usage[] =
    "usage: plimsoll night next  --first TIME --every 1d\n"
    "       plimsoll night begin BOOK --first TIME --every 1d --owner TEXT\n"
    "                            [--late 1h] [--stale 6h] [--slot TIME] [--again]\n"
    "       plimsoll night note  BOOK --slot TIME --attempt N --state STATE\n"
    "                            [--reason TEXT] [--digest HEX] [--version N]\n"
    "                            [--unless-ended]\n"
    "       plimsoll night judge BOOK --slot TIME --attempt N --output DIR\n"
    "                            [--max-age 36h] [--all]\n"
    "       plimsoll night check BOOK [--last 7] [--json | --line] [--prometheus "
    "FILE]\n"
    "\n"
    "Keeps the book of scheduled calibrations: a late, skipped or doubled night is\n"
    "noticed, none is published twice, none is silently absent. The scripts of slurm/\n"
    "call it; `check` is also for people and monitors.\n"
    "\n"
    "  next    the slot of the calendar that comes next, and in how many seconds\n"
    "  begin   take the slot that is now due, or --slot. Refused where another owner "
    "is\n"
    "          at it and was heard of within --stale, where it is published, or where "
    "a\n"
    "          later one is on its way. One that was held or has failed is begun "
    "again\n"
    "          only with --again. Prints slot=, attempt=, late_s= and a missed= for "
    "each\n"
    "          slot that nobody has begun since the last\n"
    "  note    write down where a slot has got: running (also a sign of life),\n"
    "          validated (with --digest), publishing (the same --digest), published\n"
    "          (with --version), held or failed (with --reason). What a former "
    "attempt\n"
    "          notes is refused, and what comes after a later slot's publication\n"
    "  judge   may the calibration in DIR be published? Notes validated and prints "
    "the\n"
    "          set's SHA-256, or notes held with the reason: it was refused by a gate "
    "or\n"
    "          guard-rail, its last bar is more than --max-age before the slot, no\n"
    "          instrument (--all: not every one) has a calibrated value\n"
    "  check   the last slots, or --slot, and whether each was published\n"
    "\n"
    "  --first TIME    the calendar: the first slot, in UTC\n"
    "  --every TIME    ... and from one to the next (1d, 12h)\n"
    "  --late TIME     a slot begun so long after its moment is late; 1h\n"
    "  --stale TIME    an owner that is silent for so long is gone; 6h. Longer than "
    "any\n"
    "                  step takes, with its waiting in the queue\n"
    "  --owner TEXT    who begins it, for people: a Slurm job, a host\n"
    "  --last N        slots that check looks at; 7\n"
    "  --json          as JSON\n"
    "  --line          only the last slot, or --slot, in one line: a mail's subject\n"
    "  --prometheus FILE\n"
    "                  figures for Prometheus, replaced whole\n"
    "  --help          this text\n"
    "\n"
    "Exit codes: 0 done, 2 usage, 3 bad input, 4 a night that check looked at should\n"
    "have been published and was not, 5 refused or held, with the reason.\n";

void night_options_help(void)
{
    fputs(usage, stdout);
}

static int take_state(void *into, const char *value, struct err *err)
{
    struct night_request *request = into;

    for (int i = NIGHT_RUNNING; i < NIGHT_SUPERSEDED; i++)
        if (strcmp(value, night_state_text((enum night_state)i)) == 0) {
            request->word.state = (enum night_state)i;
            return 0;
        }
    return err_set(err, ERR_USAGE,
                   "'%s' is none of running, validated, publishing, published, held, "
                   "failed",
                   value);
}

static int take_digest(void *into, const char *value, struct err *err)
{
    struct night_request *request = into;

    if (strlen(value) != SHA256_TEXT_MAX - 1 ||
        strspn(value, "0123456789abcdef") != SHA256_TEXT_MAX - 1)
        return err_set(err, ERR_USAGE,
                       "'%.70s' is not 64 lower-case hexadecimal digits", value);
    request->word.sha256 = value;
    return 0;
}

#define AT(field) .offset = offsetof(struct night_request, field)
static const struct options_row rows[] = {
    {"first", OPTIONS_MOMENT, AT(calendar.first_ns)},
    {"every", OPTIONS_DURATION, AT(calendar.every_ns)},
    {"late", OPTIONS_DURATION, AT(calendar.late_ns)},
    {"stale", OPTIONS_DURATION, AT(calendar.stale_ns)},
    {"owner", OPTIONS_TEXT, AT(wish.owner)},
    {"slot", OPTIONS_MOMENT, AT(word.slot_ns)},
    {"again", OPTIONS_FLAG, AT(wish.again)},
    {"attempt", OPTIONS_INTEGER, AT(word.attempt), .min = 1, .max = INT64_MAX},
    {"state", OPTIONS_CALL, .take = take_state},
    {"reason", OPTIONS_TEXT, AT(word.reason)},
    {"digest", OPTIONS_CALL, .take = take_digest},
    {"version", OPTIONS_INTEGER, AT(word.version), .min = 1, .max = INT64_MAX},
    {"unless-ended", OPTIONS_FLAG, AT(word.unless_ended)},
    {"output", OPTIONS_TEXT, AT(directory)},
    {"max-age", OPTIONS_DURATION, AT(rule.max_age_ns)},
    {"all", OPTIONS_FLAG, AT(rule.all)},
    {"last", OPTIONS_INTEGER, AT(n_last), .min = 1, .max = INT64_MAX},
    {"json", OPTIONS_FLAG, AT(as_json)},
    {"line", OPTIONS_FLAG, AT(as_line)},
    {"prometheus", OPTIONS_TEXT, AT(prometheus)},
};
#undef AT

static const struct options_table table = {"night", "", rows,
                                           sizeof rows / sizeof *rows};

static bool is_verb(const char *word)
{
    static const char *const verbs[] = {"next", "begin", "note", "judge", "check"};

    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (strcmp(word, verbs[i]) == 0)
            return true;
    return false;
}

static int take_words(const struct options_rest *rest, struct night_request *request,
                      struct err *err)
{
    if (rest->n_words == 0)
        return err_set(err, ERR_USAGE,
                       "night: next, begin, note, judge or check? (plimsoll night "
                       "--help)");
    request->verb = rest->word[0];
    if (!is_verb(request->verb))
        return err_set(err, ERR_USAGE,
                       "night: '%s' is none of next, begin, note, judge and check",
                       request->verb);
    const bool wants_book = strcmp(request->verb, "next") != 0;
    if (rest->n_words != 1u + wants_book)
        return err_set(err, ERR_USAGE, "night: %s: %s", request->verb,
                       wants_book ? "which one book of nights?" : "takes no book");
    request->book = wants_book ? rest->word[1] : NULL;
    return 0;
}

int night_options_read(int argc, char **argv, struct night_request *request,
                       struct err *err)
{
    struct options_rest rest;

    *request = (struct night_request){
        .calendar = {.first_ns = -1, .late_ns = CLOCK_HOUR, .stale_ns = 6 * CLOCK_HOUR},
        .word = {.slot_ns = -1, .state = NIGHT_BEGUN},
        .n_last = 7};
    if (options_read(&table, argc, argv, request, &rest, err) != 0)
        return -1;
    request->help = rest.help;
    return rest.help ? 0 : take_words(&rest, request, err);
}
