#include "core/log.h"
#include "core/clock.h"
#include "core/file.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static FILE *log_file;
static char log_path[FILE_PATH_MAX];
static bool log_quiet;

int log_open(const char *path, struct err *err)
{
    FILE *file = fopen(path, "a");

    if (file == NULL)
        return err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
    log_close();
    log_file = file;
    snprintf(log_path, sizeof log_path, "%s", path);
    return 0;
}

void log_close(void)
{
    if (log_file != NULL)
        fclose(log_file);
    log_file = NULL;
}

void log_be_quiet(bool quiet)
{
    log_quiet = quiet;
}

static void write_to_file(const char *label, const char *text)
{
    char now[CLOCK_TEXT_MAX];

    if (log_file == NULL)
        return;
    fprintf(log_file, "%s %s %s\n",
            clock_moment_text(clock_now() / CLOCK_SECOND * CLOCK_SECOND, now), label,
            text);
    if (fflush(log_file) == 0)
        return;
    fprintf(stderr, "log %s cannot be written (%s); the run goes on without it\n",
            log_path, strerror(errno));
    log_close();
}

static void format(char text[1024], const char *fmt, va_list ap)
{
    if (vsnprintf(text, 1024, fmt, ap) < 0)
        text[0] = '\0';
}

void log_line(const char *label, const char *fmt, ...)
{
    char text[1024];
    va_list ap;

    va_start(ap, fmt);
    format(text, fmt, ap);
    va_end(ap);
    if (!log_quiet)
        fprintf(stderr, "%s %s\n", label, text);
    write_to_file(label, text);
}

void log_detail(const char *label, const char *fmt, ...)
{
    char text[1024];
    va_list ap;

    va_start(ap, fmt);
    format(text, fmt, ap);
    va_end(ap);
    write_to_file(label, text);
}
