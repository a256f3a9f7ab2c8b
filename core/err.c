#include "core/err.h"
#include "core/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int err_set(struct err *err, enum err_kind kind, const char *fmt, ...)
{
    char text[ERR_TEXT_MAX];
    va_list ap;

    if (err == NULL)
        return -1;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    err->kind = kind;
    text_show(text, err->text, sizeof err->text);
    return -1;
}

int err_add(struct err *err, const char *fmt, ...)
{
    char text[ERR_TEXT_MAX], context[ERR_TEXT_MAX];
    va_list ap;

    if (err == NULL)
        return -1;
    va_start(ap, fmt);
    const int n_whole = vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);

    const size_t n = text_show(text, context, sizeof context);
    const size_t cause_len = strlen(err->text);
    if (n_whole >= ERR_TEXT_MAX || n + 2 + cause_len >= sizeof err->text)
        return -1;
    memmove(err->text + n + 2, err->text, cause_len + 1);
    memcpy(err->text, context, n);
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
