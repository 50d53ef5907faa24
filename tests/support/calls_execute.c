/* SPDX-License-Identifier: Apache-2.0 */
/* A recorded command line as the call that it names. Results in the recording's words. */
#include "support/calls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const char *word;
    void (*run)(calls_run_t *run, char *const *arg);
} command_t;

static const esp_partition_t *partition(calls_run_t *run, const char *label)
{
    size_t len = label != NULL ? strcspn(label, "=~") : 0;
    char name[OTA_LABEL_MAX + 1] = {0};
    if (label == NULL || strcmp(label, "null") == 0 || len > OTA_LABEL_MAX) {
        return NULL;
    }
    memcpy(name, label, len);
    const esp_partition_t *found =
        esp_partition_find_first(ESP_PARTITION_TYPE_ANY, ESP_PARTITION_SUBTYPE_ANY, name);
    if (found == NULL || label[len] == '\0') {
        return found;
    }
    run->copy = *found;
    run->copy.size += label[len] == '~' ? 0x1000u : 0u;
    return &run->copy;
}

static esp_ota_handle_t number(calls_run_t *run, const char *word)
{
    const calls_handle_t *h = calls_handle(run, word);
    return h != NULL && h->ours ? h->number : 0x70000000u; /* no session has this number */
}

static void code(calls_run_t *run, esp_err_t err)
{
    (void)snprintf(run->result.rc, sizeof(run->result.rc), "%d", err);
}

static void value(calls_run_t *run, const char *text)
{
    (void)snprintf(run->result.value, sizeof(run->result.value), "%s", text);
}

static void label(calls_run_t *run, const esp_partition_t *p)
{
    value(run, p != NULL ? p->label : "null");
}

/* The recording's number is the name of the handle from here on, whatever ours is. */
static void opened(calls_run_t *run, esp_err_t err, esp_ota_handle_t handle)
{
    code(run, err);
    calls_handle_t *h = calls_handle(run, run->step->value);
    if (h != NULL) {
        h->apart = NULL;
    }
    if (err != ESP_OK) {
        return;
    }
    (void)snprintf(run->result.value, sizeof(run->result.value), "%u", (unsigned)handle);
    if (h == NULL) {
        (void)esp_ota_abort(handle); /* the recording has no such session */
        return;
    }
    h->ours = true;
    h->number = handle;
}

static void do_begin(calls_run_t *run, char *const *arg)
{
    esp_ota_handle_t handle = 0;
    bool nowhere = arg[2] != NULL;
    esp_err_t err =
        esp_ota_begin(partition(run, arg[0]), strtoul(arg[1], NULL, 16), nowhere ? NULL : &handle);
    opened(run, err, handle);
}

static void do_resume(calls_run_t *run, char *const *arg)
{
    esp_ota_handle_t handle = 0;
    bool nowhere = arg[3] != NULL;
    esp_err_t err = esp_ota_resume(partition(run, arg[0]), strtoul(arg[1], NULL, 16),
                                   strtoul(arg[2], NULL, 16), nowhere ? NULL : &handle);
    opened(run, err, handle);
}

static void do_set_final(calls_run_t *run, char *const *arg)
{
    code(run, esp_ota_set_final_partition(number(run, arg[0]), partition(run, arg[1]),
                                          strcmp(arg[2], "1") == 0));
}

static const uint8_t *bytes(const calls_run_t *run, char *const *arg)
{
    const calls_image_t *image = calls_image(run->data, arg[1]);
    return image != NULL ? image->bytes + calls_hex(arg[2]) : NULL;
}

static void do_write(calls_run_t *run, char *const *arg)
{
    calls_handle_t *h = calls_handle(run, arg[0]);
    if (h != NULL) {
        h->counted = h->scattered;
    }
    code(run, esp_ota_write(number(run, arg[0]), bytes(run, arg), calls_hex(arg[3])));
}

static void do_write_off(calls_run_t *run, char *const *arg)
{
    calls_handle_t *h = calls_handle(run, arg[0]);
    if (h != NULL) {
        h->scattered = true;
    }
    code(run, esp_ota_write_with_offset(number(run, arg[0]), bytes(run, arg), calls_hex(arg[3]),
                                        calls_hex(arg[4])));
}

static void do_end(calls_run_t *run, char *const *arg)
{
    code(run, esp_ota_end(number(run, arg[0])));
}

static void do_abort(calls_run_t *run, char *const *arg)
{
    code(run, esp_ota_abort(number(run, arg[0])));
}

static void do_set_boot(calls_run_t *run, char *const *arg)
{
    code(run, esp_ota_set_boot_partition(partition(run, arg[0])));
}

static void do_set_boot_nv(calls_run_t *run, char *const *arg)
{
    code(run, esp_ota_set_boot_partition_skip_validate(partition(run, arg[0])));
}

static void do_get_boot(calls_run_t *run, char *const *arg)
{
    (void)arg;
    label(run, esp_ota_get_boot_partition());
}

static void do_get_running(calls_run_t *run, char *const *arg)
{
    (void)arg;
    label(run, esp_ota_get_running_partition());
}

static void do_get_next(calls_run_t *run, char *const *arg)
{
    label(run, esp_ota_get_next_update_partition(partition(run, arg[0])));
}

static void do_count(calls_run_t *run, char *const *arg)
{
    (void)arg;
    (void)snprintf(run->result.value, sizeof(run->result.value), "%u",
                   esp_ota_get_app_partition_count());
}

static void do_state(calls_run_t *run, char *const *arg)
{
    esp_ota_img_states_t state = ESP_OTA_IMG_UNDEFINED;
    esp_err_t err = esp_ota_get_state_partition(partition(run, arg[0]), &state);
    code(run, err);
    if (err == ESP_OK) {
        (void)snprintf(run->result.value, sizeof(run->result.value), "%u", (unsigned)state);
    }
}

static void do_desc(calls_run_t *run, char *const *arg)
{
    esp_app_desc_t desc;
    esp_err_t err = esp_ota_get_partition_description(partition(run, arg[0]), &desc);
    code(run, err);
    if (err == ESP_OK) {
        (void)snprintf(run->result.value, sizeof(run->result.value), "%.32s/%u", desc.version,
                       (unsigned)desc.secure_version);
    }
}

static void do_mark_valid(calls_run_t *run, char *const *arg)
{
    (void)arg;
    code(run, esp_ota_mark_app_valid_cancel_rollback());
}

static void do_mark_invalid(calls_run_t *run, char *const *arg)
{
    (void)arg;
    code(run, esp_ota_mark_app_invalid_rollback());
}

static void do_mark_invalid_reboot(calls_run_t *run, char *const *arg)
{
    (void)arg;
    run->restarted = false;
    code(run, esp_ota_mark_app_invalid_rollback_and_reboot());
    if (run->restarted) {
        (void)snprintf(run->result.rc, sizeof(run->result.rc), "restart");
    }
}

static void do_rollback_possible(calls_run_t *run, char *const *arg)
{
    (void)arg;
    value(run, esp_ota_check_rollback_is_possible() ? "1" : "0");
}

static void do_last_invalid(calls_run_t *run, char *const *arg)
{
    (void)arg;
    label(run, esp_ota_get_last_invalid_partition());
}

static void do_erase_last(calls_run_t *run, char *const *arg)
{
    (void)arg;
    code(run, esp_ota_erase_last_boot_app_partition());
}

static void do_inval_inactive(calls_run_t *run, char *const *arg)
{
    (void)arg;
    code(run, esp_ota_invalidate_inactive_ota_data_slot());
}

static void do_boot(calls_run_t *run, char *const *arg)
{
    (void)arg;
    calls_boot(run);
}

static const command_t commands[] = {
    {"begin", do_begin},
    {"resume", do_resume},
    {"set_final", do_set_final},
    {"write", do_write},
    {"write_off", do_write_off},
    {"end", do_end},
    {"abort", do_abort},
    {"set_boot", do_set_boot},
    {"set_boot_nv", do_set_boot_nv},
    {"get_boot", do_get_boot},
    {"get_running", do_get_running},
    {"get_next", do_get_next},
    {"count", do_count},
    {"state", do_state},
    {"desc", do_desc},
    {"mark_valid", do_mark_valid},
    {"mark_invalid", do_mark_invalid},
    {"mark_invalid_reboot", do_mark_invalid_reboot},
    {"rollback_possible", do_rollback_possible},
    {"last_invalid", do_last_invalid},
    {"erase_last", do_erase_last},
    {"inval_inactive", do_inval_inactive},
    {"boot", do_boot},
};

/* Which operation of this step failed in the recording: its index, -1 if none did. */
static int failing_group(const calls_step_t *step)
{
    int group = 0;
    for (const char *op = step->ops; *op != '\0';) {
        if (op[0] == 'f') {
            return group;
        }
        group += op[0] == 'e' || op[0] == 'w' || op[0] == 'o';
        op += strcspn(op, " ");
        op += strspn(op, " ");
    }
    return -1;
}

static uint8_t phase(const calls_step_t *step)
{
    const char *c = step->word[0];
    if (strcmp(c, "boot") == 0) {
        return ERASED_BY_BOOT;
    }
    return strcmp(c, "begin") == 0 || strcmp(c, "resume") == 0 || strncmp(c, "write", 5) == 0 ||
                   strcmp(c, "end") == 0
               ? ERASED_BY_SESSION
               : ERASED_BY_CALL;
}

void calls_execute(calls_run_t *run, const calls_step_t *step)
{
    memset(&run->result, 0, sizeof(run->result));
    run->step = step;
    run->index++;
    run->phase = phase(step);
    run->fail_group = failing_group(step);
    run->group = 0;
    run->failed = false;
    run->in_erase = false;
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (strcmp(step->word[0], commands[i].word) == 0) {
            commands[i].run(run, step->word + 1);
            return;
        }
    }
    if (strcmp(step->word[0], "flash_fail") != 0) {
        (void)snprintf(run->result.rc, sizeof(run->result.rc), "unknown");
    }
}
