#include "coordinator/night.h"
#include "core/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *night_state_text(enum night_state state)
{
    static const char *const text[NIGHT_STATES] = {
        [NIGHT_BEGUN] = "begun",         [NIGHT_RUNNING] = "running",
        [NIGHT_VALIDATED] = "validated", [NIGHT_PUBLISHING] = "publishing",
        [NIGHT_PUBLISHED] = "published", [NIGHT_HELD] = "held",
        [NIGHT_FAILED] = "failed",       [NIGHT_SUPERSEDED] = "superseded",
        [NIGHT_GONE] = "gone",           [NIGHT_DUE] = "due",
        [NIGHT_LATE] = "late",           [NIGHT_MISSED] = "missed"};

    return text[state];
}

bool night_state_is_active(enum night_state state)
{
    return state <= NIGHT_PUBLISHING;
}

bool night_state_is_unpublished(enum night_state state)
{
    return state > NIGHT_PUBLISHED && state != NIGHT_DUE;
}

int64_t night_slot_of(const struct night_calendar *calendar, int64_t moment_ns)
{
    if (moment_ns < calendar->first_ns)
        return -1;
    return moment_ns - (moment_ns - calendar->first_ns) % calendar->every_ns;
}

void night_book_free(struct night_book *book)
{
    free(book->night);
    *book = (struct night_book){0};
}

/* The first record that is not before the slot; n where there is none. */
static size_t find_place(const struct night_book *book, int64_t slot_ns)
{
    size_t i = book->n;

    while (i > 0 && book->night[i - 1].slot_ns >= slot_ns)
        i--;
    return i;
}

static struct night *find(const struct night_book *book, int64_t slot_ns)
{
    const size_t i = find_place(book, slot_ns);

    return i < book->n && book->night[i].slot_ns == slot_ns ? &book->night[i] : NULL;
}

const struct night *night_find(const struct night_book *book, int64_t slot_ns)
{
    return find(book, slot_ns);
}

/* A later slot that is on its way, this far at least, or published; NULL: none. */
static const struct night *find_later(const struct night_book *book, int64_t slot_ns,
                                      enum night_state least)
{
    for (size_t i = book->n; i > 0 && book->night[i - 1].slot_ns > slot_ns; i--) {
        const enum night_state state = book->night[i - 1].state;

        if (state >= least && state <= NIGHT_PUBLISHED)
            return &book->night[i - 1];
    }
    return NULL;
}

/* What a reader of the book and a terminal can take: one line of plain characters. */
static void put_plain(char *out, size_t size, const char *text)
{
    size_t n = 0;

    for (; text != NULL && text[n] != '\0' && n + 1 < size; n++)
        out[n] = text[n] >= ' ' && text[n] <= '~'     ? text[n]
                 : text[n] == '\n' || text[n] == '\t' ? ' '
                                                      : '?';
    out[n] = '\0';
}

/* ---- beginning ---- */

static int make_record(struct night_book *book, int64_t slot_ns, struct night **night,
                       struct err *err)
{
    const size_t place = find_place(book, slot_ns);

    if (book->n == book->capacity) {
        const size_t capacity = 2 * book->capacity + 64;
        struct night *more = realloc(book->night, capacity * sizeof *more);

        if (more == NULL)
            return err_set(err, ERR_MEMORY, "no memory for %zu nights", capacity);
        book->night = more;
        book->capacity = capacity;
    }
    memmove(book->night + place + 1, book->night + place,
            (book->n - place) * sizeof *book->night);
    book->n++;
    *night = &book->night[place];
    **night = (struct night){.slot_ns = slot_ns};
    return 0;
}

static void start_attempt(struct night *night, const struct night_wish *wish)
{
    char reason[NIGHT_REASON_MAX] = "";

    if (night->attempt > 0)
        snprintf(reason, sizeof reason, "begun again: it was %s (%s): %.300s",
                 night_state_text(night->state), night->owner, night->reason);
    night->state = NIGHT_BEGUN;
    night->attempt++;
    night->began_ns = night->noted_ns = wish->now_ns;
    night->version = 0;
    night->sha256[0] = '\0';
    put_plain(night->owner, sizeof night->owner, wish->owner);
    put_plain(night->reason, sizeof night->reason, reason);
}

/* Why a slot that has a record cannot be begun; empty where it can. */
static void weigh_record(const struct night_book *book, const struct night *night,
                         const struct night_wish *wish, char why[static ERR_TEXT_MAX])
{
    char slot[CLOCK_TEXT_MAX], noted[CLOCK_TEXT_MAX];

    clock_moment_text(night->slot_ns, slot);
    clock_moment_text(night->noted_ns, noted);
    if (night->state == NIGHT_PUBLISHED)
        snprintf(why, ERR_TEXT_MAX, "slot %s is published already, by %s", slot,
                 night->owner);
    else if (night_state_is_active(night->state) &&
             wish->now_ns - night->noted_ns <= book->calendar.stale_ns)
        snprintf(why, ERR_TEXT_MAX,
                 "slot %s is %s by %s, last heard of at %s: it is not begun twice",
                 slot, night_state_text(night->state), night->owner, noted);
    else if (!night_state_is_active(night->state) && !wish->again)
        snprintf(why, ERR_TEXT_MAX, "slot %s is %s: %.300s (--again begins it again)",
                 slot, night_state_text(night->state), night->reason);
}

static void weigh(const struct night_book *book, int64_t slot_ns,
                  const struct night_wish *wish, char why[static ERR_TEXT_MAX])
{
    const struct night *night = night_find(book, slot_ns);
    const struct night *later =
        find_later(book, slot_ns, wish->again ? NIGHT_PUBLISHING : NIGHT_BEGUN);
    char slot[CLOCK_TEXT_MAX], other[CLOCK_TEXT_MAX];

    why[0] = '\0';
    if (later != NULL)
        snprintf(why, ERR_TEXT_MAX, "slot %s comes too late: %s is %s",
                 clock_moment_text(slot_ns, slot),
                 clock_moment_text(later->slot_ns, other),
                 night_state_text(later->state));
    else if (night != NULL)
        weigh_record(book, night, wish, why);
}

static int check_calendar(const struct night_book *book,
                          const struct night_calendar *calendar, struct err *err)
{
    char first[CLOCK_TEXT_MAX], every[CLOCK_TEXT_MAX];

    if (book->n == 0 || (book->calendar.first_ns == calendar->first_ns &&
                         book->calendar.every_ns == calendar->every_ns))
        return 0;
    return err_set(err, ERR_INPUT,
                   "its calendar is every %s from %s: another one needs another book",
                   clock_duration_text(book->calendar.every_ns, every),
                   clock_moment_text(book->calendar.first_ns, first));
}

static int check_slot(const struct night_wish *wish, int64_t slot_ns, struct err *err)
{
    char slot[CLOCK_TEXT_MAX], first[CLOCK_TEXT_MAX];

    if (slot_ns < 0)
        return err_set(err, ERR_INPUT, "no slot is due before the first, %s",
                       clock_moment_text(wish->calendar->first_ns, first));
    if (slot_ns > wish->now_ns)
        return err_set(err, ERR_INPUT, "slot %s is not due yet",
                       clock_moment_text(slot_ns, slot));
    if (night_slot_of(wish->calendar, slot_ns) != slot_ns)
        return err_set(err, ERR_INPUT, "%s is no slot of the calendar",
                       clock_moment_text(slot_ns, slot));
    return 0;
}

int night_begin(struct night_book *book, const struct night_wish *wish,
                struct night_answer *answer, struct err *err)
{
    const int64_t slot_ns = wish->slot_ns >= 0
                                ? wish->slot_ns
                                : night_slot_of(wish->calendar, wish->now_ns);
    struct night *night;

    if (check_calendar(book, wish->calendar, err) != 0 ||
        check_slot(wish, slot_ns, err) != 0)
        return -1;
    book->calendar = *wish->calendar;
    weigh(book, slot_ns, wish, answer->refused);
    night = find(book, slot_ns);
    if (answer->refused[0] != '\0') {
        if (night != NULL)
            night->n_doubled++;
        answer->night = night;
        return 0;
    }
    if (night == NULL && make_record(book, slot_ns, &night, err) != 0)
        return -1;
    if (book->since_ns == 0 || slot_ns < book->since_ns)
        book->since_ns = slot_ns;
    start_attempt(night, wish);
    answer->night = night;
    return 0;
}

/* ---- noting ---- */

static bool may_go(const struct night *night, enum night_state to)
{
    const enum night_state from = night->state;
    const bool was_validated = night->sha256[0] != '\0';

    switch (to) {
    case NIGHT_RUNNING:
        return from == NIGHT_BEGUN || from == NIGHT_RUNNING;
    case NIGHT_VALIDATED:
        return from == NIGHT_RUNNING || from == NIGHT_VALIDATED;
    case NIGHT_PUBLISHING: /* where publishing has failed: it is the same set */
        return from == NIGHT_VALIDATED || from == NIGHT_PUBLISHING ||
               (from == NIGHT_FAILED && was_validated);
    case NIGHT_PUBLISHED: /* held by a relay until people approved it */
        return from == NIGHT_PUBLISHING || from == NIGHT_PUBLISHED ||
               (from == NIGHT_HELD && was_validated);
    case NIGHT_HELD:
    case NIGHT_FAILED:
        return night_state_is_active(from);
    default:
        return false;
    }
}

/* Why this cannot be noted; empty where it can.  A slot whose turn is over becomes
 * superseded. */
static void weigh_word(const struct night_book *book, struct night *night,
                       const struct night_word *word, char why[static ERR_TEXT_MAX])
{
    const bool starts = word->state == NIGHT_RUNNING && night->state == NIGHT_BEGUN;
    const bool goes_out = word->state == NIGHT_PUBLISHING;
    const struct night *later = starts ? find_later(book, night->slot_ns, NIGHT_BEGUN)
                                : goes_out
                                    ? find_later(book, night->slot_ns, NIGHT_PUBLISHING)
                                    : NULL;
    char slot[CLOCK_TEXT_MAX], other[CLOCK_TEXT_MAX];

    why[0] = '\0';
    clock_moment_text(night->slot_ns, slot);
    if (word->attempt != night->attempt)
        snprintf(why, ERR_TEXT_MAX,
                 "slot %s: attempt %lld is over, %s makes attempt %lld", slot,
                 (long long)word->attempt, night->owner, (long long)night->attempt);
    else if (!may_go(night, word->state))
        snprintf(why, ERR_TEXT_MAX, "slot %s is %s and cannot become %s: %.300s", slot,
                 night_state_text(night->state), night_state_text(word->state),
                 night->reason);
    else if (goes_out && strcmp(word->sha256, night->sha256) != 0)
        snprintf(why, ERR_TEXT_MAX, "slot %s: %.64s is not the set that was validated",
                 slot, word->sha256);
    else if (later != NULL) {
        snprintf(why, ERR_TEXT_MAX, "slot %s comes too late: %s is %s", slot,
                 clock_moment_text(later->slot_ns, other),
                 night_state_text(later->state));
        night->state = NIGHT_SUPERSEDED;
        put_plain(night->reason, sizeof night->reason, why);
    }
}

static void take_word(struct night *night, const struct night_word *word)
{
    night->state = word->state;
    if (word->state == NIGHT_VALIDATED)
        snprintf(night->sha256, sizeof night->sha256, "%s", word->sha256);
    if (word->state == NIGHT_PUBLISHED)
        night->version = word->version;
    put_plain(night->reason, sizeof night->reason, word->reason);
    night->noted_ns = word->now_ns;
}

int night_note(struct night_book *book, const struct night_word *word,
               struct night_answer *answer, struct err *err)
{
    struct night *night = find(book, word->slot_ns);
    char slot[CLOCK_TEXT_MAX];

    if (night == NULL)
        return err_set(err, ERR_INPUT, "slot %s was never begun",
                       clock_moment_text(word->slot_ns, slot));
    *answer = (struct night_answer){.night = night};
    if (word->unless_ended && word->attempt == night->attempt &&
        !night_state_is_active(night->state))
        return 0;
    weigh_word(book, night, word, answer->refused);
    if (answer->refused[0] == '\0')
        take_word(night, word);
    return 0;
}

/* ---- looking ---- */

struct night night_look(const struct night_book *book, int64_t slot_ns, int64_t now_ns)
{
    const struct night_calendar *calendar = &book->calendar;
    const struct night *found = night_find(book, slot_ns);
    struct night night = {.slot_ns = slot_ns, .state = NIGHT_DUE};

    if (found != NULL) {
        night = *found;
        if (night_state_is_active(night.state) &&
            now_ns - night.noted_ns > calendar->stale_ns)
            night.state = NIGHT_GONE;
    } else if (now_ns >= slot_ns + calendar->every_ns) {
        night.state = NIGHT_MISSED;
    } else if (now_ns > slot_ns + calendar->late_ns) {
        night.state = NIGHT_LATE;
    }
    return night;
}
