/* A book against a list that is searched from end to end. */
#include "market/book.h"
#include "tests/check.h"

#include <stdint.h>
#include <stdlib.h>

enum { CHANGES = 7473, PRICES = 137 };

static uint64_t state = 747;

static uint64_t draw(uint64_t n)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state % n;
}

/* quantity[side][price - 1]: 0 is no level */
static double listed[BOOK_SIDES][PRICES];

static void compare(const struct book *book)
{
    for (int side = 0; side < BOOK_SIDES; side++) {
        size_t n = 0;

        for (size_t i = 0; i < PRICES; i++) {
            const size_t price = side == BOOK_BID ? PRICES - i : i + 1;
            const double quantity = listed[side][price - 1];

            if (quantity == 0.0)
                continue;
            CU_ASSERT_FATAL(n < book->n[side]);
            CU_ASSERT_EQUAL(book->level[side][n].price, (double)price);
            CU_ASSERT_EQUAL(book->level[side][n].quantity, quantity);
            n++;
        }
        CU_ASSERT_EQUAL(book->n[side], n);
    }
}

static void levels_are_those_of_the_last_change_best_first(void)
{
    struct book book = {0};
    struct err err = {0};

    for (int i = 0; i < CHANGES; i++) {
        const enum book_side side = (enum book_side)draw(2);
        const uint64_t price = 1 + draw(PRICES);
        const double quantity = draw(3) == 0 ? 0.0 : (double)(1 + draw(100));

        listed[side][price - 1] = quantity;
        CU_ASSERT_EQUAL(
            book_set(&book, side, (struct book_level){(double)price, quantity}, &err),
            0);
        if (i % 13 == 0)
            compare(&book);
    }
    compare(&book);
    book_clear(&book);
    CU_ASSERT_FALSE(book_is_whole(&book));
    book_free(&book);
}

static struct book small_book(void)
{
    struct book book = {0};
    struct err err = {0};

    book_set(&book, BOOK_BID, (struct book_level){99.0, 2.0}, &err);
    book_set(&book, BOOK_BID, (struct book_level){98.0, 5.0}, &err);
    book_set(&book, BOOK_ASK, (struct book_level){101.0, 3.0}, &err);
    book_set(&book, BOOK_ASK, (struct book_level){103.0, 1.0}, &err);
    return book;
}

/* By hand: mid 100; 303 of the asks at 1 %, then 103 at 3 %. */
static void walking_costs_what_each_level_is_away(void)
{
    struct book book = small_book();

    CU_ASSERT_TRUE(book_is_whole(&book));
    CU_ASSERT_EQUAL(book_mid(&book), 100.0);
    CHECK_REL(book_cost(&book, BOOK_ASK, 303.0, 0.0), 0.01, 1e-15);
    CHECK_REL(book_cost(&book, BOOK_ASK, 353.0, 0.0),
              (303.0 * 0.01 + 50.0 * 0.03) / 353.0, 1e-15);
    CU_ASSERT_TRUE(isnan(book_cost(&book, BOOK_ASK, 407.0, 0.0)));
    CHECK_REL(book_cost(&book, BOOK_BID, 20.0, 10.0), 0.01, 1e-15);
    CHECK_REL(book_cost(&book, BOOK_BID, 70.0, 10.0),
              (20.0 * 0.01 + 50.0 * 0.02) / 70.0, 1e-15);
    CHECK_REL(book_depth(&book, BOOK_ASK, 0.02, 0.0), 303.0, 1e-15);
    CHECK_REL(book_depth(&book, BOOK_ASK, 0.05, 10.0), 40.0, 1e-15);
    CU_ASSERT_EQUAL(book_depth(&book, BOOK_BID, 0.001, 0.0), 0.0);
    book_free(&book);
}

static void a_crossed_or_one_sided_book_is_not_whole(void)
{
    struct book book = small_book();
    struct err err = {0};

    book_set(&book, BOOK_BID, (struct book_level){101.0, 1.0}, &err);
    CU_ASSERT_FALSE(book_is_whole(&book));
    book_set(&book, BOOK_BID, (struct book_level){101.0, 0.0}, &err);
    CU_ASSERT_TRUE(book_is_whole(&book));
    book_set(&book, BOOK_ASK, (struct book_level){101.0, 0.0}, &err);
    book_set(&book, BOOK_ASK, (struct book_level){103.0, 0.0}, &err);
    CU_ASSERT_FALSE(book_is_whole(&book));
    book_free(&book);
}

int main(void)
{
    CU_TestInfo books[] = {
        {"levels_are_those_of_the_last_change_best_first",
         levels_are_those_of_the_last_change_best_first},
        {"walking_costs_what_each_level_is_away",
         walking_costs_what_each_level_is_away},
        {"a_crossed_or_one_sided_book_is_not_whole",
         a_crossed_or_one_sided_book_is_not_whole},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {
        {"book", NULL, NULL, NULL, NULL, books},
        CU_SUITE_INFO_NULL,
    };

    return check_run(suites);
}
