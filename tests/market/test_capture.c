/* Captures as text: what is taken, what is left, what is refused. */
#include "market/capture.h"
#include "tests/check.h"

#include <stdlib.h>
#include <unistd.h>

struct heard {
    size_t n_books, n_trades;
    double bid, bought, sold;
    int64_t time_ns;
};

static int hear_book(void *context, int64_t time_ns, const struct book *book,
                     struct err *err)
{
    struct heard *heard = context;

    (void)err;
    heard->n_books++;
    heard->bid = book->level[BOOK_BID][0].price;
    heard->time_ns = time_ns;
    return 0;
}

static int hear_trade(void *context, const struct capture_trade *trade, struct err *err)
{
    struct heard *heard = context;

    (void)err;
    heard->n_trades++;
    *(trade->is_buy ? &heard->bought : &heard->sold) += trade->quantity;
    return 0;
}

static int read_text(const char *text, struct heard *heard,
                     struct capture_counts *counts, struct err *err)
{
    const struct capture_listener listener = {heard, hear_book, hear_trade};
    char path[] = "/tmp/capture-XXXXXX";
    const int fd = mkstemp(path);

    *heard = (struct heard){0};
    CU_ASSERT_FATAL(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
    const int status = capture_read(path, &listener, counts, err);
    unlink(path);
    return status;
}

#define SNAPSHOT                                                                       \
    "1 {\"lastUpdateId\":100,\"E\":5,\"bids\":[[\"99\",\"2\"]],\"asks\":"              \
    "[[\"101\",\"3\"]]}\n"

static void changes_before_and_behind_the_snapshot_are_put_on_it(void)
{
    struct capture_counts counts;
    struct err err = {0};
    struct heard heard;

    CU_ASSERT_EQUAL(
        read_text(
            "0 {\"data\":{\"e\":\"depthUpdate\",\"E\":1,\"U\":80,\"u\":90,\"pu\":79,"
            "\"b\":[[\"99.5\",\"1\"]],\"a\":[]}}\n"
            "0 {\"data\":{\"e\":\"depthUpdate\",\"E\":2,\"U\":91,\"u\":105,\"pu\":90,"
            "\"b\":[[\"99\",\"7\"]],\"a\":[]}}\n" SNAPSHOT
            "wss://x <- 7: {\"e\":\"depthUpdate\",\"E\":9,\"U\":106,\"u\":110,"
            "\"pu\":105,\"b\":[[\"100\",\"1\"]],\"a\":[]}\n",
            &heard, &counts, &err),
        0);
    CU_ASSERT_EQUAL(counts.n_snapshots, 1);
    CU_ASSERT_EQUAL(counts.n_changes, 2); /* the one before 100 is in the snapshot */
    CU_ASSERT_EQUAL(counts.n_breaks, 0);
    CU_ASSERT_EQUAL(heard.bid, 100.0);
    CU_ASSERT_EQUAL(heard.time_ns, 9000000);
}

static void a_broken_chain_leaves_the_book_unknown_until_the_next_snapshot(void)
{
    struct capture_counts counts;
    struct err err = {0};
    struct heard heard;

    CU_ASSERT_EQUAL(
        read_text(SNAPSHOT
                  "2 {\"e\":\"depthUpdate\",\"E\":6,\"U\":101,\"u\":101,\"b\":"
                  "[[\"100\",\"1\"]],\"a\":[]}\n"
                  "2 {\"e\":\"depthUpdate\",\"E\":7,\"U\":103,\"u\":104,\"b\":"
                  "[[\"100.5\",\"1\"]],\"a\":[]}\n"
                  "2 {\"e\":\"depthUpdate\",\"E\":8,\"U\":105,\"u\":105,\"b\":[],"
                  "\"a\":[]}\n",
                  &heard, &counts, &err),
        0);
    CU_ASSERT_EQUAL(counts.n_breaks, 1);
    CU_ASSERT_EQUAL(counts.n_changes, 1);
    CU_ASSERT_EQUAL(heard.n_books, 2); /* the snapshot and one change */
    CU_ASSERT_EQUAL(heard.bid, 100.0);
}

/* m: the buyer was the maker, so the taker sold. */
static void the_taker_of_a_trade_is_told_and_others_are_counted(void)
{
    struct capture_counts counts;
    struct err err = {0};
    struct heard heard;

    CU_ASSERT_EQUAL(
        read_text("{\"e\":\"trade\",\"E\":1,\"p\":\"100\",\"q\":\"2\",\"m\":true}\n"
                  "{\"e\":\"aggTrade\",\"E\":1,\"p\":\"100\",\"q\":\"3\",\"m\":false}\n"
                  "{\"e\":\"trade\",\"E\":1,\"p\":\"0\",\"q\":\"0\",\"m\":false}\n"
                  "{\"e\":\"bookTicker\",\"E\":1}\nno message\n\n",
                  &heard, &counts, &err),
        0);
    CU_ASSERT_EQUAL(heard.n_trades, 2);
    CU_ASSERT_EQUAL(heard.sold, 2.0);
    CU_ASSERT_EQUAL(heard.bought, 3.0);
    CU_ASSERT_EQUAL(counts.n_trades, 3);
    CU_ASSERT_EQUAL(counts.n_others, 2);
    CU_ASSERT_EQUAL(counts.n_lines, 6);
}

static void refuses(const char *text, const char *why)
{
    struct capture_counts counts;
    struct err err = {0};
    struct heard heard;

    CU_ASSERT_EQUAL(read_text(text, &heard, &counts, &err), -1);
    CU_ASSERT_EQUAL(err.kind, ERR_INPUT);
    CHECK_CONTAINS(err.text, why);
}

static void a_message_that_cannot_be_read_is_refused_with_its_line(void)
{
    refuses("\n1 {\"e\":\"trade\",\n", "line 2: column ");
    refuses("{\"e\":\"trade\",\"p\":\"x\",\"q\":\"1\",\"m\":true}\n", "line 1: p: ");
    refuses("{\"e\":\"trade\",\"p\":\"1\",\"q\":1,\"m\":true}\n",
            "line 1: q: is no number in quotes");
    refuses("{\"e\":\"trade\",\"p\":\"1\",\"q\":\"-1\",\"m\":true}\n",
            "line 1: q: -1 is below 0");
    refuses("{\"e\":\"trade\",\"p\":\"1\",\"q\":\"1\"}\n", "m: is missing");
    refuses("{\"lastUpdateId\":1,\"bids\":[],\"asks\":7}\n", "asks: is no array");
    refuses("{\"lastUpdateId\":1,\"bids\":[[\"1\"]],\"asks\":[]}\n",
            "bids[0]: quantity: is no number in quotes");
    refuses("{\"e\":\"depthUpdate\",\"u\":1}\n", "U: is missing, or no whole number");
}

int main(void)
{
    CU_TestInfo captures[] = {
        {"changes_before_and_behind_the_snapshot_are_put_on_it",
         changes_before_and_behind_the_snapshot_are_put_on_it},
        {"a_broken_chain_leaves_the_book_unknown_until_the_next_snapshot",
         a_broken_chain_leaves_the_book_unknown_until_the_next_snapshot},
        {"the_taker_of_a_trade_is_told_and_others_are_counted",
         the_taker_of_a_trade_is_told_and_others_are_counted},
        {"a_message_that_cannot_be_read_is_refused_with_its_line",
         a_message_that_cannot_be_read_is_refused_with_its_line},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {
        {"capture", NULL, NULL, NULL, NULL, captures},
        CU_SUITE_INFO_NULL,
    };

    return check_run(suites);
}
