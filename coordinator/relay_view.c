#include "coordinator/relay_view.h"
#include "client/members.h"
#include "core/clock.h"

#include <math.h>
#include <string.h>

/* Of an object that a relay has written: what is missing reads as nothing. */
static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text != NULL ? text : "";
}

static long long integer_of(const json_t *object, const char *name)
{
    return (long long)json_integer_value(json_object_get(object, name));
}

static double real_of(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);

    return json_is_number(value) ? json_number_value(value) : (double)NAN;
}

static double age_s(const json_t *tree)
{
    const char *text = text_of(tree, "updated");
    int64_t moment_ns;

    if (clock_parse_moment(text, strlen(text), &moment_ns, NULL) != 0)
        return (double)NAN;
    return (double)(clock_now() - moment_ns) / (double)CLOCK_SECOND;
}

static void print_publication(const json_t *tree, const char *name, FILE *out)
{
    const json_t *entry = json_object_get(tree, name);

    if (!json_is_object(entry))
        return;
    fprintf(out, "%-12s version %lld, set %.16s, offered by %s at %s%s%s\n", name,
            integer_of(entry, "version"), text_of(entry, "sha256"),
            text_of(entry, "who"), text_of(entry, "offered"),
            text_of(entry, "group")[0] != '\0' ? ", served to " : "",
            text_of(entry, "group"));
}

static void print_other(const json_t *other, FILE *out)
{
    const bool serves = json_is_true(json_object_get(other, "is_serving"));

    fprintf(out, "%-12s %s, ", "other relay", text_of(other, "address"));
    if (json_is_null(json_object_get(other, "heard_s")))
        fputs("not heard yet\n", out);
    else
        fprintf(out, "%s, version %lld, heard %.1f s before\n",
                serves ? "serving" : "following", integer_of(other, "version"),
                real_of(other, "heard_s"));
}

static void print_head(const json_t *tree, FILE *out)
{
    const json_t *frozen = json_object_get(tree, "frozen");
    const json_t *other = json_object_get(tree, "other");
    const double age = age_s(tree);

    fprintf(out, "%-12s %s, process %lld on %s, started %s\n", "relay",
            text_of(tree, "role"), integer_of(tree, "pid"), text_of(tree, "host"),
            text_of(tree, "started"));
    fprintf(out, "%-12s %.1f s ago%s\n", "last word", age,
            age > 10.0 ? ": it is late, or does not run" : "");
    if (json_is_object(other))
        print_other(other, out);
    if (json_is_object(frozen))
        fprintf(out, "%-12s since %s by %s: %s\n", "frozen", text_of(frozen, "since"),
                text_of(frozen, "by"), text_of(frozen, "text"));
    print_publication(tree, "newest", out);
    print_publication(tree, "pending", out);
    fprintf(out, "%-12s %lld%s%s\n", "refused", integer_of(tree, "refused"),
            integer_of(tree, "refused") > 0 ? ", the last: " : "",
            text_of(tree, "last_refusal"));
    fprintf(out, "%-12s %lld entries, the last %s\n", "audit log",
            integer_of(tree, "audit_entries"), text_of(tree, "audit_head"));
}

static void print_groups(const json_t *tree, FILE *out)
{
    const json_t *groups = json_object_get(tree, "groups");

    fprintf(out, "\n%-16s %8s %8s %13s\n", "group", "version", "present",
            "acknowledged");
    for (size_t i = 0; i < json_array_size(groups); i++) {
        const json_t *group = json_array_get(groups, i);

        fprintf(out, "%-16s %8lld %8lld %13lld\n", text_of(group, "name"),
                integer_of(group, "version"), integer_of(group, "present"),
                integer_of(group, "acknowledged"));
    }
}

static void print_subscribers(const json_t *tree, FILE *out)
{
    const json_t *all = json_object_get(tree, "subscribers");

    fprintf(out, "\n%lld subscribers are there, %lld lag, the longest %.1f s\n",
            integer_of(tree, "subscribers_there"),
            integer_of(tree, "subscribers_lagging"), real_of(tree, "most_lag_s"));
    fprintf(out,
            "%lld may subscribe; %lld of at most %lld connections; %lld were turned "
            "away for lack of room\n",
            integer_of(tree, "subscribers_listed"), integer_of(tree, "connections"),
            integer_of(tree, "connections_max"), integer_of(tree, "turned_away_full"));
    if (json_array_size(all) == 0)
        return;
    fprintf(out, "%-24s %-16s %8s %8s %8s %8s %8s\n", "subscriber", "groups", "holds",
            "meant", "lag s", "heard s", "dropped");
    for (size_t i = 0; i < json_array_size(all); i++) {
        const json_t *is = json_array_get(all, i);

        fprintf(out, "%-24s %-16s %8lld %8lld %8.1f %8.1f %8lld%s\n",
                text_of(is, "name"), text_of(is, "groups"),
                integer_of(is, "held_version"), integer_of(is, "meant_version"),
                real_of(is, "lag_s"), real_of(is, "heard_s"), integer_of(is, "dropped"),
                json_is_true(json_object_get(is, "is_there")) ? "" : "  gone");
    }
}

int relay_view_print(const char *bytes, size_t n_bytes, FILE *out, struct err *err)
{
    json_t *tree;

    if (members_parse(bytes, n_bytes, &tree, err) != 0)
        return -1;
    int status = 0;
    if (strcmp(text_of(tree, "schema"), "plimsoll-relay-status") != 0)
        status = err_set(err, ERR_INPUT, "is no status of a relay");
    if (status == 0) {
        print_head(tree, out);
        print_groups(tree, out);
        print_subscribers(tree, out);
    }
    json_decref(tree);
    return status;
}
