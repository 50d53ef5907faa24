/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hostile: bytes as a network, for fuzzing. One device with an agent, all in memory; the bytes say
 * what it gets for answers, where its flash fails and when its power goes. Signatures are made up
 * (host/ and the unit tests have the real ones): one is good if the publisher made it.
 *
 *   before each request the next instructions are read, up to '.': a letter and its arguments, each
 *   a byte. Other bytes are skipped. Where the bytes end there is peace.
 *
 *   the answer                                        arguments
 *     F  another file of the site                     which (HOSTILE_FILES); beyond: none
 *     R  these bytes                                  how many, the bytes
 *     C  status                                       low, high
 *     U  302 to itself, far away, nowhere             which
 *     H  a header field says this                     which, how many bytes, the bytes
 *     G  all of it whatever was asked for             -
 *     S  a range moved                                by how much (-128..127)
 *     B  a byte of the body is another                where: low, high; XOR
 *     X  it breaks: lost, silent, ended               where: low, high; how
 *     P  it comes in pieces                           of 16 + 4 n bytes
 *     D  a byte every 4 seconds
 *     N  nobody answers, Q no status comes            -
 *   the device
 *     k  the power goes in a flash operation          in how many; what is done of it
 *     w  the power goes in a write of the store       in how many
 *     z  it is reset                                  -
 *     r  readings of flash fail, o operations do      in how many; how many
 *     t  writes of the store fail                     how many
 *     u  the application is not well                  for how many steps
 *
 * What must hold:
 *   H1 whole      what boots, and what is chosen, is bit for bit the old image or the published one
 *   H2 signed     nothing is learnt from a document that the publisher did not sign for this device
 *   H3 ends       requests end in time, and all of it in bounded steps
 *   H4 converges  in peace the published image runs, confirmed, unless this device has counted it
 * as failed; then the old one does
 */
#ifndef LAB_NET_HOSTILE_H
#define LAB_NET_HOSTILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/agent.h"

#define HOSTILE_BYTES 1024u /* of a script; what is longer is cut */

/* Files that F can name. */
typedef enum {
    HOSTILE_MANIFEST, /* serial 2: version 2.0 */
    HOSTILE_REPLAYED, /* serial 1: version 1.0, which the device was born with */
    HOSTILE_STOVE,    /* of another product, signed by the same key */
    HOSTILE_FORGED,   /* by nobody: serial 99, version 6.6 */
    HOSTILE_KEYS,     /* the next key set */
    HOSTILE_OLD,      /* images: version 1.0, */
    HOSTILE_NEW,      /* 2.0, */
    HOSTILE_OTHER,    /* 6.6: whole, and the stove's */
    HOSTILE_SIGNATURE /* from here on: signatures */
} hostile_file_t;
#define HOSTILE_FILES 15u

typedef enum {
    HOSTILE_FINE,
    HOSTILE_WHOLE,
    HOSTILE_SIGNED,
    HOSTILE_ENDS,
    HOSTILE_CONVERGES
} hostile_oracle_t;

typedef struct {
    hostile_oracle_t broken; /* the first one that was */
    char what[120];
    bool updated; /* runs the published image, confirmed */
    uint32_t steps;
    uint32_t boots;
    uint32_t requests;
    uint32_t cuts;
    uint32_t failures; /* of flash and store */
} hostile_result_t;

/* What a test may break before the agent starts, to see that an oracle notices. */
typedef struct {
    ota_crypto_t *crypto;
    ota_http_t *http;
    ota_flash_t *flash;
    ota_agent_config_t *config;
} hostile_parts_t;
typedef void (*hostile_wrap_t)(void *user, const hostile_parts_t *parts);

typedef struct hostile hostile_t;

/* NULL: no memory. */
hostile_t *hostile_open(void);
void hostile_close(hostile_t *stage);
void hostile_wrap(hostile_t *stage, hostile_wrap_t wrap, void *user);
/* The bytes of a file of the site. */
const uint8_t *hostile_file(const hostile_t *stage, hostile_file_t file, uint32_t *len);

void hostile_play(hostile_t *stage, const uint8_t *bytes, size_t len, hostile_result_t *result);

const char *hostile_oracle_name(hostile_oracle_t oracle);

#endif
