#include "client/members.h"
#include "client/set_inside.h"

#include <math.h>

enum { PPM = 1000000, MS_MAX = 1000000000 }; /* eleven days */

static int read_engine(const json_t *object, struct plimsoll_liquidation *liquidation,
                       struct err *err)
{
    if (member_integer(object, "step_share_ppm", 1, PPM, &liquidation->step_share_ppm,
                       err) != 0 ||
        member_integer(object, "cooldown_ms", 0, MS_MAX, &liquidation->cooldown_ms,
                       err) != 0 ||
        member_integer(object, "fee_ppm", 0, PPM, &liquidation->fee_ppm, err) != 0 ||
        member_integer(object, "auction_length_ms", 0, MS_MAX,
                       &liquidation->auction_length_ms, err) != 0)
        return -1;
    return member_integer(object, "auction_start_ppm", -PPM, PPM,
                          &liquidation->auction_start_ppm, err);
}

static int read_money(const json_t *object, struct plimsoll_liquidation *liquidation,
                      struct err *err)
{
    liquidation->open_interest_cap = INFINITY;
    if (!json_is_null(json_object_get(object, "open_interest_cap")) &&
        member_real(object, "open_interest_cap", &liquidation->open_interest_cap,
                    err) != 0)
        return -1;
    if (!(liquidation->open_interest_cap > 0.0))
        return err_set(err, ERR_INPUT, "open_interest_cap: %g is not above 0",
                       liquidation->open_interest_cap);
    if (member_real(object, "insurance_fund", &liquidation->insurance_fund, err) != 0)
        return -1;
    if (!(liquidation->insurance_fund >= 0.0))
        return err_set(err, ERR_INPUT, "insurance_fund: %g is not 0 or more",
                       liquidation->insurance_fund);
    return 0;
}

int set_fill_liquidation(const json_t *entry, struct plimsoll_instrument *instrument,
                         struct err *err)
{
    static const char *const allowed[] = {
        "step_share_ppm",    "cooldown_ms",       "fee_ppm",        "auction_length_ms",
        "auction_start_ppm", "open_interest_cap", "insurance_fund", NULL};
    struct plimsoll_liquidation *liquidation = &instrument->liquidation;
    const json_t *object;

    if (json_object_get(entry, "liquidation") == NULL)
        return 0;
    if (member_object(entry, "liquidation", &object, err) != 0)
        return -1;
    if (members_only(object, allowed, err) != 0 ||
        read_engine(object, liquidation, err) != 0 ||
        read_money(object, liquidation, err) != 0)
        return err_add(err, "liquidation");
    liquidation->is_there = true;
    return 0;
}
