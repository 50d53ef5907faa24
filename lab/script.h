/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Script: bytes as a scenario, for fuzzing. What applications do and what befalls the chip come one
 * after the other, judged by the laboratory's oracles (oracle.h). Symbolic: a script says "cut in
 * the third operation from here, in the fifth way there is", so that it keeps its meaning when the
 * library's operations change.
 *
 *   byte 0   % 8: 0..5 policy otary, 6 stock, 7 stock in place;  / 8 % 4: the chip (script_chips)
 *   byte 1   % 4: the table (lab_table_t);  / 4: how the flash starts (lab_start_t)
 *   then instructions: a letter, and a byte for each of its arguments. Other bytes are skipped.
 *
 *   the application                                    arguments
 *     r  resets                                        -
 *     b  begins a session                              image and size, see take_begin
 *     c  continues one                                 image
 *     w  writes the next bytes of the image            how many
 *     m  writes them with one byte wrong               how many
 *     a  writes a sector out of order                  which
 *     f  finishes, q aborts                            -
 *     s  selects a slot                                which
 *     u  a whole update: c, all of w, f, s, r          image
 *     v  confirms itself, x rejects itself             -
 *     d  forgets a slot                                which
 *   the chip
 *     p  the power goes in an operation to come        in how many, damage, its index, reading
 *     o  the power goes now, off and on                reading
 *     e  calls of the port fail                        kind and way, how many before
 *     k  the port works again                          -
 *     t  a bit of otadata rots                         which, which
 *
 * When the script ends, there is peace: the port works, the server offers an update, which is
 * taken, confirmed and stays. Every promise must hold then.
 *
 * What need not hold, and is counted as excused:
 *   while calls of the port fail      L1, L2, C1; S1 while every read fails
 *   behind a read that failed, or a   S3, S4, C1: the bootloader goes by what it could read, and a
 *     write of the bootloader that      start that cannot be written down is not counted. (faults.h
 *     did                               judges each such failure alone, more strictly)
 *   behind a rotten bit               S3, S4, C1: rot is promised alone and at rest (rot.h)
 *   behind calls that did nothing     X; S3, S4, L1 where a slot does not hold what was written
 *     and said OK                       to it
 *   under a stock bootloader          S3, S4, C1
 * What runs is taken as chosen then, and the script goes on.
 */
#ifndef LAB_SCRIPT_H
#define LAB_SCRIPT_H

#include <stdio.h>

#include "lab/explore.h"

#define SCRIPT_CUTS_MAX 16u /* each is a life inside the callback of an operation */

typedef struct {
    bool violated;
    lab_verdict_t verdict;
    uint32_t lives;
    uint32_t ops;  /* programs and erases */
    uint32_t cuts; /* that came to pass */
    uint32_t failures;
    uint32_t updates; /* finished and selected */
    uint32_t excused; /* violations of what need not hold */
} script_result_t;

/* The worlds that scripts are played in: opened as they are needed, kept. */
typedef struct script_stage script_stage_t;

/* NULL: no memory. */
script_stage_t *script_open(void);
void script_close(script_stage_t *stage);

/* Breaks the port of every world to come, see lab_world_wrap. */
void script_wrap(script_stage_t *stage, lab_wrap_t wrap, void *user);

/* Plays it. story: told line by line, or NULL. OTA_ERR_ARG: shorter than two bytes, or nothing
 * starts that way on that table; OTA_ERR_NO_ROOM. */
OTA_MUST_CHECK ota_status_t script_play(script_stage_t *stage, const uint8_t *bytes, size_t len,
                                        FILE *story, script_result_t *result);

#endif
