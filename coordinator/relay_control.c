#include "coordinator/relay_control.h"
#include "coordinator/line.h"
#include "coordinator/relay_post.h"
#include "core/file.h"
#include "core/text.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Frames of a command, and of the answer. */
enum { VERB, WHO, VERSION, TEXT, MANIFEST, SIGNATURES, SET, COMMAND_FRAMES };
enum { HOW, ANSWER, ANSWER_FRAMES };
enum { WENT_WELL = '0', WENT_HELD = '1', WENT_REFUSED = '5', WENT_WRONG = '7' };
enum { ANSWER_MS = 10000, SEND_MS = 2000 };

int relay_control_address(const struct relay_keys *keys, char out[RELAY_CONTROL_MAX],
                          struct err *err)
{
    const int n =
        keys->control != NULL
            ? snprintf(out, RELAY_CONTROL_MAX, "%s", keys->control)
            : snprintf(out, RELAY_CONTROL_MAX, "ipc://%s/control", keys->store);

    if (n < RELAY_CONTROL_MAX)
        return 0;
    return err_set(err, ERR_INPUT,
                   "%s: is too long for a socket in it: give the key `control`",
                   keys->store);
}

/* ---- the relay's side ---- */

struct asked {
    char verb[16], who[RELAY_NAME_MAX], text[RELAY_TEXT_MAX];
    uint64_t version;
    struct publication_parts parts;
};

/* A frame as text; -1 where it is too long or has a NUL. */
static int read_text(const struct gate_frame *frame, size_t size, char *out)
{
    if (frame->n_bytes >= size || memchr(frame->bytes, '\0', frame->n_bytes) != NULL)
        return -1;
    memcpy(out, frame->bytes, frame->n_bytes);
    out[frame->n_bytes] = '\0';
    return 0;
}

static int read_command(const struct gate_message *message, struct asked *asked,
                        struct err *err)
{
    const struct gate_frame *frame = message->frame;
    char version[24];
    int64_t number;

    *asked = (struct asked){0};
    if (message->n_frames != COMMAND_FRAMES ||
        read_text(&frame[VERB], sizeof asked->verb, asked->verb) != 0 ||
        read_text(&frame[WHO], sizeof asked->who, asked->who) != 0 ||
        read_text(&frame[VERSION], sizeof version, version) != 0 ||
        read_text(&frame[TEXT], sizeof asked->text, asked->text) != 0 ||
        text_to_integer(version, strlen(version), 0, INT64_MAX, &number, NULL) != 0 ||
        frame[SIGNATURES].n_bytes % sizeof(struct publication_signature) != 0)
        return err_set(err, ERR_INPUT, "is no command of this version");
    asked->version = (uint64_t)number;
    asked->parts = (struct publication_parts){.manifest = frame[MANIFEST].bytes,
                                              .n_manifest = frame[MANIFEST].n_bytes,
                                              .set = frame[SET].bytes,
                                              .n_set = frame[SET].n_bytes,
                                              .signature = frame[SIGNATURES].bytes,
                                              .n_signatures =
                                                  frame[SIGNATURES].n_bytes /
                                                  sizeof(struct publication_signature)};
    return 0;
}

static char answer_verdict(const struct relay_verdict *verdict, char text[ERR_TEXT_MAX])
{
    snprintf(text, ERR_TEXT_MAX, "%s", verdict->text);
    return verdict->answer == RELAY_TAKEN  ? WENT_WELL
           : verdict->answer == RELAY_HELD ? WENT_HELD
                                           : WENT_REFUSED;
}

static char do_approve(struct relay *relay, const struct asked *asked,
                       char text[ERR_TEXT_MAX])
{
    struct publication_signature signature;

    if (asked->parts.n_signatures != 1) {
        snprintf(text, ERR_TEXT_MAX, "an approval is one signature");
        return WENT_REFUSED;
    }
    memcpy(&signature, asked->parts.signature, sizeof signature);
    const struct relay_verdict verdict =
        relay_sign(relay, asked->who, asked->version, &signature);
    return answer_verdict(&verdict, text);
}

static char do_step(struct relay *relay, const struct asked *asked,
                    char text[ERR_TEXT_MAX])
{
    struct err err = {0};
    int status;

    if (strcmp(asked->verb, "freeze") == 0)
        status = relay_freeze(relay, asked->who, true, asked->text, &err);
    else if (strcmp(asked->verb, "unfreeze") == 0)
        status = relay_freeze(relay, asked->who, false, asked->text, &err);
    else if (strcmp(asked->verb, "promote") == 0)
        status = relay_promote(relay, asked->who, asked->version, &err);
    else if (strcmp(asked->verb, "withdraw") == 0)
        status = relay_withdraw(relay, asked->who, asked->version, asked->text, &err);
    else
        status =
            err_set(&err, ERR_REFUSED, "'%s' is no command of a relay", asked->verb);
    snprintf(text, ERR_TEXT_MAX, "%s", err.text);
    if (status == 0)
        return WENT_WELL;
    return err.kind == ERR_REFUSED ? WENT_REFUSED : WENT_WRONG;
}

static char do_command(struct relay_post *post, const struct asked *asked,
                       char text[ERR_TEXT_MAX])
{
    if (strcmp(asked->verb, "approve") == 0)
        return do_approve(post->relay, asked, text);
    if (strcmp(asked->verb, "offer") == 0) {
        const struct relay_verdict verdict =
            relay_offer(post->relay, asked->who, &asked->parts);

        return answer_verdict(&verdict, text);
    }
    return do_step(post->relay, asked, text);
}

static void reply(struct relay_post *post, const struct gate_message *message, char how,
                  const char *text, size_t n_bytes)
{
    const struct gate_frame frame[ANSWER_FRAMES] = {
        [HOW] = {.bytes = &how, .n_bytes = 1},
        [ANSWER] = {.bytes = text, .n_bytes = n_bytes}};

    gate_send(post->control, &message->from, ANSWER_FRAMES, frame);
}

static int reply_status(struct relay_post *post, const struct gate_message *message,
                        struct err *err)
{
    size_t n_bytes;
    char *bytes;

    if (relay_post_json(post, &bytes, &n_bytes, err) != 0)
        return -1;
    reply(post, message, WENT_WELL, bytes, n_bytes);
    free(bytes);
    return 0;
}

int relay_post_control(struct relay_post *post, struct err *err)
{
    struct gate_message message;
    struct asked asked;
    int got;

    while ((got = gate_receive(post->control, &message, err)) > 0) {
        char text[ERR_TEXT_MAX] = "";
        struct err why = {0};

        if (read_command(&message, &asked, &why) != 0) {
            gate_refuse(post->control, "control", why.text);
            reply(post, &message, WENT_WRONG, why.text, strlen(why.text));
        } else if (strcmp(asked.verb, "status") == 0) {
            if (reply_status(post, &message, err) != 0)
                return -1;
        } else {
            const char how = do_command(post, &asked, text);

            reply(post, &message, how, text, strlen(text));
        }
    }
    return got;
}

/* ---- the command's side ---- */

static const char *user_name(void)
{
    const struct passwd *user = getpwuid(getuid());

    return user != NULL ? user->pw_name : "";
}

static struct reader text_frame(const char *text)
{
    const char *there = text != NULL ? text : "";

    return (struct reader){(const unsigned char *)there, strlen(there)};
}

static int send_command(struct line *line, const struct relay_command *command)
{
    const struct publication_parts none = {0};
    const struct publication_parts *parts =
        command->publication != NULL ? &command->publication->parts : &none;
    char version[24];
    struct reader frame[COMMAND_FRAMES] = {
        [VERB] = text_frame(command->verb),
        [WHO] = text_frame(user_name()),
        [TEXT] = text_frame(command->text),
        [MANIFEST] = {parts->manifest, parts->n_manifest},
        [SIGNATURES] = {(const unsigned char *)parts->signature,
                        parts->n_signatures * sizeof *parts->signature},
        [SET] = {parts->set, parts->n_set}};

    snprintf(version, sizeof version, "%llu", (unsigned long long)command->version);
    frame[VERSION] = text_frame(version);
    if (command->signature != NULL)
        frame[SIGNATURES] = (struct reader){(const unsigned char *)command->signature,
                                            sizeof *command->signature};
    return line_send(line, COMMAND_FRAMES, frame, SEND_MS);
}

static int read_answer(size_t n, const struct reader frame[], char **answer,
                       struct err *err)
{
    if (n != ANSWER_FRAMES || frame[HOW].n_left != 1)
        return err_set(err, ERR_COMM, "the relay's answer is of another version");
    char *text = malloc(frame[ANSWER].n_left + 1);
    if (text == NULL)
        return err_set(err, ERR_MEMORY, "no memory for the relay's answer");
    memcpy(text, frame[ANSWER].bytes, frame[ANSWER].n_left);
    text[frame[ANSWER].n_left] = '\0';
    const char how = (char)frame[HOW].bytes[0];
    if (how == WENT_WELL || how == WENT_HELD) {
        *answer = text;
        return 0;
    }
    err_set(err, how == WENT_REFUSED ? ERR_REFUSED : ERR_IO, "%s", text);
    free(text);
    return -1;
}

static int ask(const char *address, const struct relay_command *command, char **answer,
               struct err *err)
{
    struct reader frame[LINE_FRAMES_MAX];
    struct line *line;
    int n = 0, status = -1;

    if (line_open(address, NULL, NULL, &line, err) != 0)
        return -1;
    const int sent = send_command(line, command);
    if (sent > 0)
        n = line_receive(line, ANSWER_MS, frame, err);
    if (n > 0)
        status = read_answer((size_t)n, frame, answer, err);
    else if (n == 0)
        err_set(err, ERR_COMM, "no relay answers at %s", address);
    line_close(line);
    return status;
}

int relay_control_ask(const char *place, const struct relay_command *command,
                      char **answer, struct err *err)
{
    char copy[FILE_PATH_MAX], address[RELAY_CONTROL_MAX];
    struct relay_keys keys = {.store = copy};

    if (strncmp(place, "ipc://", 6) == 0)
        return ask(place, command, answer, err);
    snprintf(copy, sizeof copy, "%s", place);
    if (relay_control_address(&keys, address, err) != 0)
        return -1;
    return ask(address, command, answer, err);
}
