#include "coordinator/relay_role.h"

static bool is_better(const struct relay_standpoint *mine,
                      const struct relay_standpoint *other)
{
    const int order = stream_name_compare(&mine->newest, &other->newest);

    if (order != 0)
        return order > 0;
    if (mine->is_first != other->is_first)
        return mine->is_first;
    return mine->started_ns < other->started_ns;
}

bool relay_role_serves(const struct relay_standpoint *mine,
                       const struct relay_standpoint *other, int64_t silent_ns,
                       int64_t takeover_ns)
{
    if (silent_ns >= takeover_ns)
        return true;
    if (other == NULL) /* not heard yet, but perhaps there */
        return mine->is_serving;
    if (mine->is_serving == other->is_serving)
        return is_better(mine, other);
    if (mine->is_serving)
        return true;
    return stream_name_compare(&mine->newest, &other->newest) > 0;
}
