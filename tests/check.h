/* check.h -- what every CUnit program here needs: claims, and a main in one line */
#ifndef TESTS_CHECK_H
#define TESTS_CHECK_H

#include <CUnit/Basic.h>
#include <CUnit/CUnit.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* |got - want| <= tol |want|, or both are 0; says by how much it missed. */
#define CHECK_REL(got, want, tol)                                                      \
    check_rel(__FILE__, __LINE__, #got, (got), (want), (tol))
static inline void check_rel(const char *file, int line, const char *what, double got,
                             double want, double tol)
{
    const double miss = want != 0.0 ? fabs(got - want) / fabs(want) : fabs(got);

    if (!(miss <= tol))
        fprintf(stderr, "%s:%d: %s = %.17g, want %.17g (relative miss %.2g > %.2g)\n",
                file, line, what, got, want, miss, tol);
    CU_assertImplementation(miss <= tol, (unsigned)line, what, file, "", CU_FALSE);
}

/* `text` contains `part`; prints both where it does not. */
#define CHECK_CONTAINS(text, part) check_contains(__FILE__, __LINE__, (text), (part))
static inline void check_contains(const char *file, int line, const char *text,
                                  const char *part)
{
    const int found = strstr(text, part) != NULL;

    if (!found)
        fprintf(stderr, "%s:%d: \"%s\" does not contain \"%s\"\n", file, line, text,
                part);
    CU_assertImplementation(found, (unsigned)line, part, file, "", CU_FALSE);
}

/* Run the suites and turn the outcome into an exit code; a program whose suites hold
 * no test fails. */
static inline int check_run(CU_SuiteInfo suites[])
{
    if (CU_initialize_registry() != CUE_SUCCESS ||
        CU_register_suites(suites) != CUE_SUCCESS)
        return 2;
    CU_basic_run_tests();
    const unsigned failures = CU_get_number_of_failures();
    const unsigned n_run = CU_get_number_of_tests_run();
    const unsigned n_known = CU_get_run_summary()->nTestsInactive + n_run;
    const unsigned suites_failed = CU_get_number_of_suites_failed();
    const unsigned asserts = CU_get_number_of_asserts();
    CU_cleanup_registry();
    return failures != 0 || suites_failed != 0 || n_known != n_run || asserts == 0;
}
#endif
