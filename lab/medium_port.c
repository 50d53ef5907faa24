/* SPDX-License-Identifier: Apache-2.0 */
/* The medium under power: the port of one life, the chip's rules, failures, and scrambling. */
#include "lab/medium.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PIECE MEDIUM_SECTOR /* scrambled programs are done in pieces of at most this */

/* --- scrambling: four rounds of a Feistel network, keyed by the address -------------------- */

#define ROUNDS 4u

static uint64_t round_word(const medium_t *medium, uint64_t half, uint32_t addr, unsigned round)
{
    return medium_mix(half ^ medium->spec.seed, ((uint64_t)addr << 8) + round);
}

static void scramble(const medium_t *medium, uint32_t addr, uint8_t block[MEDIUM_BLOCK])
{
    uint64_t half[2];
    memcpy(half, block, sizeof(half));
    for (unsigned i = 0; i < ROUNDS; i++) {
        half[i & 1u] ^= round_word(medium, half[(i & 1u) ^ 1u], addr, i);
    }
    memcpy(block, half, sizeof(half));
}

static void unscramble(const medium_t *medium, uint32_t addr, uint8_t block[MEDIUM_BLOCK])
{
    uint64_t half[2];
    memcpy(half, block, sizeof(half));
    for (unsigned i = ROUNDS; i-- > 0;) {
        half[i & 1u] ^= round_word(medium, half[(i & 1u) ^ 1u], addr, i);
    }
    memcpy(block, half, sizeof(half));
}

bool medium_encrypted(const medium_t *medium, uint32_t addr, uint32_t len)
{
    const medium_spec_t *spec = &medium->spec;
    return spec->encrypted && addr < spec->encrypted_to && addr + len > spec->encrypted_from;
}

/* --- reading ------------------------------------------------------------------------------- */

static uint8_t marginal_byte(const medium_t *medium, uint8_t cells, uint8_t mask, uint32_t addr)
{
    uint64_t coin = ~(uint64_t)0;
    switch (medium->reading) {
    case MEDIUM_ZEROS:
        coin = 0;
        break;
    case MEDIUM_MIXED:
    case MEDIUM_MIXED_2:
        coin = medium_mix(medium->spec.seed + (uint64_t)medium->reading * 77u,
                          ((uint64_t)medium->marginal_reads << 32) + addr);
        break;
    case MEDIUM_FADING:
        coin = medium->marginal_reads <= MEDIUM_FADES_AFTER ? 0 : ~(uint64_t)0;
        break;
    case MEDIUM_ONES:
    case MEDIUM_READINGS:
        break;
    }
    return (uint8_t)((cells & ~mask) | (mask & (uint8_t)coin));
}

/* Cells as they read in this power-on. */
static void sense(medium_t *medium, uint32_t addr, uint8_t *dst, uint32_t len)
{
    memcpy(dst, medium->cells + addr, len);
    if (medium->marginal_total == 0) {
        return;
    }
    bool met = false;
    for (uint32_t i = 0; i < len; i++) {
        uint8_t mask = medium->marginal[addr + i];
        if (medium->marginal_bits[(addr + i) / MEDIUM_SECTOR] == 0) {
            i += MEDIUM_SECTOR - 1u - (addr + i) % MEDIUM_SECTOR;
        } else if (mask != 0) {
            medium->marginal_reads += met ? 0 : 1u;
            met = true;
            dst[i] = marginal_byte(medium, dst[i], mask, addr + i);
        }
    }
}

static void sense_plain(medium_t *medium, uint32_t addr, uint8_t *dst, uint32_t len)
{
    uint8_t block[MEDIUM_BLOCK];
    for (uint32_t n, done = 0; done < len; done += n) {
        uint32_t at = addr + done;
        uint32_t start = at & ~(MEDIUM_BLOCK - 1u);
        uint32_t skip = at - start;
        n = MEDIUM_BLOCK - skip < len - done ? MEDIUM_BLOCK - skip : len - done;
        sense(medium, start, block, MEDIUM_BLOCK);
        if (medium_encrypted(medium, start, MEDIUM_BLOCK)) {
            unscramble(medium, start, block);
        }
        memcpy(dst + done, block + skip, n);
    }
}

void medium_view(medium_t *medium, uint32_t addr, void *bytes, uint32_t len)
{
    if (medium_encrypted(medium, addr, len)) {
        sense_plain(medium, addr, bytes, len);
    } else {
        sense(medium, addr, bytes, len);
    }
}

/* --- the world's hands --------------------------------------------------------------------- */

void medium_write(medium_t *medium, uint32_t addr, const void *bytes, uint32_t len)
{
    const uint8_t *from = bytes;
    if (!medium_encrypted(medium, addr, len)) {
        medium_store(medium, addr, from, NULL, len);
        return;
    }
    for (uint32_t done = 0; done < len; done += MEDIUM_BLOCK) {
        uint8_t block[MEDIUM_BLOCK];
        uint32_t n = len - done < MEDIUM_BLOCK ? len - done : MEDIUM_BLOCK;
        memset(block, 0xFF, sizeof(block));
        memcpy(block, from + done, n);
        if (medium_encrypted(medium, addr + done, MEDIUM_BLOCK)) {
            scramble(medium, addr + done, block);
        }
        medium_store(medium, addr + done, block, NULL, MEDIUM_BLOCK);
    }
}

static bool solid(const medium_t *medium, uint32_t addr, uint32_t len)
{
    if (medium->marginal_total == 0) {
        return true;
    }
    for (uint32_t i = 0; i < len; i++) {
        if (medium->marginal[addr + i] != 0) {
            return false;
        }
    }
    return true;
}

bool medium_holds(medium_t *medium, uint32_t addr, const void *bytes, uint32_t len)
{
    const uint8_t *expected = bytes;
    if (addr > medium->spec.size || len > medium->spec.size - addr) {
        return false;
    }
    if (!medium_encrypted(medium, addr, len)) {
        return memcmp(medium->cells + addr, expected, len) == 0 && solid(medium, addr, len);
    }
    uint32_t start = addr & ~(MEDIUM_BLOCK - 1u);
    uint32_t end = (addr + len + MEDIUM_BLOCK - 1u) & ~(MEDIUM_BLOCK - 1u);
    if (!solid(medium, start, end - start)) {
        return false;
    }
    for (uint32_t n, done = 0; done < len; done += n) {
        uint8_t piece[256];
        n = len - done < sizeof(piece) ? len - done : (uint32_t)sizeof(piece);
        sense_plain(medium, addr + done, piece, n);
        if (memcmp(piece, expected + done, n) != 0) {
            return false;
        }
    }
    return true;
}

/* --- the chip's rules ---------------------------------------------------------------------- */

static void blame(medium_t *medium, medium_fault_t fault, const medium_op_t *op)
{
    if (medium->fault == MEDIUM_FAULT_NONE) {
        medium->fault = fault;
        medium->fault_op = *op;
    }
}

static bool outside(const medium_t *medium, uint32_t addr, size_t len)
{
    return addr > medium->spec.size || len > medium->spec.size - addr;
}

/* A stuck cell is the chip's fault: the program fails to do it, and says nothing. */
static bool byte_raises(const medium_t *medium, uint32_t addr, uint8_t data)
{
    uint8_t stuck = medium->stuck != NULL ? medium->stuck[addr] : 0;
    return ((medium->cells[addr] | stuck) & data) != data;
}

static bool raises(const medium_t *medium, const medium_op_t *op)
{
    const uint8_t *cells = medium->cells + op->addr; /* a marginal cell stands as 1 */
    uint32_t i = 0;
    for (uint64_t now, data; i + sizeof(now) <= op->len; i += (uint32_t)sizeof(now)) {
        memcpy(&now, cells + i, sizeof(now));
        memcpy(&data, op->cells + i, sizeof(data));
        if ((now & data) != data) {
            break; /* byte by byte from here */
        }
    }
    for (; i < op->len; i++) {
        if (byte_raises(medium, op->addr + i, op->cells[i])) {
            return true;
        }
    }
    return false;
}

static medium_fault_t judge_erase(const medium_t *medium, const medium_op_t *op)
{
    bool offered = op->len == OTA_ERASE_4K || op->len == OTA_ERASE_32K || op->len == OTA_ERASE_64K;
    return offered && (medium->spec.erase_units & op->len) != 0 && op->addr % op->len == 0
               ? MEDIUM_FAULT_NONE
               : MEDIUM_FAULT_ERASE;
}

/* True while this life is the one under power. */
static bool alive(const medium_port_t *port, const medium_op_t *op)
{
    medium_t *medium = port->medium;
    if (port->epoch != 0 && port->epoch == medium->epoch) {
        return true;
    }
    if (medium->after_death != NULL) {
        medium->after_death(medium->user, op);
        return false;
    }
    static const char *const what[] = {"read", "program", "erase"};
    (void)fprintf(stderr, "lab: a %s of %u bytes at 0x%X by a life whose power is off\n",
                  what[op->kind], (unsigned)op->len, (unsigned)op->addr);
    abort();
}

/* What this call shall do, by the armed failure. */
static medium_failure_t fails(medium_t *medium, const medium_op_t *op)
{
    const medium_fail_t *fail = &medium->fail;
    if (fail->how == MEDIUM_WORKS || (fail->kinds & (1u << op->kind)) == 0) {
        return MEDIUM_WORKS;
    }
    uint64_t now = medium->fail_count++;
    if (now != fail->nth && (!fail->for_ever || now < fail->nth)) {
        return MEDIUM_WORKS;
    }
    if (medium->failed != NULL) {
        medium->failed(medium->user, op, fail->how);
    }
    return fail->how;
}

/* --- the port ------------------------------------------------------------------------------ */

static ota_status_t port_read(void *ctx, uint32_t addr, void *dst, size_t len)
{
    const medium_port_t *port = ctx;
    medium_t *medium = port->medium;
    const medium_op_t op = {MEDIUM_READ, addr, (uint32_t)len, NULL};
    if (!alive(port, &op)) {
        return OTA_ERR_FLASH_READ;
    }
    if (outside(medium, addr, len)) {
        blame(medium, MEDIUM_FAULT_RANGE, &op);
        return OTA_ERR_FLASH_READ;
    }
    medium->cost.reads++;
    medium_failure_t failure = fails(medium, &op);
    if (failure != MEDIUM_WORKS) {
        return failure == MEDIUM_SILENT ? OTA_OK : OTA_ERR_FLASH_READ;
    }
    medium_view(medium, addr, dst, (uint32_t)len);
    return OTA_OK;
}

static ota_status_t finish_op(medium_t *medium, medium_op_t *op, ota_status_t failed)
{
    if (medium->hook != NULL) {
        medium->hook(medium->user, op);
    }
    medium_failure_t failure = fails(medium, op);
    if (failure == MEDIUM_HALF) {
        op->len =
            op->kind == MEDIUM_ERASE ? op->len / 2u / MEDIUM_SECTOR * MEDIUM_SECTOR : op->len / 2u;
        if (op->len == 0) { /* half of a sector */
            medium_fill(medium, op->addr, 0xFF, MEDIUM_SECTOR / 2u);
            return failed;
        }
    }
    if (failure == MEDIUM_WORKS || failure == MEDIUM_HALF) {
        medium_carry_out(medium, op);
    }
    return failure == MEDIUM_WORKS || failure == MEDIUM_SILENT ? OTA_OK : failed;
}

static ota_status_t program_cells(medium_t *medium, medium_op_t *op)
{
    if (raises(medium, op)) {
        bool tried = op->addr >= medium->spec.encrypted_from && op->addr < medium->spec.tried_to;
        if (!tried) {
            blame(medium, MEDIUM_FAULT_RAISE, op);
        }
        return OTA_ERR_FLASH_NOT_BLANK;
    }
    medium->cost.programs++;
    flash_bill_program(&medium->cost.bill, op->addr, op->len);
    return finish_op(medium, op, OTA_ERR_FLASH_PROGRAM);
}

static ota_status_t program_scrambled(medium_t *medium, const medium_op_t *op)
{
    if (op->addr % MEDIUM_BLOCK != 0 || op->len % MEDIUM_BLOCK != 0 ||
        op->addr < medium->spec.encrypted_from || op->addr + op->len > medium->spec.encrypted_to) {
        blame(medium, MEDIUM_FAULT_BLOCK, op);
        return OTA_ERR_ALIGN;
    }
    ota_status_t status = OTA_OK;
    for (uint32_t n, done = 0; done < op->len && status == OTA_OK; done += n) {
        uint8_t cells[PIECE];
        n = op->len - done < PIECE ? op->len - done : PIECE;
        memcpy(cells, op->cells + done, n);
        for (uint32_t i = 0; i < n; i += MEDIUM_BLOCK) {
            scramble(medium, op->addr + done + i, cells + i);
        }
        medium_op_t part = {MEDIUM_PROGRAM, op->addr + done, n, cells};
        status = program_cells(medium, &part);
    }
    return status;
}

static ota_status_t port_program(void *ctx, uint32_t addr, const void *src, size_t len)
{
    const medium_port_t *port = ctx;
    medium_t *medium = port->medium;
    medium_op_t op = {MEDIUM_PROGRAM, addr, (uint32_t)len, src};
    if (!alive(port, &op)) {
        return OTA_ERR_FLASH_PROGRAM;
    }
    if (outside(medium, addr, len) || (addr | len) % medium->spec.program_unit != 0) {
        blame(medium, MEDIUM_FAULT_RANGE, &op);
        return OTA_ERR_FLASH_PROGRAM;
    }
    return medium_encrypted(medium, addr, (uint32_t)len) ? program_scrambled(medium, &op)
                                                         : program_cells(medium, &op);
}

static ota_status_t port_erase(void *ctx, uint32_t addr, size_t len)
{
    const medium_port_t *port = ctx;
    medium_t *medium = port->medium;
    medium_op_t op = {MEDIUM_ERASE, addr, (uint32_t)len, NULL};
    if (!alive(port, &op)) {
        return OTA_ERR_FLASH_ERASE;
    }
    medium_fault_t fault =
        outside(medium, addr, len) ? MEDIUM_FAULT_RANGE : judge_erase(medium, &op);
    if (fault != MEDIUM_FAULT_NONE) {
        blame(medium, fault, &op);
        return OTA_ERR_FLASH_ERASE;
    }
    medium->cost.erases++;
    flash_bill_erase(&medium->cost.bill, addr, len, medium->spec.erase_units);
    return finish_op(medium, &op, OTA_ERR_FLASH_ERASE);
}

/* --- power --------------------------------------------------------------------------------- */

void medium_power_on(medium_t *medium, medium_port_t *port, medium_reading_t reading,
                     medium_power_t *before)
{
    *before =
        (medium_power_t){medium->epoch, medium->reading, medium->marginal_reads, medium->cost};
    medium->epoch = ++medium->epochs != 0 ? medium->epochs : ++medium->epochs;
    medium->reading = reading;
    medium->marginal_reads = 0;
    medium_cost_reset(medium);
    *port = (medium_port_t){
        .medium = medium,
        .epoch = medium->epoch,
        .flash = {.version = OTA_FLASH_VERSION,
                  .size = medium->spec.size,
                  .program_unit = medium->spec.program_unit,
                  .erase_units = medium->spec.erase_units,
                  .encrypted_unit = medium->spec.encrypted ? MEDIUM_BLOCK : 0,
                  .guarantees = medium->spec.guarantees,
                  .read = port_read,
                  .program = port_program,
                  .erase = port_erase},
    };
    port->flash.ctx = port;
}

void medium_power_off(medium_t *medium, const medium_power_t *before)
{
    medium->epoch = before->epoch;
    medium->reading = before->reading;
    medium->marginal_reads = before->marginal_reads;
    medium->cost = before->cost;
}

void medium_cost_reset(medium_t *medium)
{
    memset(&medium->cost, 0, sizeof(medium->cost));
}

void medium_fail(medium_t *medium, const medium_fail_t *fail)
{
    medium->fail = *fail;
    medium->fail_count = 0;
}

/* --- words --------------------------------------------------------------------------------- */

const char *medium_fault_text(medium_fault_t fault)
{
    switch (fault) {
    case MEDIUM_FAULT_NONE:
        return "nothing";
    case MEDIUM_FAULT_RAISE:
        return "a program over bits that are 0 and should become 1";
    case MEDIUM_FAULT_BLOCK:
        return "a program of less than whole blocks of 16 bytes into encrypted flash";
    case MEDIUM_FAULT_ERASE:
        return "an erase of a size or at an address that the chip does not offer";
    case MEDIUM_FAULT_RANGE:
        return "an access beyond the chip, or no multiple of its program unit";
    }
    return "?";
}

const char *medium_reading_name(medium_reading_t reading)
{
    static const char *const names[MEDIUM_READINGS] = {"ones", "zeros", "mixed", "mixed-2",
                                                       "fading"};
    return (unsigned)reading < MEDIUM_READINGS ? names[reading] : "?";
}
