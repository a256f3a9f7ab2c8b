#include "coordinator/manual.h"
#include "coordinator/commands.h"
#include "coordinator/job.h"
#include "coordinator/relay_table.h"
#include "core/file.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* What a command prints for --help; free() it.  Commands print on stdout, which glibc
 * lets a program replace. */
static int capture_help(const struct command *command, char **text, struct err *err)
{
    char help[] = "--help", name[64];
    char *argv[] = {name, help, NULL};
    FILE *const out = stdout;
    size_t n_bytes;
    FILE *memory = open_memstream(text, &n_bytes);

    if (memory == NULL)
        return err_set(err, ERR_MEMORY, "no memory for a help text");
    snprintf(name, sizeof name, "%s", command->name);
    stdout = memory;
    const int status = command->run(2, argv, err);
    stdout = out;
    if (fclose(memory) == 0 && status == 0)
        return 0;
    free(*text);
    return status != 0 ? -1 : err_set(err, ERR_MEMORY, "no memory for a help text");
}

/* ---- troff ---- */

static void put_escaped(FILE *out, const char *text, size_t n)
{
    if (n > 0 && (text[0] == '.' || text[0] == '\''))
        fputs("\\&", out);
    for (size_t i = 0; i < n; i++)
        if (text[i] == '\\')
            fputs("\\e", out);
        else if (text[i] == '-')
            fputs("\\-", out);
        else
            fputc(text[i], out);
}

static void put_line(FILE *out, const char *text, size_t n)
{
    put_escaped(out, text, n);
    fputc('\n', out);
}

static void put_title(FILE *out, const char *name, int section, const char *summary)
{
    fprintf(out, ".TH PLIMSOLL%s", name[0] != '\0' ? "\\-" : "");
    for (const char *c = name; *c != '\0'; c++)
        fputc(toupper((unsigned char)*c), out);
    fprintf(out, " %d \"\" \"plimsoll %s\" \"Plimsoll manual\"\n", section,
            PLIMSOLL_VERSION);
    fprintf(out, ".SH NAME\nplimsoll%s%s \\- ", name[0] != '\0' ? "\\-" : "", name);
    put_line(out, summary, strlen(summary));
}

/* How the line stands: text, an item "  --option  meaning", or as it is. */
enum form { FORM_TEXT, FORM_ITEM, FORM_PLAIN };

struct line {
    const char *text;
    size_t n, indent;
    enum form form;
    size_t n_term, meaning; /* of an item: its term's length, its meaning's place */
};

static void read_line(const char *text, struct line *line)
{
    *line = (struct line){.text = text, .n = strcspn(text, "\n")};
    while (line->indent < line->n && text[line->indent] == ' ')
        line->indent++;
    if (line->indent == 0 || line->n == line->indent)
        return;
    line->form = FORM_PLAIN;
    if (line->indent != 2)
        return;
    size_t end = line->indent;
    while (end < line->n && strncmp(text + end, "  ", 2) != 0)
        end++;
    line->n_term = end - line->indent;
    while (end < line->n && text[end] == ' ')
        end++;
    line->meaning = end;
    if (end < line->n || text[line->indent] == '-')
        line->form = FORM_ITEM;
}

/* Lines further in than an item's term go on with its meaning. */
static const char *put_item(FILE *out, const struct line *item)
{
    const char *next = item->text + item->n + (item->text[item->n] == '\n');
    struct line line;

    fputs(".TP\n\\fB", out);
    put_escaped(out, item->text + item->indent, item->n_term);
    fputs("\\fR\n", out);
    if (item->meaning < item->n)
        put_line(out, item->text + item->meaning, item->n - item->meaning);
    for (; *next != '\0'; next = line.text + line.n + (line.text[line.n] == '\n')) {
        read_line(next, &line);
        if (line.form != FORM_PLAIN || line.indent <= 2)
            break;
        put_line(out, line.text + line.indent, line.n - line.indent);
    }
    return next;
}

/* The first block: "usage: plimsoll import ..." and what goes on below it. */
static const char *put_synopsis(FILE *out, const char *text)
{
    static const char usage[] = "usage: ";

    fputs(".SH SYNOPSIS\n.nf\n", out);
    while (*text != '\0' && *text != '\n') {
        const size_t n = strcspn(text, "\n");
        const size_t skip =
            strncmp(text, usage, sizeof usage - 1) == 0 || strspn(text, " ") >= 7
                ? sizeof usage - 1
                : 0;

        put_line(out, text + skip, n - skip);
        text += n + (text[n] == '\n');
    }
    fputs(".fi\n.SH DESCRIPTION\n", out);
    return text;
}

static bool begins_exit(const char *text)
{
    return strncmp(text, "Exit: ", 6) == 0 || strncmp(text, "Exit codes: ", 12) == 0;
}

static void put_body(FILE *out, const char *text)
{
    bool new_paragraph = false, has_text = false;
    struct line line;

    while (*text != '\0') {
        read_line(text, &line);
        if (line.form == FORM_ITEM) {
            text = put_item(out, &line);
            new_paragraph = true;
            continue;
        }
        if (line.n == line.indent) {
            new_paragraph = has_text;
        } else if (begins_exit(text)) {
            fputs(".SH EXIT STATUS\n", out);
            const size_t skip = strcspn(text, ":") + 2;
            put_line(out, text + skip, line.n - skip);
            new_paragraph = false;
        } else {
            if (new_paragraph)
                fputs(".PP\n", out);
            else if (line.form == FORM_PLAIN && has_text)
                fputs(".br\n", out);
            new_paragraph = false;
            put_line(out, text + line.indent, line.n - line.indent);
        }
        has_text = true;
        text += line.n + (text[line.n] == '\n');
    }
}

static const struct keys_page { /* a file whose keys are told by a table */
    const char *asked, *name, *summary;
    void (*help)(FILE *out);
} keys_pages[] = {
    {"job", "job", "the file that says what is calibrated", job_help},
    {"relay.yaml", "relay", "the file that says what a relay takes and serves",
     relay_help},
};

enum { N_KEYS_PAGES = sizeof keys_pages / sizeof *keys_pages };

static void put_see_also(FILE *out, const char *but)
{
    bool first = true;

    fputs(".SH SEE ALSO\n", out);
    if (but[0] != '\0') {
        fputs(".BR plimsoll (1)", out);
        first = false;
    }
    for (size_t i = 0; commands_row(i) != NULL; i++) {
        if (strcmp(commands_row(i)->name, but) == 0)
            continue;
        fprintf(out, "%s.BR plimsoll\\-%s (1)", first ? "" : ",\n",
                commands_row(i)->name);
        first = false;
    }
    for (size_t i = 0; i < N_KEYS_PAGES; i++)
        if (strcmp(but, keys_pages[i].asked) != 0)
            fprintf(out, ",\n.BR plimsoll\\-%s (5)", keys_pages[i].name);
    fputc('\n', out);
}

static int put_command(const struct command *command, FILE *out, struct err *err)
{
    char *text;

    if (capture_help(command, &text, err) != 0)
        return -1;
    put_title(out, command->name, 1, command->summary);
    put_body(out, put_synopsis(out, text));
    put_see_also(out, command->name);
    free(text);
    return 0;
}

static int put_keys(const struct keys_page *page, FILE *out, struct err *err)
{
    char *text;
    FILE *memory = open_memstream(&text, &(size_t){0});

    if (memory != NULL)
        page->help(memory);
    if (memory == NULL || fclose(memory) != 0)
        return err_set(err, ERR_MEMORY, "no memory for a help text");
    put_title(out, page->name, 5, page->summary);
    fputs(".SH DESCRIPTION\n.nf\n", out);
    for (const char *line = text; *line != '\0'; line += *line == '\n') {
        put_line(out, line, strcspn(line, "\n"));
        line += strcspn(line, "\n");
    }
    fputs(".fi\n", out);
    free(text);
    put_see_also(out, page->asked);
    return 0;
}

static void put_program(FILE *out)
{
    static const char exits[] =
        ".SH EXIT STATUS\n0 done, 2 usage, 3 bad input or a file system that refuses, "
        "4\n"
        "finished but some instruments have no value, 5 refused by a gate or a "
        "guard\\-rail,\n70 internal, 75 stopped early (run again to go on).\n";

    put_title(out, "", 1, "calibrate the margin parameters of a derivatives venue");
    fputs(".SH SYNOPSIS\n.B plimsoll\n.I COMMAND\n.RI [ ARGUMENTS ]\n"
          ".SH DESCRIPTION\nFrom price history to one verified set of margin "
          "parameters, on one core or on a\ncluster.\nThe commands:\n",
          out);
    for (size_t i = 0; commands_row(i) != NULL; i++) {
        fprintf(out, ".TP\n.BR plimsoll\\-%s (1)\n", commands_row(i)->name);
        put_line(out, commands_row(i)->summary, strlen(commands_row(i)->summary));
    }
    fputs(exits, out);
    put_see_also(out, "");
}

int manual_page(const char *name, FILE *out, struct err *err)
{
    if (name == NULL) {
        put_program(out);
        return 0;
    }
    for (size_t i = 0; i < N_KEYS_PAGES; i++)
        if (strcmp(name, keys_pages[i].asked) == 0)
            return put_keys(&keys_pages[i], out, err);
    const struct command *command = commands_find(name);
    if (command == NULL)
        return err_set(err, ERR_USAGE, "help: '%s' is not a command", name);
    return put_command(command, out, err);
}

/* ---- bash ---- */

/* A word that is not yet among those, with a blank in front. */
static void add_word(char *words, size_t size, const char *word, size_t n_word)
{
    const size_t n = strlen(words);

    for (const char *at = words; *at != '\0'; at += 1 + strcspn(at + 1, " "))
        if (strncmp(at + 1, word, n_word) == 0 && strcspn(at + 1, " ") == n_word)
            return;
    if (n + n_word + 2 < size)
        snprintf(words + n, size - n, " %.*s", (int)n_word, word);
}

/* Options stand in the synopsis and in lines that are set in; elsewhere they are other
 * programs'. */
static void put_options(FILE *out, const char *help)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz-";
    char words[4096] = " --help";
    bool in_synopsis = true;

    for (const char *line = help; *line != '\0';) {
        const size_t n = strcspn(line, "\n");

        in_synopsis = in_synopsis && n > 0;
        for (const char *at = line; at < line + n; at++) {
            if (strncmp(at, "--", 2) != 0 || (!in_synopsis && line[0] != ' '))
                continue;
            const size_t n_option = 2 + strspn(at + 2, letters);
            if (n_option > 2)
                add_word(words, sizeof words, at, n_option);
            at += n_option - 1;
        }
        line += n + (line[n] == '\n');
    }
    fputs(words, out);
}

int manual_completion(FILE *out, struct err *err)
{
    fputs("# plimsoll(1): completion for bash, made by `plimsoll help --completion`\n"
          "_plimsoll() {\n"
          "    local word=${COMP_WORDS[COMP_CWORD]} words=\n"
          "    if [ \"$COMP_CWORD\" = 1 ]; then\n"
          "        words='--help --version",
          out);
    for (size_t i = 0; commands_row(i) != NULL; i++)
        fprintf(out, " %s", commands_row(i)->name);
    fputs("'\n    else\n        case ${COMP_WORDS[1]} in\n", out);
    for (size_t i = 0; commands_row(i) != NULL; i++) {
        char *help;

        if (capture_help(commands_row(i), &help, err) != 0)
            return -1;
        fprintf(out, "        %s) words='", commands_row(i)->name);
        put_options(out, help);
        fputs("' ;;\n", out);
        free(help);
    }
    fputs("        esac\n"
          "        [[ $word == -* ]] || words=\n"
          "        [ \"${COMP_WORDS[1]}\" != help ] || [[ $word == -* ]] || words='job "
          "metrics relay stress'\n"
          "    fi\n"
          "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\" | sort -u)\n"
          "}\n"
          "complete -o bashdefault -o default -F _plimsoll plimsoll\n",
          out);
    return 0;
}

/* ---- all of it ---- */

static int write_one(const char *directory, const char *folder, const char *file,
                     int (*put)(const char *name, FILE *out, struct err *err),
                     const char *name, struct err *err)
{
    char place[FILE_PATH_MAX], path[FILE_PATH_MAX];
    char *text = NULL;
    size_t n_bytes;

    if (file_join(directory, folder, place, err) != 0 ||
        file_make_directory(place, err) != 0 || file_join(place, file, path, err) != 0)
        return -1;
    FILE *out = open_memstream(&text, &n_bytes);
    if (out == NULL)
        return err_set(err, ERR_MEMORY, "%s: no memory", path);
    int status = put(name, out, err);
    if (fclose(out) != 0 && status == 0)
        status = err_set(err, ERR_MEMORY, "%s: no memory", path);
    if (status == 0)
        status = file_swap(path, text, n_bytes, err);
    free(text);
    return status;
}

static int put_completion(const char *name, FILE *out, struct err *err)
{
    (void)name;
    return manual_completion(out, err);
}

int manual_write(const char *directory, struct err *err)
{
    char file[80];

    if (write_one(directory, "man1", "plimsoll.1", manual_page, NULL, err) != 0 ||
        write_one(directory, "completions", "plimsoll", put_completion, NULL, err) != 0)
        return -1;
    for (size_t i = 0; i < N_KEYS_PAGES; i++) {
        snprintf(file, sizeof file, "plimsoll-%s.5", keys_pages[i].name);
        if (write_one(directory, "man5", file, manual_page, keys_pages[i].asked, err) !=
            0)
            return -1;
    }
    for (size_t i = 0; commands_row(i) != NULL; i++) {
        const char *name = commands_row(i)->name;

        snprintf(file, sizeof file, "plimsoll-%s.1", name);
        if (write_one(directory, "man1", file, manual_page, name, err) != 0)
            return -1;
    }
    return 0;
}
