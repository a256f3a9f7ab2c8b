#include "mpi/shelf.h"
#include "tests/check.h"

static struct team team;

/* Item i is filled with i + 1; item 5 cannot be had.  Counts its own fillings. */
static int fill(void *context, size_t item, void *place)
{
    int *n_filled = context;

    (*n_filled)++;
    if (item == 5)
        return -1;
    memset(place, (int)item + 1, 1000);
    return 0;
}

static void each_item_is_filled_once_a_node_and_read_by_all(void)
{
    enum { ITEMS = 23 };
    size_t n_bytes[ITEMS];
    struct shelf *shelf;
    int n_filled = 0, n_all;
    const struct shelf_filler filler = {&n_filled, fill};

    for (size_t i = 0; i < ITEMS; i++)
        n_bytes[i] = 1000;
    CU_ASSERT_FATAL(shelf_new(&team, ITEMS, n_bytes, 1 << 20, &shelf, NULL) == 0);
    for (int turn = 0; turn < 3; turn++)
        for (size_t i = 0; i < ITEMS; i++) {
            const size_t item = (i * 7 + (size_t)team.rank * 5) % ITEMS;
            const unsigned char *place = shelf_get(shelf, item, &filler);

            if (team.size == 1 || item == 5) {
                CU_ASSERT(place == NULL);
                continue;
            }
            CU_ASSERT_FATAL(place != NULL);
            for (size_t b = 0; b < n_bytes[item]; b++)
                CU_ASSERT_FATAL(place[b] == item + 1);
        }
    MPI_Allreduce(&n_filled, &n_all, 1, MPI_INT, MPI_SUM, team.comm);
    CU_ASSERT(n_all ==
              (team.size == 1 ? 0 : ITEMS)); /* all ranks here are one node's */
    shelf_free(shelf);
}

static void what_is_beyond_the_limit_has_no_place(void)
{
    const size_t n_bytes[] = {1000, 5000, 1000, 4000};
    struct shelf *shelf;
    int n_filled = 0;
    const struct shelf_filler filler = {&n_filled, fill};

    CU_ASSERT_FATAL(shelf_new(&team, 4, n_bytes, 3000, &shelf, NULL) == 0);
    CU_ASSERT(shelf_get(shelf, 1, &filler) == NULL);
    CU_ASSERT(shelf_bytes(shelf) <= 3000);
    if (team.size > 1) {
        CU_ASSERT(shelf_get(shelf, 0, &filler) != NULL);
        CU_ASSERT(shelf_get(shelf, 3, &filler) == NULL);
    }
    MPI_Barrier(team.comm);
    shelf_free(shelf);
    shelf_free(NULL);
}

int main(int argc, char **argv)
{
    CU_TestInfo shelf[] = {
        {"each_item_is_filled_once_a_node_and_read_by_all",
         each_item_is_filled_once_a_node_and_read_by_all},
        {"what_is_beyond_the_limit_has_no_place",
         what_is_beyond_the_limit_has_no_place},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"shelf", NULL, NULL, NULL, NULL, shelf},
                             CU_SUITE_INFO_NULL};

    if (team_start(&argc, &argv, &team, NULL) != 0)
        return 2;
    const int status = check_run(suites);
    team_end(&team);
    return status;
}
