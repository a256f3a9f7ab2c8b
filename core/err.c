#include "core/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int err_set(struct err *err, enum err_kind kind, const char *fmt, ...)
{
    if (err != NULL) {
        va_list ap;

        err->kind = kind;
        va_start(ap, fmt);
        vsnprintf(err->text, sizeof err->text, fmt, ap);
        va_end(ap);
    }
    return -1;
}

int err_add(struct err *err, const char *fmt, ...)
{
    char context[ERR_TEXT_MAX];
    va_list ap;

    if (err == NULL)
        return -1;
    va_start(ap, fmt);
    const int n = vsnprintf(context, sizeof context, fmt, ap);
    va_end(ap);

    const size_t cause_len = strlen(err->text);
    if (n < 0 || (size_t)n + 2 + cause_len >= sizeof err->text)
        return -1;
    memmove(err->text + n + 2, err->text, cause_len + 1);
    memcpy(err->text, context, (size_t)n);
    memcpy(err->text + n, ": ", 2);
    return -1;
}

int err_exit_code(const struct err *err)
{
    static const int code[] = {
        [ERR_NONE] = 0,    [ERR_USAGE] = 2,      [ERR_INPUT] = 3,   [ERR_IO] = 3,
        [ERR_COMM] = 70,   [ERR_INCOMPLETE] = 4, [ERR_REFUSED] = 5, [ERR_STOPPED] = 75,
        [ERR_MEMORY] = 70, [ERR_BUG] = 70,
    };

    return code[err->kind];
}
