#include "coordinator/command.h"
#include "coordinator/night_options.h"
#include "coordinator/night_view.h"
#include "core/clock.h"
#include "core/file.h"
#include "core/lock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int need(bool there, const char *option, const struct night_request *asked,
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

typedef int (*change_fn)(struct night_book *book, struct night_request *asked,
                         struct night_answer *answer, struct err *err);

/* Read, change and replace; what is refused is written too: it was noticed. */
static int change_book(struct night_request *asked, change_fn change, struct err *err)
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

static int run_next(struct night_request *asked, struct err *err)
{
    const int64_t now_ns = clock_now();
    char slot[CLOCK_TEXT_MAX];

    if (need(asked->calendar.first_ns >= 0, "--first", asked, err) != 0 ||
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

static int change_begin(struct night_book *book, struct night_request *asked,
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

static int run_begin(struct night_request *asked, struct err *err)
{
    if (need(asked->calendar.first_ns >= 0, "--first", asked, err) != 0 ||
        need(asked->calendar.every_ns > 0, "--every", asked, err) != 0 ||
        need(asked->wish.owner != NULL, "--owner", asked, err) != 0)
        return -1;
    asked->wish.calendar = &asked->calendar;
    asked->wish.slot_ns = asked->word.slot_ns;
    return change_book(asked, change_begin, err);
}

static int change_note(struct night_book *book, struct night_request *asked,
                       struct night_answer *answer, struct err *err)
{
    asked->word.now_ns = clock_now();
    return night_note(book, &asked->word, answer, err);
}

static int run_note(struct night_request *asked, struct err *err)
{
    const enum night_state state = asked->word.state;

    if (need(asked->word.slot_ns >= 0, "--slot", asked, err) != 0 ||
        need(asked->word.attempt > 0, "--attempt", asked, err) != 0 ||
        need(asked->word.state != NIGHT_BEGUN, "--state", asked, err) != 0)
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

static int run_judge(struct night_request *asked, struct err *err)
{
    char sha256[SHA256_TEXT_MAX];
    struct err why = {0};

    if (need(asked->word.slot_ns >= 0, "--slot", asked, err) != 0 ||
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

static int print_view(const struct night_request *asked, const struct night_view *view,
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
static int tell_unpublished(const struct night_request *asked,
                            const struct night_view *view, struct err *err)
{
    const struct night *last = &view->night[view->n - 1];
    const size_t n = asked->as_line ? (size_t)night_state_is_unpublished(last->state)
                                    : view->n_unpublished;

    if (n == 0)
        return 0;
    return err_set(err, ERR_INCOMPLETE, "%zu of %zu nights unpublished", n,
                   asked->as_line ? (size_t)1 : view->n);
}

static int run_check(struct night_request *asked, struct err *err)
{
    struct night_book book;
    struct night_view view = {0};

    if (night_book_read(asked->book, &book, err) != 0)
        return -1;
    int status =
        asked->word.slot_ns >= 0
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

static int run(struct night_request *asked, struct err *err)
{
    static const struct {
        const char *verb;
        int (*run)(struct night_request *, struct err *);
    } verbs[] = {{"next", run_next},
                 {"begin", run_begin},
                 {"note", run_note},
                 {"judge", run_judge},
                 {"check", run_check}};

    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (strcmp(asked->verb, verbs[i].verb) == 0)
            return verbs[i].run(asked, err);
    return err_set(err, ERR_BUG, "night: no function for %s", asked->verb);
}

int cmd_night(int argc, char **argv, struct err *err)
{
    struct night_request asked;

    if (night_options_read(argc, argv, &asked, err) != 0)
        return -1;
    if (asked.help) {
        night_options_help();
        return 0;
    }
    return run(&asked, err) == 0 ? 0 : err_add(err, "night");
}
