/* fit_report.h -- figures said once, for people or as JSON */
#ifndef COORDINATOR_FIT_REPORT_H
#define COORDINATOR_FIT_REPORT_H

#include "core/json.h"

#include <stdio.h>

struct fit_report {
    bool as_json;
    int depth;
    struct json json;
    FILE *out; /* people's */
};

void fit_report_start(struct fit_report *report, bool as_json, FILE *out);
void fit_report_open(struct fit_report *report, const char *name);
void fit_report_close(struct fit_report *report);
void fit_report_text(struct fit_report *report, const char *name, const char *value);
void fit_report_real(struct fit_report *report, const char *name, double value);
void fit_report_count(struct fit_report *report, const char *name, size_t value);
void fit_report_flag(struct fit_report *report, const char *name, bool value);
/* Print the JSON. */
int fit_report_finish(struct fit_report *report, struct err *err);

#endif /* COORDINATOR_FIT_REPORT_H */
