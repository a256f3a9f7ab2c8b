/* stress_table.c -- the bad days that every set is tried on, one row each
 *
 * Chosen by what the record says of the market as a whole, not by what these dates do
 * to some parameter: each begins before the first large move and ends when it had
 * ended.  An instrument that was not there is not covered, and says so. */
#include "worker/stress.h"

const struct stress_event stress_events[] = {
    {"january-2018", "2018-01-05/2018-02-07",
     "the end of the 2017 boom: bitcoin from 17,000 to 6,000"},
    {"november-2018", "2018-11-13/2018-11-27",
     "bitcoin cash splits: bitcoin from 6,300 to 3,600"},
    {"march-2020", "2020-03-08/2020-03-20",
     "pandemic: bitcoin halves within a day, 12 March"},
    {"may-2021", "2021-05-12/2021-05-25",
     "leverage unwinds, 19 May: bitcoin 30 % down within a day"},
    {"december-2021", "2021-12-03/2021-12-06", "a fifth of bitcoin's price in an hour"},
    {"luna-2022", "2022-05-05/2022-05-16", "UST loses its peg, LUNA all of its value"},
    {"june-2022", "2022-06-10/2022-06-20", "Celsius and Three Arrows fail"},
    {"ftx-2022", "2022-11-05/2022-11-15", "FTX fails, FTT loses nine tenths"},
    {"march-2023", "2023-03-09/2023-03-14", "USDC trades at 0.87: Silicon Valley Bank"},
    {"august-2024", "2024-08-02/2024-08-07", "yen carry trades are closed, 5 August"},
    {"april-2025", "2025-04-02/2025-04-10", "tariffs"},
    {"october-2025", "2025-10-10/2025-10-13",
     "10 October: the largest liquidation of a day, many contracts halve and come "
     "back"},
};

size_t stress_n_events(void)
{
    return sizeof stress_events / sizeof *stress_events;
}
