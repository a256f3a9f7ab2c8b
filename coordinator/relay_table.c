#include "coordinator/relay_table.h"
#include "client/members.h"
#include "client/stream.h"
#include "core/clock.h"

#include <string.h>

#define GROUP(name) offsetof(struct relay_group_keys, name)
#define FIELD(name) offsetof(struct relay_keys, name)

static const struct conf_key group_keys[] = {
    {.path = "name",
     .type = CONF_TEXT,
     .offset = GROUP(name),
     .marks = CONF_REQUIRED,
     .meaning = "a word of the subscribers' list; the last group is everybody"},
    {.path = "by_hand",
     .type = CONF_FLAG,
     .offset = GROUP(by_hand),
     .preset = "false",
     .meaning = "the next group gets a set only by `plimsoll promote`"},
    {.path = "acknowledged",
     .type = CONF_INTEGER,
     .offset = GROUP(n_acknowledged),
     .preset = "1",
     .min = 0,
     .max = 1e6,
     .meaning = "the next group gets a set when at least so many here hold it ..."},
    {.path = "share",
     .type = CONF_REAL,
     .offset = GROUP(share),
     .preset = "1",
     .min = 0.0,
     .max = 1.0,
     .meaning = "... and at least this share of those of the group that are there ..."},
    {.path = "for",
     .type = CONF_DURATION,
     .offset = GROUP(for_ns),
     .preset = "10m",
     .min = CLOCK_SECOND,
     .max = 400.0 * CLOCK_DAY,
     .meaning = "... all this time on end"},
};

static const struct conf_table group_table = {"group", group_keys,
                                              sizeof group_keys / sizeof *group_keys,
                                              sizeof(struct relay_group_keys)};

static const struct conf_key fixed_keys[] = {
    {.path = "store",
     .type = CONF_TEXT,
     .offset = FIELD(store),
     .marks = CONF_REQUIRED,
     .meaning = "directory of publications.plr and audit.log"},
    {.path = "control",
     .type = CONF_TEXT,
     .offset = FIELD(control),
     .meaning = "ipc:// address for freeze, promote, approve ...; default "
                "STORE/control, for whoever may write there"},
    {.path = "prometheus",
     .type = CONF_TEXT,
     .offset = FIELD(prometheus),
     .meaning = "file of figures for Prometheus; default STORE/relay.prom"},
    {.path = "plain",
     .type = CONF_FLAG,
     .offset = FIELD(plain),
     .preset = "false",
     .meaning = "no CURVE: only on this machine's loopback and ipc://, for trials"},
    {.path = "keys.relay",
     .type = CONF_TEXT,
     .offset = FIELD(key),
     .meaning = "this relay's CURVE key, NAME.secret (plimsoll keygen --kind curve)"},
    {.path = "keys.signers",
     .type = CONF_TEXT,
     .offset = FIELD(signers),
     .marks = CONF_REQUIRED,
     .meaning = "list of those whose signatures count, and how many are needed"},
    {.path = "keys.publishers",
     .type = CONF_TEXT,
     .offset = FIELD(publishers),
     .meaning = "list of those who may connect to the intake"},
    {.path = "keys.subscribers",
     .type = CONF_TEXT,
     .offset = FIELD(subscribers),
     .meaning = "list of those who may subscribe, with their groups"},
    {.path = "keys.relays",
     .type = CONF_TEXT,
     .offset = FIELD(relays),
     .meaning = "list of the relays that may follow this one"},
    {.path = "listen.intake",
     .type = CONF_TEXT,
     .offset = FIELD(intake),
     .marks = CONF_REQUIRED,
     .meaning = "where publishers offer sets: tcp://ADDRESS:PORT or ipc://PATH"},
    {.path = "listen.subscribers",
     .type = CONF_TEXT,
     .offset = FIELD(serve),
     .marks = CONF_REQUIRED,
     .meaning = "where engines get them"},
    {.path = "listen.feed",
     .type = CONF_TEXT,
     .offset = FIELD(feed),
     .meaning = "where a second relay follows; none: nobody does"},
    {.path = "groups",
     .type = CONF_LIST,
     .offset = FIELD(groups),
     .items = &group_table,
     .marks = CONF_REQUIRED,
     .meaning = "who gets a set first, second ...; the last is production"},
    {.path = "follow.address",
     .type = CONF_TEXT,
     .offset = FIELD(follow_address),
     .meaning = "the other relay's feed: whoever of the two serves is followed"},
    {.path = "follow.key",
     .type = CONF_TEXT,
     .offset = FIELD(follow_key),
     .meaning = "the other relay's CURVE key, NAME.public"},
    {.path = "follow.takeover_after",
     .type = CONF_DURATION,
     .offset = FIELD(takeover_ns),
     .preset = "5s",
     .min = CLOCK_SECOND,
     .max = (double)CLOCK_DAY,
     .meaning = "serve when the other has been silent so long"},
    {.path = "follow.first",
     .type = CONF_FLAG,
     .offset = FIELD(is_first),
     .preset = "false",
     .meaning = "of two that both could serve, this one does"},
    {.path = "publication.change_span",
     .type = CONF_DURATION,
     .offset = FIELD(change_span_ns),
     .preset = "1d",
     .min = CLOCK_SECOND,
     .max = 400.0 * CLOCK_DAY,
     .meaning = "guard-rail: publication.change also holds against the set in "
                "production so long ago"},
};

enum { N_FIXED = sizeof fixed_keys / sizeof *fixed_keys };

static struct conf_key keys[N_FIXED + GUARD_KEYS];
static struct conf_table table = {.title = "relay's configuration",
                                  .keys = keys,
                                  .n_keys = N_FIXED + GUARD_KEYS,
                                  .size = sizeof(struct relay_keys)};

static const struct conf_table *relay_table(void)
{
    if (keys[0].path == NULL) {
        memcpy(keys, fixed_keys, sizeof fixed_keys);
        guard_keys(FIELD(guard), keys + N_FIXED);
    }
    return &table;
}

void relay_help(FILE *out)
{
    conf_help(relay_table(), out);
}

/* ---- what the table cannot say ---- */

static int check_address(const struct relay_config *config, const char *path,
                         const char *address, struct err *err)
{
    struct err why = {0};

    if (address == NULL ||
        stream_check_address(address, !config->keys.plain, &why) == 0)
        return 0;
    return conf_complain(config->conf, path, err, "%s", why.text);
}

static int check_group(const struct relay_config *config, size_t i, struct err *err)
{
    const struct relay_group_keys *group = &config->group[i];
    char path[64];
    struct err why = {0};

    snprintf(path, sizeof path, "groups[%zu].name", i);
    if (member_check_name(group->name, &why) != 0)
        return conf_complain(config->conf, path, err, "'%.60s' %s", group->name,
                             why.text);
    return relay_config_group(config, group->name) == i
               ? 0
               : conf_complain(config->conf, path, err, "'%s' is there twice",
                               group->name);
}

static int check_groups(const struct relay_config *config, struct err *err)
{
    if (config->n_groups == 0 || config->n_groups > STAGES_MAX)
        return conf_complain(config->conf, "groups", err, "%zu are not 1 to %d",
                             config->n_groups, STAGES_MAX);
    for (size_t i = 0; i < config->n_groups; i++)
        if (check_group(config, i, err) != 0)
            return -1;
    return 0;
}

static int check_keys(const struct relay_config *config, struct err *err)
{
    const struct relay_keys *is = &config->keys;
    const struct {
        const char *path, *value;
        bool is_wanted;
    } wanted[] = {
        {"keys.relay", is->key, true},
        {"keys.publishers", is->publishers, true},
        {"keys.subscribers", is->subscribers, true},
        {"keys.relays", is->relays, is->feed != NULL},
        {"follow.key", is->follow_key, is->follow_address != NULL},
    };

    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        if (!is->plain && wanted[i].is_wanted && wanted[i].value == NULL)
            return err_set(err, ERR_INPUT,
                           "%s is missing: without `plain: true` every connection "
                           "has a key",
                           wanted[i].path);
    if (is->follow_key != NULL && is->follow_address == NULL)
        return conf_complain(config->conf, "follow.key", err,
                             "there is no follow.address");
    if (is->control != NULL && strncmp(is->control, "ipc://", 6) != 0)
        return conf_complain(config->conf, "control", err,
                             "'%.60s' is not an ipc:// address", is->control);
    return 0;
}

static int check(const struct relay_config *config, struct err *err)
{
    const struct relay_keys *is = &config->keys;

    if (check_groups(config, err) != 0 || check_keys(config, err) != 0 ||
        check_address(config, "listen.intake", is->intake, err) != 0 ||
        check_address(config, "listen.subscribers", is->serve, err) != 0 ||
        check_address(config, "listen.feed", is->feed, err) != 0 ||
        check_address(config, "follow.address", is->follow_address, err) != 0)
        return -1;
    return guard_check_keys(&is->guard, config->conf, err);
}

int relay_config_read(const struct conf_source *source, struct relay_config *config,
                      struct err *err)
{
    *config = (struct relay_config){0};
    if (conf_read_source(source, relay_table(), &config->keys, &config->conf, err) != 0)
        return -1;
    config->n_groups = config->keys.groups.n;
    config->group = config->keys.groups.item;
    if (check(config, err) == 0)
        return 0;
    if (strstr(err != NULL ? err->text : "", source->path) == NULL)
        err_add(err, "%s", source->path);
    relay_config_free(config);
    return -1;
}

void relay_config_free(struct relay_config *config)
{
    conf_free(config->conf, &config->keys);
    *config = (struct relay_config){0};
}

size_t relay_config_group(const struct relay_config *config, const char *name)
{
    size_t i = 0;

    while (i < config->n_groups && strcmp(config->group[i].name, name) != 0)
        i++;
    return i;
}

struct stage_rule relay_config_rule(const struct relay_config *config, size_t group)
{
    const struct relay_group_keys *is = &config->group[group];

    return (struct stage_rule){.by_hand = is->by_hand,
                               .n_acknowledged = is->n_acknowledged,
                               .share = is->share,
                               .for_ns = is->for_ns};
}
