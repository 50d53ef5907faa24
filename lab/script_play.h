/* SPDX-License-Identifier: Apache-2.0 */
/* A script being played. Private to lab/script*.c.
 *
 *   script.c       stages, lives one after the other, what is excused
 *   script_app.c   the instructions of applications
 *   script_chip.c  the instructions that befall the chip; its operations
 */
#ifndef LAB_SCRIPT_PLAY_H
#define LAB_SCRIPT_PLAY_H

#include "lab/application.h"
#include "lab/script.h"

typedef struct {
    lab_world_t *world;
    const uint8_t *bytes;
    size_t len;
    size_t at;
    FILE *story;
    script_result_t *result;
    bool over;      /* played to the end, further inside: what comes back to here is dead */
    bool peace;     /* the script has ended */
    bool served;    /* the update of peace has been taken */
    unsigned boots; /* in peace */
    unsigned quiet; /* lives in a row without an application */
    medium_reading_t reading;
    /* the cut to come */
    bool armed;
    uint32_t cut_in;
    uint8_t cut_kind;
    uint8_t cut_index;
    medium_reading_t cut_reading;
    /* what excuses */
    bool blind;  /* reads fail for ever */
    bool silent; /* calls that did nothing said OK */
    bool rotten;
    bool shaken; /* a read failed, or a write of the bootloader */
    /* the download, as whoever sends it knows it */
    int told_image; /* -1: nothing to go on with */
    ota_slot_t told_slot;
    uint32_t told;
} play_t;

/* --- script.c ------------------------------------------------------------------------------ */

/* The next byte, 0 at the end. */
uint8_t play_byte(play_t *play);
bool play_ended(const play_t *play);

/* From a state without power to the end of everything. */
void play_on(play_t *play);

/* Has a call failed that the device cannot make good? booting: no application runs yet. */
void play_shaken(play_t *play, bool booting);

void play_tell(const play_t *play, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* --- script_app.c -------------------------------------------------------------------------- */

/* The application that booted: world->actor. */
act_t play_act(void *user, lab_world_t *world, life_t *life, int image);

/* --- script_chip.c ------------------------------------------------------------------------- */

/* An instruction that is none of the application's. */
void play_fate(play_t *play, uint8_t letter);
void play_works_again(play_t *play);
/* The medium's hook, after the world's own. */
void play_op(play_t *play, const medium_op_t *op);

#endif
