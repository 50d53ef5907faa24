/* SPDX-License-Identifier: Apache-2.0 */
#include "boot/boot.h"

#include "core/bytes.h"

static void note(ota_status_t *first, ota_status_t status)
{
    if (*first == OTA_OK) {
        *first = status;
    }
}

static ota_status_t read_table(const ota_machine_t *machine, ota_table_t *table,
                               ota_boot_trace_t *trace)
{
    const ota_flash_t *flash = machine->flash;
    uint32_t offset = machine->table_offset != 0 ? machine->table_offset : OTA_TABLE_OFFSET;
    ota_status_t status = ota_flash_read(flash, offset, machine->table_buffer, OTA_TABLE_SIZE);
    if (status == OTA_OK) {
        status = ota_table_open_boot(table, machine->table_buffer, OTA_TABLE_SIZE, flash->size,
                                     &trace->table);
    }
    trace->table.status = status;
    if (status == OTA_OK) {
        ota_layout_read(&trace->layout, table);
    }
    return status;
}

/* What cannot be read does not exist for otary, which then writes nothing there; a stock
 * bootloader takes it for a partition of the wrong size. */
static void read_otadata(const ota_machine_t *machine, ota_boot_trace_t *trace,
                         ota_layout_t *layout)
{
    bool stock = machine->config->policy == OTA_POLICY_STOCK;
    trace->otadata = stock
                         ? ota_otadata_read(machine->flash, layout->otadata, &trace->before)
                         : ota_otadata_read_surely(machine->flash, layout->otadata, &trace->before);
    if (trace->otadata != OTA_OK && trace->otadata != OTA_ERR_NO_OTADATA) {
        layout->otadata.size = stock ? 1u : 0;
    }
}

/* Twice, like images. */
static bool read_version(const ota_flash_t *flash, ota_region_t where, ota_boot_app_t *app)
{
    ota_status_t status = ota_app_secure_version(flash, where.offset, &app->secure_version);
    if (status != OTA_OK) {
        status = ota_app_secure_version(flash, where.offset, &app->secure_version);
    }
    app->unread = ota_flash_unread(status);
    return status == OTA_OK;
}

/* Of an app that is not there, nobody looks at more than that. */
static void read_descriptors(const ota_machine_t *machine, const ota_layout_t *layout,
                             ota_boot_app_t apps[OTA_BOOT_APPS])
{
    for (uint32_t i = 0; i < OTA_BOOT_APPS; i++) {
        ota_slot_t slot = i < OTA_SLOTS_MAX    ? (ota_slot_t)i
                          : i == OTA_SLOTS_MAX ? OTA_SLOT_FACTORY
                                               : OTA_SLOT_TEST;
        ota_region_t where = ota_layout_region(layout, slot);
        apps[i].readable = where.size != 0 && read_version(machine->flash, where, &apps[i]);
    }
}

static void write(const ota_machine_t *machine, const ota_plan_t *plan, ota_boot_trace_t *trace)
{
    ota_plan_apply(plan, &trace->after);
    if (!machine->dry_run) {
        note(&trace->write, ota_plan_execute(plan, machine->flash, trace->layout.otadata));
    }
}

/* What is in force after a write that failed. */
static ota_status_t look_again(const ota_machine_t *machine, const ota_boot_trace_t *trace,
                               ota_otadata_t *od, ota_commit_t *commit)
{
    const ota_layout_t *layout = &trace->layout;
    ota_status_t status = ota_otadata_read_surely(machine->flash, layout->otadata, od);
    if (status != OTA_OK) {
        return status;
    }
    ota_commit_open(commit, od, machine->config, layout->boot_count);
    if (commit->sector < 0 && trace->plan.commit.sector >= 0) {
        return OTA_ERR_FLASH_READ; /* it was there before, and is not touched by a write */
    }
    return OTA_OK;
}

/* A write failed: is the record in force nevertheless? If not it is written once more, from what
 * the flash holds now. */
APART static ota_status_t commit_again(const ota_machine_t *machine, const ota_record_t *wanted,
                                       const ota_boot_trace_t *trace)
{
    const ota_layout_t *layout = &trace->layout;
    ota_otadata_t od;
    ota_commit_t commit;
    ota_status_t status = look_again(machine, trace, &od, &commit);
    if (status != OTA_OK || ota_commit_same(&commit.record, wanted)) {
        return status; /* what else failed is the next boot's work */
    }
    commit.record = *wanted;
    ota_commit_close(&commit, &od, layout->boot_count, true);
    ota_status_t failed =
        ota_commit_execute(&commit, &od, layout->boot_count, machine->flash, layout->otadata);
    status = look_again(machine, trace, &od, &commit);
    if (status != OTA_OK || ota_commit_same(&commit.record, wanted)) {
        return status;
    }
    return failed == OTA_OK ? OTA_ERR_FLASH_MISMATCH : failed;
}

static void commit(const ota_machine_t *machine, const ota_commit_t *commit,
                   ota_boot_trace_t *trace)
{
    const ota_layout_t *layout = &trace->layout;
    ota_commit_apply(commit, &trace->after, layout->boot_count);
    if (machine->dry_run) {
        return;
    }
    ota_status_t status = ota_commit_execute(commit, &trace->before, layout->boot_count,
                                             machine->flash, layout->otadata);
    if (status != OTA_OK) {
        status = commit_again(machine, &commit->record, trace);
    }
    note(&trace->write, status);
}

static void burn(const ota_machine_t *machine, uint32_t raise_to, ota_boot_trace_t *trace)
{
    if (raise_to == 0 || machine->efuse == NULL) {
        return;
    }
    ota_status_t status =
        machine->dry_run ? OTA_OK : machine->efuse->raise(machine->efuse->ctx, raise_to);
    note(&trace->efuse, status);
    if (status == OTA_OK) {
        trace->efuse_after = raise_to;
    }
}

static bool pin_reset(const ota_boot_plan_t *plan)
{
    bool held = false;
    for (uint8_t i = 0; i < plan->whys; i++) {
        held = held || plan->why[i].why == OTA_WHY_FACTORY_PIN;
    }
    return held;
}

/* Twice: one bad read must not cost a good image its place. */
static ota_status_t load(const ota_machine_t *machine, ota_slot_t slot, ota_region_t where,
                         ota_boot_trace_t *trace, ota_fault_t *fault)
{
    ota_status_t status = machine->load(machine->ctx, slot, where, fault);
    if (status != OTA_OK && machine->config->policy == OTA_POLICY_OTARY) {
        status = machine->load(machine->ctx, slot, where, fault);
        trace->plan.unread |= ota_flash_unread(status);
    }
    return status;
}

/* Those that have not been tried yet. */
static void try_candidates(const ota_machine_t *machine, const ota_boot_input_t *input,
                           ota_boot_trace_t *trace)
{
    const ota_boot_plan_t *plan = &trace->plan;
    while (trace->tries < plan->count && trace->booted == OTA_SLOT_NONE) {
        ota_boot_try_t *try = &trace->tried[trace->tries];
        try->slot = plan->candidate[trace->tries++];
        try->refused = !ota_boot_version_ok(input, try->slot);
        if (try->refused) {
            try->fault.status = OTA_ERR_SECURE_VERSION;
            try->fault.offset = OTA_APP_DESC_OFFSET + 4u;
            try->fault.expected = input->efuse_version;
            trace->plan.unread |= ota_boot_app_unread(input, try->slot);
            continue;
        }
        ota_region_t where = ota_layout_region(&trace->layout, try->slot);
        try->fault.status = load(machine, try->slot, where, trace, &try->fault);
        if (try->fault.status == OTA_OK) {
            trace->booted = try->slot;
        }
    }
}

static void settle(const ota_machine_t *machine, const ota_boot_input_t *input,
                   ota_boot_trace_t *trace)
{
    ota_boot_settle(input, &trace->plan, trace->booted, &trace->settled);
    write(machine, &trace->settled.writes, trace);
    commit(machine, &trace->settled.commit, trace);
    burn(machine, trace->settled.raise_to, trace);
}

/* A boot of a trial that cannot be written down would never be counted: what else boots does so
 * until it can, and finds everything as it was. */
static void put_off_trial(const ota_machine_t *machine, const ota_boot_input_t *input,
                          ota_boot_trace_t *trace)
{
    ota_slot_t trial = trace->booted;
    const ota_record_t *record = &trace->settled.commit.record;
    if (trace->write == OTA_OK || record->trial == 0 || record->slot != trial) {
        return;
    }
    trace->booted = OTA_SLOT_NONE;
    try_candidates(machine, input, trace);
    ota_region_t where = ota_layout_region(&trace->layout, trial);
    ota_fault_t fault;
    if (trace->booted == OTA_SLOT_NONE && load(machine, trial, where, trace, &fault) == OTA_OK) {
        trace->booted = trial; /* there is nothing else */
    }
}

static ota_status_t outcome(const ota_boot_trace_t *trace)
{
    if (trace->booted != OTA_SLOT_NONE) {
        return OTA_OK;
    }
    if (trace->plan.whys > 0) { /* these leave no candidate, and are the last */
        ota_why_t last = trace->plan.why[trace->plan.whys - 1].why;
        if (last == OTA_WHY_OTADATA_SIZE) {
            return trace->otadata;
        }
        if (last == OTA_WHY_TEST_ABSENT) {
            return OTA_ERR_NOT_A_SLOT;
        }
    }
    return OTA_ERR_NO_FALLBACK;
}

static void decide_and_try(const ota_machine_t *machine, const ota_table_t *table,
                           ota_boot_input_t *input, ota_boot_trace_t *trace)
{
    ota_boot_decide(input, &trace->plan);
    if (!machine->dry_run && machine->factory_reset != NULL && pin_reset(&trace->plan)) {
        machine->factory_reset(machine->ctx, table);
    }
    write(machine, &trace->plan.writes, trace);
    burn(machine, trace->plan.raise_to, trace);
    input->efuse_version = trace->efuse_after;
    try_candidates(machine, input, trace);
    if (trace->booted != OTA_SLOT_NONE) {
        settle(machine, input, trace);
        put_off_trial(machine, input, trace);
    }
}

ota_status_t ota_boot_run(const ota_machine_t *machine, ota_boot_trace_t *trace)
{
    ota_table_t table;
    ota_boot_app_t apps[OTA_BOOT_APPS];
    memset(trace, 0, sizeof(*trace));
    trace->booted = OTA_SLOT_NONE;
    ota_otadata_blank(&trace->before);
    ota_status_t status = read_table(machine, &table, trace);
    if (status == OTA_OK && machine->efuse != NULL) {
        status = machine->efuse->read(machine->efuse->ctx, &trace->efuse_before);
        trace->efuse = status;
    }
    if (status != OTA_OK) {
        return status;
    }
    ota_layout_t layout = trace->layout;
    read_otadata(machine, trace, &layout);
    trace->after = trace->before;
    trace->efuse_after = trace->efuse_before;
    ota_boot_input_t input = {.config = machine->config,
                              .layout = &layout,
                              .otadata = &trace->before,
                              .apps = machine->config->anti_rollback ? apps : NULL,
                              .efuse_version = trace->efuse_before,
                              .factory_pin = machine->factory_pin,
                              .test_pin = machine->test_pin};
    if (machine->config->anti_rollback) {
        read_descriptors(machine, &layout, apps);
    }
    decide_and_try(machine, &table, &input, trace);
    return outcome(trace);
}

ota_status_t ota_boot_verify(void *ctx, ota_slot_t slot, ota_region_t where, ota_fault_t *fault)
{
    const ota_boot_verifier_t *verifier = ctx;
    ota_image_rules_t rules = verifier->rules;
    (void)slot;
    rules.kind = OTA_IMAGE_APP;
    rules.address = where.offset;
    rules.limit = where.size;
    return ota_image_check_flash(verifier->flash, &rules, verifier->buffer, verifier->buffer_len,
                                 NULL, fault);
}
