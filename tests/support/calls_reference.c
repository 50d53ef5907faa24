/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What Espressif's code left in flash, rebuilt from the recorded operations.
 *
 *   e:ADDR:LEN  erase      w:ADDR:LEN:CRC  program, data known by its CRC      o:ADDR:HEX  program
 *   bN eFuse    f failed   v:ADDR:RC       verification (no effect)
 *
 * The data of a w comes from what the step was given (held back bytes first), or, when esp_ota_end
 * copies, from the staging partition; the CRC decides.
 */
#include "support/calls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

uint32_t calls_crc(const void *bytes, size_t len)
{
    return (uint32_t)crc32(crc32(0, NULL, 0), bytes, (uInt)len);
}

static bool wrong(calls_run_t *run, const char *what, const char *op)
{
    (void)snprintf(run->why, sizeof(run->why), "the recording does not add up: %s at \"%.60s\"",
                   what, op);
    return false;
}

static void touch(calls_run_t *run, uint32_t at, size_t len)
{
    for (uint32_t sector = at >> 12; sector <= (at + len - 1) >> 12; sector++) {
        run->dirty[sector] = true;
    }
}

static bool erase(calls_run_t *run, uint32_t at, uint32_t len)
{
    if (len == 0 || at > CALLS_FLASH || len > CALLS_FLASH - at) {
        return len == 0;
    }
    memset(run->ref + at, 0xFF, len);
    touch(run, at, len);
    for (uint32_t sector = at >> 12; sector <= (at + len - 1) >> 12; sector++) {
        run->ref_erased[sector] |= run->phase;
    }
    return true;
}

static void program(calls_run_t *run, uint32_t at, const uint8_t *data, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        run->ref[at + i] &= data[i];
    }
    touch(run, at, len);
}

/* --- the bytes that a session was given ------------------------------------------------------ */

/* Appends the step's data to what the handle holds back. */
static bool take(calls_run_t *run, calls_handle_t *h, const calls_step_t *step)
{
    const calls_image_t *image = calls_image(run->data, step->word[2]);
    uint32_t from = calls_hex(step->word[3]);
    uint32_t len = calls_hex(step->word[4]);
    if (image == NULL || from > image->len || len > image->len - from ||
        len > sizeof(h->stream) - h->held) {
        return image == NULL; /* a NULL pointer takes nothing */
    }
    memcpy(h->stream + h->held, image->bytes + from, len);
    h->held += len;
    return true;
}

static void drop(calls_handle_t *h, uint32_t upto)
{
    memmove(h->stream, h->stream + upto, h->held - upto);
    h->held -= upto;
}

/* The next `len` bytes of the stream if their CRC fits, else those further on that do. */
static bool program_stream(calls_run_t *run, calls_handle_t *h, uint32_t at, uint32_t len,
                           uint32_t crc)
{
    for (uint32_t skip = 0; len <= h->held && skip <= h->held - len; skip++) {
        if (calls_crc(h->stream + skip, len) == crc) {
            program(run, at, h->stream + skip, len);
            drop(h, skip + len);
            h->flushed = true;
            return true;
        }
    }
    return false;
}

/* The last, padded block: FF behind the bytes, or 00 if the buffer was never used before. */
static bool program_tail(calls_run_t *run, calls_handle_t *h, uint32_t at, uint32_t len,
                         uint32_t crc)
{
    static const uint8_t pads[] = {0xFF, 0x00};
    for (unsigned i = 0; h->held <= 16 && len == 16 && i < sizeof(pads); i++) {
        uint8_t block[16];
        memset(block, pads[i], sizeof(block));
        memcpy(block, h->stream, h->held);
        if (calls_crc(block, len) == crc) {
            program(run, at, block, len);
            h->held = 0;
            return true;
        }
    }
    return false;
}

static bool program_copy(calls_run_t *run, const calls_handle_t *h, uint32_t at, uint32_t len,
                         uint32_t crc)
{
    if (h->final == NULL || at < h->final->offset) {
        return false;
    }
    const uint8_t *from = run->ref + h->part->offset + (at - h->final->offset);
    if (at - h->final->offset + len > h->part->size || calls_crc(from, len) != crc) {
        return false;
    }
    program(run, at, from, len);
    return true;
}

/* --- operations ------------------------------------------------------------------------------ */

static bool op_program(calls_run_t *run, calls_handle_t *h, const char *op)
{
    char *p;
    uint32_t at = (uint32_t)strtoul(op + 2, &p, 16);
    uint32_t len = (uint32_t)strtoul(p + 1, &p, 16);
    uint32_t crc = (uint32_t)strtoul(p + 1, &p, 16);
    return h != NULL && at < CALLS_FLASH && len <= CALLS_FLASH - at &&
           (program_stream(run, h, at, len, crc) || program_tail(run, h, at, len, crc) ||
            program_copy(run, h, at, len, crc));
}

static bool op_entry(calls_run_t *run, calls_handle_t *h, const char *op)
{
    char *p;
    uint8_t data[32];
    char hex[65] = {0};
    uint32_t at = (uint32_t)strtoul(op + 2, &p, 16);
    memcpy(hex, p + 1, 64);
    if (at >= CALLS_FLASH - sizeof(data) || hex_decode(hex, data, sizeof(data)) != 32) {
        return false;
    }
    if (h == NULL || !program_stream(run, h, at, 32, calls_crc(data, 32))) {
        program(run, at, data, sizeof(data));
    }
    return true;
}

/* "w0=seq:state:crc:label" of a boot. */
static bool op_boot_write(calls_run_t *run, const char *op)
{
    uint8_t entry[32];
    char *p;
    const ota_part_t *od = calls_otadata(run);
    uint32_t seq = (uint32_t)strtoul(op + 3, &p, 16);
    uint32_t state = (uint32_t)strtoul(p + 1, &p, 16);
    uint32_t crc = (uint32_t)strtoul(p + 1, &p, 16);
    uint8_t label = (uint8_t)strtoul(p + 1, &p, 16);
    const ota_entry_t e = {.seq = seq, .state = state, .crc = crc};
    ota_entry_encode(entry, &e);
    memset(entry + 4, label, 20);
    if (od == NULL) {
        return false;
    }
    program(run, od->offset + (uint32_t)(op[1] - '0') * 0x1000u, entry, sizeof(entry));
    return true;
}

static bool apply(calls_run_t *run, calls_handle_t *h, const char *op)
{
    char *p;
    const ota_part_t *od = calls_otadata(run);
    if (op[0] == 'e' && op[1] == ':') {
        uint32_t at = (uint32_t)strtoul(op + 2, &p, 16);
        return erase(run, at, (uint32_t)strtoul(p + 1, &p, 16));
    }
    if (op[0] == 'e') {
        return od != NULL && erase(run, od->offset + (uint32_t)(op[1] - '0') * 0x1000u, 0x1000);
    }
    if (op[0] == 'w') {
        return op[1] == ':' ? op_program(run, h, op) : op_boot_write(run, op);
    }
    if (op[0] == 'o') {
        return op_entry(run, h, op);
    }
    if (op[0] == 'b') {
        run->ref_efuse = (uint32_t)strtoul(op + 1, NULL, 10);
    }
    return true; /* v, f */
}

static bool failed(const calls_step_t *step)
{
    size_t n = strlen(step->ops);
    return n > 0 && step->ops[n - 1] == 'f';
}

/* After a write: plain flash holds nothing back, and nothing at all was taken if it failed. */
static void settle(calls_run_t *run, calls_handle_t *h, const calls_step_t *step)
{
    if (calls_image(run->data, step->word[2]) == NULL) {
        return;
    }
    bool refused = strcmp(step->rc, "0") != 0 && !failed(step);
    if (!run->encrypted || refused || strcmp(step->word[0], "write_off") == 0) {
        h->held = 0;
    }
    if (strcmp(step->rc, "0") == 0) {
        h->written += calls_hex(step->word[4]);
    }
}

static bool apply_all(calls_run_t *run, calls_handle_t *h, const char *op)
{
    while (*op != '\0') {
        if (!apply(run, h, op)) {
            return wrong(run, "operation", op);
        }
        op += strcspn(op, " ");
        op += strspn(op, " ");
    }
    return true;
}

bool calls_reference(calls_run_t *run, const calls_step_t *step)
{
    bool write = strncmp(step->word[0], "write", 5) == 0;
    bool ends = strcmp(step->word[0], "end") == 0;
    calls_handle_t *h = write || ends ? calls_handle(run, step->word[1]) : NULL;
    if (h != NULL && !h->theirs) {
        h = NULL;
    }
    write = write && h != NULL;
    if (write && !take(run, h, step)) {
        return wrong(run, "data outside of its image", step->word[0]);
    }
    if (!apply_all(run, h, step->ops)) {
        return false;
    }
    if (write) {
        settle(run, h, step);
    }
    return true;
}
