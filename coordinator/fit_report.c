#include "coordinator/fit_report.h"

#include "core/text.h"

#include <math.h>
#include <stdlib.h>

void fit_report_start(struct fit_report *report, bool as_json, FILE *out)
{
    *report = (struct fit_report){.as_json = as_json, .out = out};
    json_start(&report->json, 2);
    json_put_object(&report->json, NULL);
}

void fit_report_open(struct fit_report *report, const char *name)
{
    if (report->as_json)
        json_put_object(&report->json, name);
    else
        fprintf(report->out, "%*s%s\n", 2 * report->depth, "", name);
    report->depth++;
}

void fit_report_close(struct fit_report *report)
{
    report->depth--;
    if (report->as_json)
        json_end(&report->json);
}

static void print_line(struct fit_report *report, const char *name, const char *value)
{
    enum { WIDTH = 28 };

    fprintf(report->out, "%*s%-*s %s\n", 2 * report->depth, "",
            WIDTH - 1 - 2 * report->depth, name, value);
}

void fit_report_text(struct fit_report *report, const char *name, const char *value)
{
    if (report->as_json)
        json_put_text(&report->json, name, value);
    else
        print_line(report, name, value);
}

void fit_report_real(struct fit_report *report, const char *name, double value)
{
    char text[TEXT_REAL_MAX];

    if (report->as_json)
        json_put_real(&report->json, name, value);
    else
        print_line(report, name, isfinite(value) ? text_from_real(value, text) : "-");
}

void fit_report_count(struct fit_report *report, const char *name, size_t value)
{
    fit_report_real(report, name, (double)value);
}

void fit_report_flag(struct fit_report *report, const char *name, bool value)
{
    if (report->as_json)
        json_put_flag(&report->json, name, value);
    else
        print_line(report, name, value ? "yes" : "no");
}

int fit_report_finish(struct fit_report *report, struct err *err)
{
    char *bytes = NULL;
    size_t n_bytes;

    if (!report->as_json) {
        json_abandon(&report->json);
        return 0;
    }
    json_end(&report->json);
    if (json_finish(&report->json, &bytes, &n_bytes, err) != 0)
        return -1;
    fwrite(bytes, 1, n_bytes, report->out);
    free(bytes);
    return 0;
}
