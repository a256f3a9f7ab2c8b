/* fuzz_relay_config.c -- any text as a relay's configuration: whole, or one line that
 * says what is wrong */
#include "coordinator/relay_table.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n_bytes);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n_bytes)
{
    const struct conf_source source = {
        .path = "relay.yaml", .bytes = (const char *)bytes, .n_bytes = n_bytes};
    struct relay_config config;
    struct err err = {0};

    if (n_bytes > 20000) /* long lists are slow, not dangerous */
        return 0;
    if (relay_config_read(&source, &config, &err) == 0) {
        if (config.n_groups == 0 || config.n_groups > STAGES_MAX)
            abort();
        for (size_t i = 0; i < config.n_groups; i++)
            if (relay_config_group(&config, config.group[i].name) != i)
                abort();
        relay_config_free(&config);
    } else if (err.text[0] == '\0' || strchr(err.text, '\n') != NULL) {
        abort();
    }
    return 0;
}
