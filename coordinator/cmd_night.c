#include "coordinator/command.h"
#include "coordinator/night.h"
#include "coordinator/night_judge.h"
#include "coordinator/night_view.h"
#include "core/clock.h"
#include "core/file.h"
#include "core/lock.h"
#include "core/text.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

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

struct asked {
    const char *verb, *book, *directory, *prometheus;
    struct night_calendar calendar;
    struct night_wish wish;
    struct night_word word;
    struct night_rule rule;
    int64_t n_last;
    bool has_first, has_slot, has_state, as_json, as_line, help;
};

/* ---- the command line ---- */

static int take_moment(const char *text, int64_t *moment_ns, struct err *err)
{
    return clock_parse_moment(text, strlen(text), moment_ns, err);
}

static int take_duration(const char *text, int64_t *duration_ns, struct err *err)
{
    return clock_parse_duration(text, strlen(text), duration_ns, err);
}

static int take_count(const char *text, int64_t *n, struct err *err)
{
    return text_to_integer(text, strlen(text), 1, INT64_MAX, n, err);
}

static int take_state(const char *text, enum night_state *state, struct err *err)
{
    for (int i = NIGHT_RUNNING; i < NIGHT_SUPERSEDED; i++)
        if (strcmp(text, night_state_text((enum night_state)i)) == 0) {
            *state = (enum night_state)i;
            return 0;
        }
    return err_set(err, ERR_USAGE,
                   "'%s' is none of running, validated, publishing, published, held, "
                   "failed",
                   text);
}

static int take_sha256(const char *text, const char **sha256, struct err *err)
{
    if (strlen(text) != SHA256_TEXT_MAX - 1 ||
        strspn(text, "0123456789abcdef") != SHA256_TEXT_MAX - 1)
        return err_set(err, ERR_USAGE,
                       "'%.70s' is not 64 lower-case hexadecimal digits", text);
    *sha256 = text;
    return 0;
}

/* Options with a value that is read. */
static int take_value(int letter, struct asked *asked, struct err *err)
{
    switch (letter) {
    case 'f':
        asked->has_first = true;
        return take_moment(optarg, &asked->calendar.first_ns, err);
    case 'e':
        return take_duration(optarg, &asked->calendar.every_ns, err);
    case 'l':
        return take_duration(optarg, &asked->calendar.late_ns, err);
    case 't':
        return take_duration(optarg, &asked->calendar.stale_ns, err);
    case 's':
        asked->has_slot = true;
        return take_moment(optarg, &asked->word.slot_ns, err);
    case 'n':
        return take_count(optarg, &asked->word.attempt, err);
    case 'S':
        asked->has_state = true;
        return take_state(optarg, &asked->word.state, err);
    case 'h':
        return take_sha256(optarg, &asked->word.sha256, err);
    case 'v':
        return take_count(optarg, &asked->word.version, err);
    case 'm':
        return take_duration(optarg, &asked->rule.max_age_ns, err);
    default:
        return take_count(optarg, &asked->n_last, err);
    }
}

static int take_option(int letter, const char *said, struct asked *asked,
                       struct err *err)
{
    switch (letter) {
    case 'o':
        asked->wish.owner = optarg;
        return 0;
    case 'g':
        asked->wish.again = true;
        return 0;
    case 'r':
        asked->word.reason = optarg;
        return 0;
    case 'u':
        asked->word.unless_ended = true;
        return 0;
    case 'd':
        asked->directory = optarg;
        return 0;
    case 'a':
        asked->rule.all = true;
        return 0;
    case 'j':
        asked->as_json = true;
        return 0;
    case 'i':
        asked->as_line = true;
        return 0;
    case 'p':
        asked->prometheus = optarg;
        return 0;
    case 'H':
        asked->help = true;
        return 0;
    case '?':
        return err_set(err, ERR_USAGE, "%s is not an option, or has no value", said);
    default:
        if (take_value(letter, asked, err) == 0)
            return 0;
        if (err != NULL)
            err->kind = ERR_USAGE;
        return err_add(err, "%s", said);
    }
}

static int parse_options(int argc, char **argv, struct asked *asked, struct err *err)
{
    static const struct option longs[] = {{"first", required_argument, NULL, 'f'},
                                          {"every", required_argument, NULL, 'e'},
                                          {"late", required_argument, NULL, 'l'},
                                          {"stale", required_argument, NULL, 't'},
                                          {"owner", required_argument, NULL, 'o'},
                                          {"slot", required_argument, NULL, 's'},
                                          {"again", no_argument, NULL, 'g'},
                                          {"attempt", required_argument, NULL, 'n'},
                                          {"state", required_argument, NULL, 'S'},
                                          {"reason", required_argument, NULL, 'r'},
                                          {"digest", required_argument, NULL, 'h'},
                                          {"version", required_argument, NULL, 'v'},
                                          {"unless-ended", no_argument, NULL, 'u'},
                                          {"output", required_argument, NULL, 'd'},
                                          {"max-age", required_argument, NULL, 'm'},
                                          {"all", no_argument, NULL, 'a'},
                                          {"last", required_argument, NULL, 'N'},
                                          {"json", no_argument, NULL, 'j'},
                                          {"line", no_argument, NULL, 'i'},
                                          {"prometheus", required_argument, NULL, 'p'},
                                          {"help", no_argument, NULL, 'H'},
                                          {NULL, 0, NULL, 0}};
    int letter;

    opterr = 0;
    optind = 1;
    while (!asked->help && (letter = getopt_long(argc, argv, "", longs, NULL)) != -1) {
        const char *said = argv[optind - 1];

        if (letter != '?' && optarg == said)
            said = argv[optind - 2];
        if (take_option(letter, said, asked, err) != 0)
            return -1;
    }
    return 0;
}

static int take_words(int argc, char **argv, struct asked *asked, struct err *err)
{
    if (optind == argc)
        return err_set(err, ERR_USAGE,
                       "next, begin, note, judge or check? (plimsoll night --help)");
    asked->verb = argv[optind];
    const bool wants_book = strcmp(asked->verb, "next") != 0;
    if (optind + 1 + wants_book != argc)
        return err_set(err, ERR_USAGE, "%s: %s", asked->verb,
                       wants_book ? "which one book of nights?" : "takes no book");
    asked->book = wants_book ? argv[optind + 1] : NULL;
    return 0;
}

static int parse(int argc, char **argv, struct asked *asked, struct err *err)
{
    *asked = (struct asked){
        .calendar = {.late_ns = CLOCK_HOUR, .stale_ns = 6 * CLOCK_HOUR}, .n_last = 7};
    if (parse_options(argc, argv, asked, err) != 0)
        return -1;
    return asked->help ? 0 : take_words(argc, argv, asked, err);
}

static int need(bool there, const char *option, const struct asked *asked,
                struct err *err)
{
    return there ? 0
                 : err_set(err, ERR_USAGE, "%s: %s is missing", asked->verb, option);
}

/* ---- the book, under its lock ---- */

/* Each holds it for some milliseconds: wait for it a while. */
static int take_lock(const char *path, struct lock **lock, struct err *err)
{
    const int64_t end_ns = clock_monotonic() + 30 * CLOCK_SECOND;
    const struct timespec pause = {.tv_nsec = 20000000};

    while (lock_take(path, lock, err) != 0) {
        if (clock_monotonic() > end_ns)
            return -1;
        nanosleep(&pause, NULL);
    }
    return 0;
}

typedef int (*change_fn)(struct night_book *book, struct asked *asked,
                         struct night_answer *answer, struct err *err);

/* Read, change and replace; what is refused is written too: it was noticed. */
static int change_book(struct asked *asked, change_fn change, struct err *err)
{
    struct night_answer answer = {0};
    struct night_book book = {0};
    struct lock *lock = NULL;

    if (take_lock(asked->book, &lock, err) != 0)
        return -1;
    int status = night_book_read(asked->book, &book, err);
    if (status == 0 && (status = change(&book, asked, &answer, err)) != 0)
        err_add(err, "%s", asked->book);
    if (status == 0 && book.n > 0)
        status = night_book_write(asked->book, &book, err);
    if (status == 0 && answer.refused[0] != '\0')
        status = err_set(err, ERR_REFUSED, "%s", answer.refused);
    night_book_free(&book);
    lock_release(lock);
    return status;
}

/* ---- verbs ---- */

static int run_next(struct asked *asked, struct err *err)
{
    const int64_t now_ns = clock_now();
    char slot[CLOCK_TEXT_MAX];

    if (need(asked->has_first, "--first", asked, err) != 0 ||
        need(asked->calendar.every_ns > 0, "--every", asked, err) != 0)
        return -1;
    const int64_t current_ns = night_slot_of(&asked->calendar, now_ns);
    const int64_t next_ns = current_ns < 0 ? asked->calendar.first_ns
                                           : current_ns + asked->calendar.every_ns;
    /* rounded up: who waits so long does not come before it */
    printf("slot=%s\nin_s=%lld\n", clock_moment_text(next_ns, slot),
           (long long)((next_ns - now_ns + CLOCK_SECOND - 1) / CLOCK_SECOND));
    return 0;
}

/* The slots between a night and the one that was begun before it. */
static void print_missed(const struct night_book *book, const struct night *night)
{
    const int64_t every_ns = book->calendar.every_ns;
    int64_t slot_ns = night->slot_ns - every_ns;
    char slot[CLOCK_TEXT_MAX];

    for (; slot_ns >= book->since_ns && night_find(book, slot_ns) == NULL;
         slot_ns -= every_ns)
        printf("missed=%s\n", clock_moment_text(slot_ns, slot));
}

static int change_begin(struct night_book *book, struct asked *asked,
                        struct night_answer *answer, struct err *err)
{
    char slot[CLOCK_TEXT_MAX];

    asked->wish.now_ns = clock_now();
    if (night_begin(book, &asked->wish, answer, err) != 0)
        return -1;
    if (answer->refused[0] != '\0')
        return 0;
    const int64_t late_ns = answer->night->began_ns - answer->night->slot_ns;
    printf("slot=%s\nattempt=%lld\nlate_s=%lld\n",
           clock_moment_text(answer->night->slot_ns, slot),
           (long long)answer->night->attempt,
           (long long)(late_ns > book->calendar.late_ns ? late_ns / CLOCK_SECOND : 0));
    print_missed(book, answer->night);
    return 0;
}

static int run_begin(struct asked *asked, struct err *err)
{
    if (need(asked->has_first, "--first", asked, err) != 0 ||
        need(asked->calendar.every_ns > 0, "--every", asked, err) != 0 ||
        need(asked->wish.owner != NULL, "--owner", asked, err) != 0)
        return -1;
    asked->wish.calendar = &asked->calendar;
    asked->wish.slot_ns = asked->has_slot ? asked->word.slot_ns : -1;
    return change_book(asked, change_begin, err);
}

static int change_note(struct night_book *book, struct asked *asked,
                       struct night_answer *answer, struct err *err)
{
    asked->word.now_ns = clock_now();
    return night_note(book, &asked->word, answer, err);
}

static int run_note(struct asked *asked, struct err *err)
{
    const enum night_state state = asked->word.state;

    if (need(asked->has_slot, "--slot", asked, err) != 0 ||
        need(asked->word.attempt > 0, "--attempt", asked, err) != 0 ||
        need(asked->has_state, "--state", asked, err) != 0)
        return -1;
    if (state == NIGHT_VALIDATED || state == NIGHT_PUBLISHING)
        if (need(asked->word.sha256 != NULL, "--digest", asked, err) != 0)
            return -1;
    if (state == NIGHT_PUBLISHED &&
        need(asked->word.version > 0, "--version", asked, err) != 0)
        return -1;
    if ((state == NIGHT_HELD || state == NIGHT_FAILED) &&
        need(asked->word.reason != NULL, "--reason", asked, err) != 0)
        return -1;
    return change_book(asked, change_note, err);
}

static int run_judge(struct asked *asked, struct err *err)
{
    char sha256[SHA256_TEXT_MAX];
    struct err why = {0};

    if (need(asked->has_slot, "--slot", asked, err) != 0 ||
        need(asked->word.attempt > 0, "--attempt", asked, err) != 0 ||
        need(asked->directory != NULL, "--output", asked, err) != 0)
        return -1;
    asked->rule.slot_ns = asked->word.slot_ns;
    if (night_judge(asked->directory, &asked->rule, sha256, &why) != 0 &&
        why.kind != ERR_REFUSED) {
        *err = why;
        return -1;
    }
    asked->word.state = why.kind == ERR_REFUSED ? NIGHT_HELD : NIGHT_VALIDATED;
    asked->word.reason = why.text;
    asked->word.sha256 = sha256;
    if (change_book(asked, change_note, err) != 0)
        return -1;
    if (why.kind == ERR_REFUSED)
        return err_set(err, ERR_REFUSED, "held: %s", why.text);
    printf("sha256=%s\n", sha256);
    return 0;
}

static int print_view(const struct asked *asked, const struct night_view *view,
                      struct err *err)
{
    char line[NIGHT_LINE_MAX], *bytes;
    size_t n_bytes;

    if (asked->as_line) {
        puts(night_line(view->book, &view->night[view->n - 1], line));
        return 0;
    }
    if (!asked->as_json) {
        night_view_print(view, stdout);
        return 0;
    }
    if (night_view_json(view, &bytes, &n_bytes, err) != 0)
        return -1;
    fputs(bytes, stdout);
    free(bytes);
    return 0;
}

static int write_prometheus(const char *path, const struct night_view *view,
                            struct err *err)
{
    size_t n_bytes;
    char *bytes;

    if (path == NULL)
        return 0;
    if (night_view_prometheus(view, &bytes, &n_bytes, err) != 0)
        return -1;
    const int status = file_swap(path, bytes, n_bytes, err);
    free(bytes);
    return status;
}

/* Of its slot's state the line's reader is told; whoever looks at the code, too. */
static int tell_unpublished(const struct asked *asked, const struct night_view *view,
                            struct err *err)
{
    const struct night *last = &view->night[view->n - 1];
    const size_t n = asked->as_line ? (size_t)night_state_is_unpublished(last->state)
                                    : view->n_unpublished;

    if (n == 0)
        return 0;
    return err_set(err, ERR_INCOMPLETE, "%zu of %zu nights unpublished", n,
                   asked->as_line ? (size_t)1 : view->n);
}

static int run_check(struct asked *asked, struct err *err)
{
    struct night_book book;
    struct night_view view = {0};

    if (night_book_read(asked->book, &book, err) != 0)
        return -1;
    int status =
        asked->has_slot
            ? night_view_one(&book, asked->word.slot_ns, clock_now(), &view, err)
            : night_view_make(&book, (size_t)asked->n_last, clock_now(), &view, err);
    if (status != 0)
        err_add(err, "%s", asked->book);
    if (status == 0 && (status = print_view(asked, &view, err)) == 0 &&
        (status = write_prometheus(asked->prometheus, &view, err)) == 0)
        status = tell_unpublished(asked, &view, err);
    night_view_free(&view);
    night_book_free(&book);
    return status;
}

static int run(struct asked *asked, struct err *err)
{
    static const struct {
        const char *verb;
        int (*run)(struct asked *, struct err *);
    } verbs[] = {{"next", run_next},
                 {"begin", run_begin},
                 {"note", run_note},
                 {"judge", run_judge},
                 {"check", run_check}};

    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (strcmp(asked->verb, verbs[i].verb) == 0)
            return verbs[i].run(asked, err);
    return err_set(err, ERR_USAGE, "'%s' is none of next, begin, note, judge and check",
                   asked->verb);
}

int cmd_night(int argc, char **argv, struct err *err)
{
    struct asked asked;

    if (parse(argc, argv, &asked, err) != 0)
        return err_add(err, "night");
    if (asked.help) {
        fputs(usage, stdout);
        return 0;
    }
    return run(&asked, err) == 0 ? 0 : err_add(err, "night");
}
