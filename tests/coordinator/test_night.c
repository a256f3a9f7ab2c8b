#include "coordinator/night.h"
#include "coordinator/night_view.h"
#include "core/clock.h"
#include "core/file.h"
#include "tests/check.h"

#include <stdlib.h>
#include <unistd.h>

/* A night a day at 03:00; late after an hour, gone after six. */
static const int64_t FIRST = 3 * CLOCK_HOUR + 20000 * CLOCK_DAY;
static const char SET[] =
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
static const char OTHER[] =
    "1123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

static struct night_calendar calendar(void)
{
    return (struct night_calendar){.first_ns = FIRST,
                                   .every_ns = CLOCK_DAY,
                                   .late_ns = CLOCK_HOUR,
                                   .stale_ns = 6 * CLOCK_HOUR};
}

static int64_t slot(int day)
{
    return FIRST + day * CLOCK_DAY;
}

/* What was refused, or "" where slot `day` (-1: the one due) was begun. */
static const char *begins(struct night_book *book, int day, int64_t now_ns, bool again,
                          const char *owner)
{
    static struct night_answer answer;
    const struct night_calendar of = calendar();
    struct err err = {0};
    const struct night_wish wish = {.calendar = &of,
                                    .now_ns = now_ns,
                                    .slot_ns = day < 0 ? -1 : slot(day),
                                    .owner = owner,
                                    .again = again};

    answer = (struct night_answer){0};
    if (night_begin(book, &wish, &answer, &err) != 0)
        snprintf(answer.refused, sizeof answer.refused, "%s", err.text);
    return answer.refused;
}

static const char *notes(struct night_book *book, int day, int64_t attempt,
                         enum night_state state, const char *sha256)
{
    static struct night_answer answer;
    struct err err = {0};
    const struct night_word word = {.now_ns = slot(day) + 2 * CLOCK_HOUR,
                                    .slot_ns = slot(day),
                                    .attempt = attempt,
                                    .state = state,
                                    .reason = "as it was",
                                    .sha256 = sha256,
                                    .version = 7};

    answer = (struct night_answer){0};
    if (night_note(book, &word, &answer, &err) != 0)
        snprintf(answer.refused, sizeof answer.refused, "%s", err.text);
    return answer.refused;
}

static enum night_state state_of(const struct night_book *book, int day)
{
    return night_find(book, slot(day))->state;
}

/* From begun to the state, all of it granted. */
static void go_to(struct night_book *book, int day, enum night_state state)
{
    const int64_t attempt = night_find(book, slot(day))->attempt;

    for (int i = NIGHT_RUNNING; i <= (int)state; i++)
        CU_ASSERT_STRING_EQUAL_FATAL(
            notes(book, day, attempt, (enum night_state)i, SET), "");
}

static void a_moment_belongs_to_the_slot_that_began_last(void)
{
    const struct night_calendar of = calendar();

    CU_ASSERT_EQUAL(night_slot_of(&of, FIRST - 1), -1);
    CU_ASSERT_EQUAL(night_slot_of(&of, FIRST), FIRST);
    CU_ASSERT_EQUAL(night_slot_of(&of, FIRST + CLOCK_DAY - 1), FIRST);
    CU_ASSERT_EQUAL(night_slot_of(&of, FIRST + 400 * CLOCK_DAY + 5), slot(400));
}

static void a_slot_goes_from_begun_to_published(void)
{
    struct night_book book = {0};

    CU_ASSERT_STRING_EQUAL(begins(&book, -1, slot(0) + 5, false, "a"), "");
    go_to(&book, 0, NIGHT_PUBLISHED);
    CU_ASSERT_EQUAL(state_of(&book, 0), NIGHT_PUBLISHED);
    CU_ASSERT_EQUAL(book.night[0].version, 7);
    CU_ASSERT_STRING_EQUAL(book.night[0].sha256, SET);
    CU_ASSERT_EQUAL(book.since_ns, slot(0));
    night_book_free(&book);
}

static void a_doubled_run_is_refused_and_counted(void)
{
    struct night_book book = {0};

    begins(&book, -1, slot(0), false, "job 11 on n1");
    CHECK_CONTAINS(begins(&book, -1, slot(0) + CLOCK_HOUR, false, "b"),
                   "is begun by job 11 on n1, last heard of at");
    CHECK_CONTAINS(begins(&book, -1, slot(0) + CLOCK_HOUR, true, "b"),
                   "it is not begun twice");
    CU_ASSERT_EQUAL(book.night[0].n_doubled, 2);
    CU_ASSERT_STRING_EQUAL(book.night[0].owner, "job 11 on n1");
    go_to(&book, 0, NIGHT_PUBLISHED);
    CHECK_CONTAINS(begins(&book, -1, slot(0) + 9 * CLOCK_HOUR, true, "b"),
                   "is published already, by job 11 on n1");
    night_book_free(&book);
}

static void an_owner_that_is_silent_loses_its_slot_and_can_note_nothing_more(void)
{
    struct night_book book = {0};

    begins(&book, -1, slot(0), false, "a");
    go_to(&book, 0, NIGHT_VALIDATED); /* heard of at +2 h */
    CHECK_CONTAINS(begins(&book, -1, slot(0) + 8 * CLOCK_HOUR, false, "b"),
                   "not begun twice");
    CU_ASSERT_STRING_EQUAL(begins(&book, -1, slot(0) + 8 * CLOCK_HOUR + 1, false, "b"),
                           "");
    CU_ASSERT_EQUAL(book.night[0].attempt, 2);
    CHECK_CONTAINS(book.night[0].reason, "begun again: it was validated (a)");
    CHECK_CONTAINS(notes(&book, 0, 1, NIGHT_PUBLISHING, SET),
                   "attempt 1 is over, b makes attempt 2");
    go_to(&book, 0, NIGHT_PUBLISHED);
    night_book_free(&book);
}

static void what_was_held_or_failed_is_begun_again_by_hand_only(void)
{
    struct night_book book = {0};

    begins(&book, -1, slot(0), false, "a");
    go_to(&book, 0, NIGHT_RUNNING);
    CU_ASSERT_STRING_EQUAL(notes(&book, 0, 1, NIGHT_HELD, NULL), "");
    CHECK_CONTAINS(begins(&book, -1, slot(0) + CLOCK_HOUR, false, "b"),
                   "is held: as it was (--again begins it again)");
    CHECK_CONTAINS(notes(&book, 0, 1, NIGHT_PUBLISHING, SET),
                   "is held and cannot become publishing");
    CU_ASSERT_STRING_EQUAL(begins(&book, -1, slot(0) + CLOCK_HOUR, true, "b"), "");
    CU_ASSERT_EQUAL(state_of(&book, 0), NIGHT_BEGUN);
    night_book_free(&book);
}

static void only_the_set_that_was_validated_is_published(void)
{
    struct night_book book = {0};

    begins(&book, -1, slot(0), false, "a");
    go_to(&book, 0, NIGHT_RUNNING);
    CHECK_CONTAINS(notes(&book, 0, 1, NIGHT_PUBLISHING, SET),
                   "cannot become publishing");
    go_to(&book, 0, NIGHT_VALIDATED);
    CHECK_CONTAINS(notes(&book, 0, 1, NIGHT_PUBLISHING, OTHER),
                   "is not the set that was validated");
    CHECK_CONTAINS(notes(&book, 0, 1, NIGHT_PUBLISHED, SET), "cannot become published");
    CU_ASSERT_EQUAL(state_of(&book, 0), NIGHT_VALIDATED);
    night_book_free(&book);
}

static void publishing_that_was_cut_off_is_taken_up_again_with_the_same_set(void)
{
    struct night_book book = {0};

    begins(&book, -1, slot(0), false, "a");
    go_to(&book, 0, NIGHT_PUBLISHING);
    CU_ASSERT_STRING_EQUAL(notes(&book, 0, 1, NIGHT_PUBLISHING, SET), "");
    CU_ASSERT_STRING_EQUAL(notes(&book, 0, 1, NIGHT_FAILED, NULL), "");
    CHECK_CONTAINS(notes(&book, 0, 1, NIGHT_PUBLISHING, OTHER), "is not the set");
    CU_ASSERT_STRING_EQUAL(notes(&book, 0, 1, NIGHT_PUBLISHING, SET), "");
    CU_ASSERT_STRING_EQUAL(notes(&book, 0, 1, NIGHT_PUBLISHED, NULL), "");
    CU_ASSERT_STRING_EQUAL(notes(&book, 0, 1, NIGHT_PUBLISHED, NULL), "");
    night_book_free(&book);
}

static void what_a_relay_has_held_is_published_when_people_approve(void)
{
    struct night_book book = {0};

    begins(&book, -1, slot(0), false, "a");
    go_to(&book, 0, NIGHT_PUBLISHING);
    CU_ASSERT_STRING_EQUAL(notes(&book, 0, 1, NIGHT_HELD, NULL), "");
    CU_ASSERT_STRING_EQUAL(notes(&book, 0, 1, NIGHT_PUBLISHED, NULL), "");
    begins(&book, -1, slot(1), false, "b");
    go_to(&book, 1, NIGHT_RUNNING);
    notes(&book, 1, 1, NIGHT_HELD, NULL); /* by its validation */
    CHECK_CONTAINS(notes(&book, 1, 1, NIGHT_PUBLISHED, NULL),
                   "cannot become published");
    night_book_free(&book);
}

static void a_night_that_waited_past_the_next_is_superseded(void)
{
    struct night_book book = {0};

    begins(&book, -1, slot(0), false, "a");
    begins(&book, -1, slot(1), false, "b");
    CHECK_CONTAINS(notes(&book, 0, 1, NIGHT_RUNNING, NULL),
                   "comes too late: 2024-10-05T03:00:00Z is begun");
    CU_ASSERT_EQUAL(state_of(&book, 0), NIGHT_SUPERSEDED);
    CHECK_CONTAINS(book.night[0].reason, "comes too late");
    go_to(&book, 1, NIGHT_PUBLISHED);
    CHECK_CONTAINS(begins(&book, 0, slot(1) + CLOCK_HOUR, true, "c"),
                   "comes too late: 2024-10-05T03:00:00Z is published");
    night_book_free(&book);
}

static void a_night_that_runs_past_the_next_ends_but_not_behind_its_publication(void)
{
    struct night_book book = {0};

    begins(&book, -1, slot(0), false, "a");
    go_to(&book, 0, NIGHT_RUNNING);
    begins(&book, -1, slot(1), false, "b");
    go_to(&book, 0, NIGHT_VALIDATED);
    go_to(&book, 1, NIGHT_PUBLISHED);
    CHECK_CONTAINS(notes(&book, 0, 1, NIGHT_PUBLISHING, SET), "is published");
    CU_ASSERT_EQUAL(state_of(&book, 0), NIGHT_SUPERSEDED);
    night_book_free(&book);
}

static void an_older_slot_is_begun_again_beside_one_that_has_failed(void)
{
    struct night_book book = {0};

    begins(&book, -1, slot(0), false, "a");
    notes(&book, 0, 1, NIGHT_FAILED, NULL);
    begins(&book, -1, slot(1), false, "b");
    notes(&book, 1, 1, NIGHT_FAILED, NULL);
    CU_ASSERT_STRING_EQUAL(begins(&book, 0, slot(1) + 5, true, "c"), "");
    go_to(&book, 0, NIGHT_PUBLISHED);
    night_book_free(&book);
}

static void an_absent_night_is_due_then_late_then_missed(void)
{
    struct night_book book = {0};

    begins(&book, -1, slot(0), false, "a");
    go_to(&book, 0, NIGHT_RUNNING);
    CU_ASSERT_EQUAL(night_look(&book, slot(0), slot(0) + 8 * CLOCK_HOUR).state,
                    NIGHT_RUNNING);
    CU_ASSERT_EQUAL(night_look(&book, slot(0), slot(0) + 9 * CLOCK_HOUR).state,
                    NIGHT_GONE);
    CU_ASSERT_EQUAL(night_look(&book, slot(1), slot(1)).state, NIGHT_DUE);
    CU_ASSERT_EQUAL(night_look(&book, slot(1), slot(1) + 2 * CLOCK_HOUR).state,
                    NIGHT_LATE);
    CU_ASSERT_EQUAL(night_look(&book, slot(1), slot(2)).state, NIGHT_MISSED);
    night_book_free(&book);
}

static void the_view_counts_what_should_have_been_published(void)
{
    struct night_book book = {0};
    struct night_view view;
    char line[NIGHT_LINE_MAX];

    begins(&book, -1, slot(0), false, "a");
    go_to(&book, 0, NIGHT_PUBLISHED);
    begins(&book, -1, slot(2) + 2 * CLOCK_HOUR, false, "b");
    notes(&book, 2, 1, NIGHT_HELD, NULL);
    CU_ASSERT_EQUAL_FATAL(night_view_make(&book, 9, slot(3) + 5, &view, NULL), 0);
    CU_ASSERT_EQUAL(view.n, 4); /* published, missed, held, due */
    CU_ASSERT_EQUAL(view.n_unpublished, 2);
    CU_ASSERT_EQUAL(view.last_slot_ns, slot(0));
    CHECK_CONTAINS(night_line(&book, &view.night[0], line),
                   "published, version 7, took 2h");
    CHECK_CONTAINS(night_line(&book, &view.night[1], line),
                   "missed, nobody has begun it");
    CHECK_CONTAINS(night_line(&book, &view.night[2], line),
                   "held, begun 2h00m00s late: as it was");
    night_view_free(&view);
    CU_ASSERT_EQUAL_FATAL(night_view_make(&book, 2, slot(3) + 5, &view, NULL), 0);
    CU_ASSERT_EQUAL(view.n, 2);
    CU_ASSERT_EQUAL(view.n_unpublished, 1);
    night_view_free(&view);
    night_book_free(&book);
}

static void wishes_off_the_calendar_are_errors(void)
{
    struct night_book book = {0};
    struct night_calendar other = calendar();
    struct night_answer answer = {0};
    struct err err = {0};

    CHECK_CONTAINS(begins(&book, -1, FIRST - 1, false, "a"),
                   "no slot is due before the first");
    CHECK_CONTAINS(begins(&book, 1, slot(0), false, "a"), "is not due yet");
    CU_ASSERT_EQUAL(book.n, 0);
    begins(&book, -1, slot(0), false, "a");
    other.every_ns = CLOCK_HOUR;
    const struct night_wish wish = {
        .calendar = &other, .now_ns = slot(1), .slot_ns = -1, .owner = "b"};
    CU_ASSERT_EQUAL(night_begin(&book, &wish, &answer, &err), -1);
    CHECK_CONTAINS(err.text, "its calendar is every 1d from 2024-10-04T03:00:00Z");
    CHECK_CONTAINS(notes(&book, 5, 1, NIGHT_RUNNING, NULL), "was never begun");
    night_book_free(&book);
}

static void a_book_reads_back_as_it_was_written(void)
{
    char directory[] = "/tmp/test_night_XXXXXX", path[64];
    struct night_book book = {0}, back;
    struct err err = {0};

    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/nights.json", directory);
    CU_ASSERT_EQUAL_FATAL(night_book_read(path, &back, &err), 0);
    CU_ASSERT_EQUAL(back.n, 0);
    begins(&book, -1, slot(0) + 17, false, "a\n\"b\"\xc3\xa9");
    go_to(&book, 0, NIGHT_PUBLISHED);
    begins(&book, -1, slot(3), false, "c");
    CU_ASSERT_EQUAL_FATAL(night_book_write(path, &book, &err), 0);
    CU_ASSERT_EQUAL_FATAL(night_book_read(path, &back, &err), 0);
    CU_ASSERT_EQUAL_FATAL(back.n, 2);
    CU_ASSERT_EQUAL(memcmp(&back.calendar, &book.calendar, sizeof book.calendar), 0);
    CU_ASSERT_EQUAL(back.since_ns, book.since_ns);
    CU_ASSERT_STRING_EQUAL(back.night[0].owner, "a \"b\"??");
    CU_ASSERT_EQUAL(back.night[0].began_ns, slot(0) + 17);
    CU_ASSERT_EQUAL(back.night[0].state, NIGHT_PUBLISHED);
    CU_ASSERT_STRING_EQUAL(back.night[0].sha256, SET);
    CU_ASSERT_EQUAL(back.night[1].state, NIGHT_BEGUN);
    night_book_free(&back);
    night_book_free(&book);
    unlink(path);
    rmdir(directory);
}

static void a_broken_book_is_refused_with_its_place(void)
{
    static const struct {
        const char *text, *told;
    } broken[] = {
        {"{", "is not JSON"},
        {"{\"schema\": \"x\"}", "schema: is not plimsoll-nights"},
        {"{\"schema\": \"plimsoll-nights\", \"first\": \"2024-10-04T03:00:00Z\","
         " \"every_ns\": 0}",
         "every_ns: 0 is not between"},
        {"{\"schema\": \"plimsoll-nights\", \"first\": \"2024-10-04T03:00:00Z\","
         " \"every_ns\": 9, \"late_ns\": 1, \"stale_ns\": 1,"
         " \"since\": \"2024-10-04T03:00:00Z\", \"nights\": [{\"slot\":"
         " \"2024-10-04T03:00:00Z\", \"state\": \"gone\"}]}",
         "nights[0]: state: 'gone' is none"},
    };
    char path[] = "/tmp/test_night_XXXXXX";
    const int fd = mkstemp(path);

    CU_ASSERT_FATAL(fd >= 0);
    close(fd);
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        struct night_book book = {0};
        struct err err = {0};

        CU_ASSERT_EQUAL_FATAL(
            file_replace(path, broken[i].text, strlen(broken[i].text), &err), 0);
        CU_ASSERT_EQUAL(night_book_read(path, &book, &err), -1);
        CHECK_CONTAINS(err.text, broken[i].told);
        CHECK_CONTAINS(err.text, path);
    }
    unlink(path);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"a_moment_belongs_to_the_slot_that_began_last",
         a_moment_belongs_to_the_slot_that_began_last},
        {"a_slot_goes_from_begun_to_published", a_slot_goes_from_begun_to_published},
        {"a_doubled_run_is_refused_and_counted", a_doubled_run_is_refused_and_counted},
        {"an_owner_that_is_silent_loses_its_slot_and_can_note_nothing_more",
         an_owner_that_is_silent_loses_its_slot_and_can_note_nothing_more},
        {"what_was_held_or_failed_is_begun_again_by_hand_only",
         what_was_held_or_failed_is_begun_again_by_hand_only},
        {"only_the_set_that_was_validated_is_published",
         only_the_set_that_was_validated_is_published},
        {"publishing_that_was_cut_off_is_taken_up_again_with_the_same_set",
         publishing_that_was_cut_off_is_taken_up_again_with_the_same_set},
        {"what_a_relay_has_held_is_published_when_people_approve",
         what_a_relay_has_held_is_published_when_people_approve},
        {"a_night_that_waited_past_the_next_is_superseded",
         a_night_that_waited_past_the_next_is_superseded},
        {"a_night_that_runs_past_the_next_ends_but_not_behind_its_publication",
         a_night_that_runs_past_the_next_ends_but_not_behind_its_publication},
        {"an_older_slot_is_begun_again_beside_one_that_has_failed",
         an_older_slot_is_begun_again_beside_one_that_has_failed},
        {"an_absent_night_is_due_then_late_then_missed",
         an_absent_night_is_due_then_late_then_missed},
        {"the_view_counts_what_should_have_been_published",
         the_view_counts_what_should_have_been_published},
        {"wishes_off_the_calendar_are_errors", wishes_off_the_calendar_are_errors},
        {"a_book_reads_back_as_it_was_written", a_book_reads_back_as_it_was_written},
        {"a_broken_book_is_refused_with_its_place",
         a_broken_book_is_refused_with_its_place},
        CU_TEST_INFO_NULL};
    CU_SuiteInfo suites[] = {{"night", NULL, NULL, NULL, NULL, tests},
                             CU_SUITE_INFO_NULL};

    return check_run(suites);
}
