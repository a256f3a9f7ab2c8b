#include "worker/draws.h"
#include "core/sha256.h"

#include <string.h>

uint64_t draws_seed(uint64_t run, size_t n, const double value[])
{
    struct sha256 sha;
    char text[SHA256_TEXT_MAX];
    uint64_t seed = 0;

    if (n == 0)
        return run;
    sha256_start(&sha);
    sha256_add(&sha, &run, sizeof run);
    sha256_add(&sha, value, n * sizeof *value);
    sha256_text(&sha, text);
    for (int i = 0; i < 16; i++)
        seed = seed << 4 |
               (uint64_t)(strchr("0123456789abcdef", text[i]) - "0123456789abcdef");
    return seed;
}
