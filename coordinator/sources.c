#include "coordinator/sources.h"
#include "worker/study.h"

static const char *const from_text[] = {[SOURCE_DEFAULT] = "default from volume",
                                        [SOURCE_JOB] = "given by the job",
                                        [SOURCE_MEASURED] = "estimated"};
static const char *const of_text[MEASURED_LAWS] = {
    [MEASURED_FLOW] = "flow", [MEASURED_BOOK] = "book"};

static size_t find(const struct plan *plan, const char *instrument,
                   struct study_source source[STUDY_SOURCES_MAX])
{
    return plan->study->sources != NULL ? plan->study->sources(plan, instrument, source)
                                        : 0;
}

void sources_put(struct json *json, const struct plan *plan, const char *instrument)
{
    struct study_source source[STUDY_SOURCES_MAX];
    const size_t n = find(plan, instrument, source);

    if (n == 0)
        return;
    json_put_array(json, "sources");
    for (size_t i = 0; i < n; i++) {
        json_put_object(json, NULL);
        json_put_text(json, "name", source[i].name);
        json_put_real(json, "value", source[i].figure.value);
        json_put_text(json, "from", from_text[source[i].from]);
        if (source[i].measured != NULL) {
            json_put_real(json, "low", source[i].figure.low);
            json_put_real(json, "high", source[i].figure.high);
            json_put_text(json, "of", of_text[source[i].of]);
            json_put_text(json, "source", source[i].measured->source);
            json_put_text(json, "source_sha256", source[i].measured->sha256);
        }
        json_end(json);
    }
    json_end(json);
}

static void print_line(size_t n, const struct study_source source[], FILE *out)
{
    for (size_t i = 0; i < n; i++) {
        fprintf(out, "%s %s %.4g", i > 0 ? "," : "", source[i].name,
                source[i].figure.value);
        if (source[i].measured != NULL)
            fprintf(out, " [%.4g, %.4g]", source[i].figure.low, source[i].figure.high);
        fprintf(out, " (%s", from_text[source[i].from]);
        if (source[i].measured != NULL)
            fprintf(out, " of the %s, %s", of_text[source[i].of],
                    source[i].measured->source);
        fputc(')', out);
    }
    fputc('\n', out);
}

static bool has_measured(size_t n, const struct study_source source[])
{
    for (size_t i = 0; i < n; i++)
        if (source[i].from == SOURCE_MEASURED)
            return true;
    return false;
}

void sources_print(const struct plan *plan, const struct universe *universe, FILE *out)
{
    struct study_source source[STUDY_SOURCES_MAX];
    size_t n_measured = 0;

    for (size_t i = 0; i < universe->n; i++) {
        const char *instrument = universe->entry[i]->instrument;
        const size_t n = find(plan, instrument, source);

        if (!has_measured(n, source))
            continue;
        n_measured++;
        fprintf(out, "%s:", instrument);
        print_line(n, source, out);
    }
    const size_t n = find(plan, NULL, source);
    if (n > 0 && n_measured < universe->n) {
        fprintf(out, n_measured > 0 ? "all others:" : "all:");
        print_line(n, source, out);
    }
    if (n > 0)
        fputc('\n', out);
}
