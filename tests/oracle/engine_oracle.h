/* engine_oracle.h -- what does the liquidation engine do, computed the slow and obvious
 * way, in decimals?
 *
 * Written from worker/LIQUIDATION.md alone.  Everything is decimal with 18 places but
 * powers, which long doubles make (64 bits, 1e-19).  It shares with the program the
 * structs that say what is asked, decimal.h (tested by itself) and the table of random
 * numbers. */
#ifndef TESTS_ENGINE_ORACLE_H
#define TESTS_ENGINE_ORACLE_H

#include "worker/engine.h"

/* The accounts are not changed; debt [n] (or NULL): what each lost beyond its
 * collateral. least_volume: the least, but for 0, of the volumes at which the mark was
 * asked for; infinite where there was none.  Near 0 a power below 1 magnifies what
 * doubles lose. */
struct engine_result engine_oracle(const struct engine_rules *rules,
                                   const struct engine_path *path, size_t n,
                                   const struct account account[], double fund,
                                   double debt[], double *least_volume);

#endif /* TESTS_ENGINE_ORACLE_H */
