/* conf_value.h -- one value on its way from a node to a field
 *
 * Private to conf_*.c. */
#ifndef CORE_CONF_VALUE_H
#define CORE_CONF_VALUE_H

#include "core/conf_tree.h"

struct reading {
    struct conf *conf;
    const struct conf_key *key;
    const char *path; /* for messages; of an inner value where there is one */
};

/* "... is not WANTED (meaning)", or "has no value". */
int conf_wrong_kind(const struct reading *r, const struct conf_node *node,
                    const char *wanted, struct err *err);
int conf_check_bounds(const struct reading *r, const struct conf_node *node,
                      double value, struct err *err);

int conf_read_real(const struct reading *r, const struct conf_node *node, double *value,
                   struct err *err);
int conf_read_text(const struct reading *r, const struct conf_node *node, char **value,
                   struct err *err);
/* Every type that is one scalar. */
int conf_read_scalar(const struct reading *r, const struct conf_node *node, void *field,
                     struct err *err);

#endif /* CORE_CONF_VALUE_H */
