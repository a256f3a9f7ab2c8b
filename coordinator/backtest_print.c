#include "coordinator/backtest_print.h"

#include "worker/combine.h"
#include "worker/series.h"

/* A section's p-values, in the order of the report. */
struct p_row {
    const char *name;
    enum backtest_p p;
};

struct section {
    const char *name;
    size_t n;
    struct p_row row[4];
};

static const struct section sections[] = {
    {"kupiec",
     4,
     {{"p_value", P_KUPIEC},
      {"exact_p", P_KUPIEC_EXACT},
      {"p_upper", P_KUPIEC_UPPER},
      {"exact_p_upper", P_BINOMIAL_UPPER}}},
    {"christoffersen",
     4,
     {{"p_value", P_INDEPENDENCE},
      {"simulated_p", P_INDEPENDENCE_SIMULATED},
      {"conditional_coverage_p", P_CONDITIONAL},
      {"conditional_coverage_simulated_p", P_CONDITIONAL_SIMULATED}}},
    {"tuff", 2, {{"p_value", P_TUFF}, {"exact_p", P_TUFF_EXACT}}},
    {"duration", 2, {{"p_value", P_DURATION}, {"simulated_p", P_DURATION_SIMULATED}}},
    {"dynamic_quantile",
     2,
     {{"p_value", P_DYNAMIC_QUANTILE}, {"simulated_p", P_DYNAMIC_QUANTILE_SIMULATED}}},
};
enum { OF_VAR = sizeof sections / sizeof *sections };
enum { KUPIEC, CHRISTOFFERSEN, TUFF, DURATION, DYNAMIC_QUANTILE };

static const struct section shortfall[] = {
    {"z1", 1, {{"simulated_p", P_Z1}}},
    {"z2", 1, {{"simulated_p", P_Z2}}},
    {"z3", 1, {{"simulated_p", P_Z3}}},
    {"mcneil_frey",
     2,
     {{"p_student", P_MCNEIL_FREY_STUDENT}, {"p_bootstrap", P_MCNEIL_FREY_BOOTSTRAP}}},
};
enum { MCNEIL_FREY = ACERBI_TESTS };

static void put_status(struct fit_report *report, enum backtest_status status)
{
    fit_report_text(report, "status", backtest_status_text(status));
}

/* ---- one series ----------------------------------------------------------------- */

static void put_ps(const struct section *section, const double p[],
                   struct fit_report *report)
{
    for (size_t i = 0; i < section->n; i++)
        fit_report_real(report, section->row[i].name, p[section->row[i].p]);
}

static void put_pairs(const struct backtest_figures *of, struct fit_report *report)
{
    fit_report_count(report, "n00", of->pairs.n00);
    fit_report_count(report, "n01", of->pairs.n01);
    fit_report_count(report, "n10", of->pairs.n10);
    fit_report_count(report, "n11", of->pairs.n11);
    fit_report_real(report, "lr", of->independence.lr);
    fit_report_real(report, "conditional_coverage_lr",
                    of->kupiec.lr + of->independence.lr);
}

static void put_duration(const struct duration *duration, struct fit_report *report)
{
    put_status(report, duration->status);
    fit_report_real(report, "b", duration->b);
    fit_report_real(report, "log_likelihood", duration->log_likelihood);
    fit_report_real(report, "lr", duration->lr);
}

/* What a section has beside its p-values. */
static void put_statistics(size_t section, const struct backtest_figures *of,
                           struct fit_report *report)
{
    switch (section) {
    case KUPIEC:
        fit_report_real(report, "lr", of->kupiec.lr);
        return;
    case CHRISTOFFERSEN:
        put_pairs(of, report);
        return;
    case TUFF:
        put_status(report, of->tuff.status);
        fit_report_count(report, "first", of->tuff.first);
        fit_report_real(report, "lr", of->tuff.lr);
        fit_report_real(report, "p_at_most", of->tuff.p_at_most);
        return;
    case DURATION:
        put_duration(&of->duration, report);
        return;
    default:
        put_status(report, of->dynamic_quantile.status);
        fit_report_count(report, "regressors", of->dynamic_quantile.n_regressors);
        fit_report_real(report, "dq", of->dynamic_quantile.dq);
    }
}

static void put_z(int test, const struct backtest_figures *of,
                  struct fit_report *report)
{
    fit_report_open(report, shortfall[test].name);
    put_status(report, of->acerbi.status[test]);
    fit_report_real(report, "z", of->acerbi.z[test]);
    put_ps(&shortfall[test], of->p, report);
    fit_report_real(report, "critical_5", of->critical[test][0]);
    fit_report_real(report, "critical_1", of->critical[test][1]);
    fit_report_close(report);
}

static void put_mcneil_frey(const struct backtest_figures *of,
                            struct fit_report *report)
{
    fit_report_open(report, "mcneil_frey");
    put_status(report, of->mcneil_frey.status);
    fit_report_real(report, "mean_residual", of->mcneil_frey.mean);
    fit_report_real(report, "t", of->mcneil_frey.t);
    put_ps(&shortfall[MCNEIL_FREY], of->p, report);
    fit_report_close(report);
}

void backtest_print(const struct backtest_figures *figures, bool has_es,
                    struct fit_report *report)
{
    for (size_t i = 0; i < OF_VAR; i++) {
        fit_report_open(report, sections[i].name);
        put_statistics(i, figures, report);
        put_ps(&sections[i], figures->p, report);
        fit_report_close(report);
    }
    if (!has_es)
        return;
    fit_report_open(report, "acerbi_szekely");
    for (int test = 0; test < ACERBI_TESTS; test++)
        put_z(test, figures, report);
    fit_report_close(report);
    put_mcneil_frey(figures, report);
}

/* ---- several phases together ----------------------------------------------------- */

static void put_together(const struct section *section, size_t n_phases,
                         const struct backtest_figures phase[],
                         struct fit_report *report)
{
    double p[HORIZON_MAX];

    fit_report_open(report, section->name);
    for (size_t i = 0; i < section->n; i++) {
        size_t n = 0;

        for (size_t k = 0; k < n_phases; k++)
            if (!isnan(phase[k].p[section->row[i].p]))
                p[n++] = phase[k].p[section->row[i].p];
        if (i == 0) {
            fit_report_text(report, "status", n > 0 ? "ok" : "no phase has a p-value");
            fit_report_count(report, "phases", n);
        }
        fit_report_real(report, section->row[i].name, combine_p_values(n, p));
    }
    fit_report_close(report);
}

void backtest_print_together(size_t n_phases, const struct backtest_figures phase[],
                             bool has_es, struct fit_report *report)
{
    for (size_t i = 0; i < OF_VAR; i++)
        put_together(&sections[i], n_phases, phase, report);
    if (!has_es)
        return;
    fit_report_open(report, "acerbi_szekely");
    for (int test = 0; test < ACERBI_TESTS; test++)
        put_together(&shortfall[test], n_phases, phase, report);
    fit_report_close(report);
    put_together(&shortfall[MCNEIL_FREY], n_phases, phase, report);
}
