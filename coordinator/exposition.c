#include "coordinator/exposition.h"

void exposition_head(FILE *out, const char *name, const char *type, const char *meaning)
{
    fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, meaning, name, type);
}

void exposition_label(FILE *out, const char *name, const char *value)
{
    fprintf(out, "%s=\"", name);
    for (; *value != '\0'; value++) {
        if (*value == '\n')
            fputs("\\n", out);
        else if (*value == '\\' || *value == '"')
            fprintf(out, "\\%c", *value);
        else
            fputc(*value, out);
    }
    fputc('"', out);
}
