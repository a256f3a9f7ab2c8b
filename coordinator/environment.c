#include "coordinator/environment.h"
#include "coordinator/result.h"
#include "worker/isa.h"

#include <gnu/libc-version.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

extern char **environ;

/* ---- where a rank runs ---- */

static void find_cpu(char *cpu, size_t size)
{
    static const char key[] = "model name";
    char line[256];
    FILE *file = fopen("/proc/cpuinfo", "r");

    snprintf(cpu, size, "unknown");
    if (file == NULL)
        return;
    while (fgets(line, sizeof line, file) != NULL) {
        const char *value = strchr(line, ':');

        if (strncmp(line, key, sizeof key - 1) != 0 || value == NULL)
            continue;
        value += 1 + strspn(value + 1, " ");
        snprintf(cpu, size, "%.*s", (int)strcspn(value, "\n"), value);
        break;
    }
    fclose(file);
}

void environment_look(struct environment_place *place)
{
    struct utsname kernel;
    enum isa isa;

    memset(place, 0, sizeof *place);
    gethostname(place->host, sizeof place->host - 1);
    find_cpu(place->cpu, sizeof place->cpu);
    if (isa_choose(&isa, NULL) == 0)
        snprintf(place->isa, sizeof place->isa, "%s", isa_name(isa));
    if (uname(&kernel) == 0)
        snprintf(place->kernel, sizeof place->kernel, "%.20s %.40s %.20s",
                 kernel.sysname, kernel.release, kernel.machine);
}

void environment_gather(const struct team *team, struct environment_place place[])
{
    struct environment_place mine;

    environment_look(&mine);
    team_gather(team, &mine, sizeof mine, place);
}

/* Hosts in the order of their first rank, each once. */
static void put_hosts(struct json *json, size_t n_ranks,
                      const struct environment_place place[])
{
    json_put_array(json, "hosts");
    for (size_t i = 0; i < n_ranks; i++) {
        size_t before = 0, n = 0;

        while (strcmp(place[before].host, place[i].host) != 0)
            before++;
        if (before < i)
            continue;
        for (size_t j = i; j < n_ranks; j++)
            n += strcmp(place[j].host, place[i].host) == 0;
        json_put_object(json, NULL);
        json_put_text(json, "host", place[i].host);
        json_put_integer(json, "ranks", (int64_t)n);
        json_put_text(json, "cpu", place[i].cpu);
        json_put_text(json, "instruction_set", place[i].isa);
        json_put_text(json, "kernel", place[i].kernel);
        json_end(json);
    }
    json_end(json);
}

/* ---- software ---- */

/* PLIMSOLL_LIBRARIES: "HDF5 1.10.8|GSL 2.7.1|..." */
static void put_built_with(struct json *json)
{
    char text[] = PLIMSOLL_LIBRARIES, *rest = NULL;

    json_put_object(json, "built_with");
    for (char *one = strtok_r(text, "|", &rest); one != NULL;
         one = strtok_r(NULL, "|", &rest)) {
        char *version = strchr(one, ' ');

        if (version == NULL)
            continue;
        *version++ = '\0';
        json_put_text(json, one, version);
    }
    json_end(json);
}

/* A shared object by its real file's name, which has the version: libgsl.so.27.0.0. */
static int put_loaded(struct dl_phdr_info *info, size_t size, void *context)
{
    struct json *json = context;
    char *path = info->dlpi_name[0] != '/' ? NULL : realpath(info->dlpi_name, NULL);

    (void)size;
    if (path != NULL)
        json_put_text(json, NULL, strrchr(path, '/') + 1);
    free(path);
    return 0;
}

static void put_software(struct json *json)
{
    char text[TEAM_LIBRARY_MAX];

    json_put_text(json, "program", result_program());
    json_put_text(json, "build", PLIMSOLL_BUILD);
    json_put_text(json, "libc", gnu_get_libc_version());
    json_put_text(json, "mpi", team_library(text));
    put_built_with(json);
    json_put_array(json, "loaded");
    dl_iterate_phdr(put_loaded, json);
    json_end(json);
}

/* ---- settings ---- */

/* A token that lets its holder act for the user belongs into no file. */
static int is_secret(const char *name)
{
    return strstr(name, "JWT") != NULL || strstr(name, "TOKEN") != NULL ||
           strstr(name, "SECRET") != NULL || strstr(name, "PASSWORD") != NULL ||
           strstr(name, "_KEY") != NULL;
}

static void put_variable(struct json *json, const char *entry)
{
    /* what places and starts ranks, and what changes the libraries under them */
    static const char *const prefixes[] = {"SLURM_", "OMPI_MCA_", "PMIX_MCA_",
                                           "UCX_",   "HDF5_",     "LD_",
                                           "OMP_",   "PLIMSOLL_", "LOADEDMODULES"};
    char name[128];
    const char *value = strchr(entry, '=');

    if (value == NULL || (size_t)(value - entry) >= sizeof name)
        return;
    memcpy(name, entry, (size_t)(value - entry));
    name[value - entry] = '\0';
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
        if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0 && !is_secret(name))
            json_put_text(json, name, value + 1);
}

void environment_put(struct json *json, size_t n_ranks,
                     const struct environment_place place[])
{
    json_put_object(json, "machine");
    put_software(json);
    put_hosts(json, n_ranks, place);
    json_end(json);
    json_put_object(json, "environment");
    for (char **entry = environ; *entry != NULL; entry++)
        put_variable(json, *entry);
    json_end(json);
}

int environment_text(size_t n_ranks, const struct environment_place place[],
                     char **text, struct err *err)
{
    struct json json;
    size_t n_bytes;

    json_start(&json, 0);
    json_put_object(&json, NULL);
    environment_put(&json, n_ranks, place);
    json_end(&json);
    return json_finish(&json, text, &n_bytes, err);
}
