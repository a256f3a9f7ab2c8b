/* relay_table.h -- what does a relay's configuration say?
 *
 * One table of keys checks the file, fills struct relay_keys and is what
 * `plimsoll help relay` prints; configs/relay.yaml is one to copy. */
#ifndef COORDINATOR_RELAY_TABLE_H
#define COORDINATOR_RELAY_TABLE_H

#include "coordinator/guard.h"
#include "coordinator/stage.h"
#include "core/conf.h"

#include <stdio.h>

/* A group of subscribers: a word of their list; the last is everybody. */
struct relay_group_keys {
    char *name;
    bool by_hand;
    int64_t n_acknowledged, for_ns;
    double share;
};

struct relay_keys {
    char *store, *control, *prometheus;
    bool plain;
    char *key, *signers, *publishers, *subscribers, *relays;
    char *intake, *serve, *feed; /* addresses */
    struct conf_list groups;     /* of struct relay_group_keys */
    char *follow_address, *follow_key;
    int64_t takeover_ns;
    bool is_first;
    struct guard guard;
    int64_t change_span_ns;
};

struct relay_config {
    struct relay_keys keys;
    struct conf *conf;
    size_t n_groups;
    const struct relay_group_keys *group; /* [n_groups] */
};

/* ERR_INPUT with file, line and column; what the table alone cannot say is checked too:
 * groups with names of their own, keys where it is not plain, loopback where it is. */
int relay_config_read(const struct conf_source *source, struct relay_config *config,
                      struct err *err);
void relay_config_free(struct relay_config *config);

/* The place of a group; n_groups: there is none of this name. */
size_t relay_config_group(const struct relay_config *config, const char *name);
struct stage_rule relay_config_rule(const struct relay_config *config, size_t group);

/* `plimsoll help relay`. */
void relay_help(FILE *out);

#endif /* COORDINATOR_RELAY_TABLE_H */
