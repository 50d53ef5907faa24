/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The commit record, the bootloader and an application, under any number of power cuts.
 *
 * Two otadata sectors whose cells may be solid, marginal or gone; a cut before, inside and after
 * every flash operation; marginal cells that read differently at every boot. The rules are those
 * of include/ota/record.h and ota/commit.h; `make model` verifies them, and then verifies this
 * model with one rule removed at a time, which must fail:
 *
 *   NO_FIRM   a half-sealed record is acted upon as it is
 *   NO_WIPE   what an unfinished write left is not wiped before the boot acts
 *   NO_SEAL   a record counts as soon as it reads whole
 *   IN_PLACE  the sector in force is erased and written, as esp_ota_ops does
 *   NO_SPEND  a trial's boot is not written down before it begins
 *
 * What is asserted (names as in docs/reliability.md):
 *   S1  there is always a record in force, and an image that boots
 *   S2  an image that boots is whole
 *   S3  what was acknowledged never falls back by itself; what was not, and whose absence was
 *       acted upon, never comes alive
 *   S4  what nobody confirmed gets at most TRIALS boots, and never becomes permanent
 *   C1  while the application runs, a stock bootloader would pick the same slot
 *   one the application and the bootloader see the same record in force
 *   L1  (ltl) once the power stays, the application runs, and an update that is under way is tried
 *   L2  a boot needs at most BOOT_OPS operations on otadata
 */
#ifndef TRIALS
#define TRIALS 3
#endif
#define BOOT_OPS 12

#define NONE  2     /* no slot, no sector */
#define BIT(slot) (1 << (slot))

/* Cells. An entry or a seal: GONE, WEAK (reads either way), SOLID. A record also TOUCHED: reads
 * as blank or as garbage, but never as whole. */
#define GONE    0
#define WEAK    1
#define SOLID   2
#define TOUCHED 3

/* What a record means for the promises; no code can see this. */
#define OLD  0      /* replaced by one that was acknowledged or acted upon */
#define CUR  1      /* acknowledged, or acted upon */
#define PEND 2      /* being written: may be in force after a cut, or not */
#define DEAD 3      /* given up: a boot acted on its absence */

/* What a sector reads as. */
#define BLANK   0
#define GARBAGE 1
#define WHOLE   2

typedef Choice {
    byte slot;      /* what boots */
    byte back;      /* what boots if that does not */
    byte bad;       /* slots that were given up or rejected, as bits */
    bit trial;
    byte left;      /* boots that the trial still has */
}

typedef Sector {
    byte record;
    byte entry;     /* the 32 bytes that a stock bootloader reads */
    byte seal1;
    byte seal2;
    byte wiped;
    byte age;       /* the order of seq: larger is newer */
    byte meaning;
    Choice says
}

typedef View { byte record; bit entry; bit seal1; bit seal2; bit wiped }

Sector sector[2];
View view[2];
Choice now;             /* in force, as read; then what shall be */
byte at = NONE;         /* the sector in force */
byte other = NONE;
byte before = NONE;
bit foreign;            /* only its entry reads: taken for stock software's */
bit changed;

bit whole[2];           /* the slot holds an image, bit for bit */
bit good[2];            /* its image was confirmed, or came with the device */
byte boots[2];          /* of an image that nobody has confirmed */
byte running = NONE;
byte due = NONE;        /* selected and acknowledged: the next to run, */
byte begun;             /* unless so many of its boots were begun, and cut off */
byte ops;               /* on otadata, in this boot */

bit calm;               /* the power stays from now on */
bit runs;               /* the application does */
bit trying;             /* an update is under way and has not been tried */

#define CUT :: !calm -> goto power_up

/* --- cells ---------------------------------------------------------------------------- */

inline weaken(cell) {   /* any part of it may be gone */
    if
    :: cell != GONE -> if :: cell = WEAK :: cell = GONE fi
    :: else
    fi
}

inline read(cell, bit_read) {
    if
    :: cell != GONE -> bit_read = 1
    :: cell != SOLID -> bit_read = 0
    fi
}

/* States that differ in nothing that matters are made equal. */
inline tidy(i) {
    if
    :: (sector[i].record == GONE || sector[i].record == TOUCHED) && sector[i].entry == GONE ->
        sector[i].age = 0; sector[i].meaning = OLD;
        sector[i].says.slot = 0; sector[i].says.back = NONE; sector[i].says.bad = 0;
        sector[i].says.trial = 0; sector[i].says.left = 0
    :: else
    fi
}

inline renumber() {
    tidy(0); tidy(1);
    if
    :: sector[0].age > sector[1].age -> sector[0].age = 2; sector[1].age = 1
    :: sector[1].age > sector[0].age -> sector[1].age = 2; sector[0].age = 1
    :: else
    fi;
    tidy(0); tidy(1)
}

/* The device knows nothing but what lies in flash. */
inline forget_view(i) {
    view[i].record = BLANK; view[i].entry = 0; view[i].seal1 = 0; view[i].seal2 = 0;
    view[i].wiped = 0
}

inline forget_all() {
    forget_view(0); forget_view(1);
    now.slot = 0; now.back = NONE; now.bad = 0; now.trial = 0; now.left = 0;
    at = NONE; other = NONE; foreign = 0; changed = 0; before = NONE;
    runs = 0; running = NONE; ops = 0
}

/* --- operations: a cut before, a cut inside, or done. A cut after one is a cut before the next. */

inline erase(i) {
    atomic {
        ops++;
        if
        CUT
        :: !calm ->         /* anything between all of it weak and all of it gone */
            if
            :: sector[i].record == GONE || sector[i].record == TOUCHED -> sector[i].record = TOUCHED
            :: sector[i].record == WEAK || sector[i].record == SOLID -> sector[i].record = WEAK
            :: sector[i].record == WEAK || sector[i].record == SOLID -> sector[i].record = TOUCHED
            fi;
            weaken(sector[i].entry); weaken(sector[i].seal1); weaken(sector[i].seal2);
            weaken(sector[i].wiped);
            goto power_up
        :: true ->
            sector[i].record = GONE; sector[i].entry = GONE; sector[i].seal1 = GONE;
            sector[i].seal2 = GONE; sector[i].wiped = GONE;
            tidy(i)
        fi
    }
}

/* Programming what reads so already makes it solid. */
inline program(cell) {
    atomic {
        ops++;
        if
        CUT
        :: !calm && cell == GONE -> cell = WEAK; goto power_up
        :: cell = SOLID
        fi
    }
}

inline program_record(i) {
    atomic {
        ops++;
        if
        CUT
        :: !calm && sector[i].record == GONE -> sector[i].record = TOUCHED; goto power_up
        :: !calm && sector[i].record == GONE -> sector[i].record = WEAK; goto power_up
        :: sector[i].record = SOLID
        fi
    }
}

/* --- reading, and what is in force -------------------------------------------------------- */

inline look_at(i) {
    if
    :: sector[i].record == GONE -> view[i].record = BLANK
    :: sector[i].record == TOUCHED -> if :: view[i].record = BLANK :: view[i].record = GARBAGE fi
    :: sector[i].record == WEAK -> if :: view[i].record = WHOLE :: view[i].record = GARBAGE fi
    :: sector[i].record == SOLID -> view[i].record = WHOLE
    fi;
    read(sector[i].entry, view[i].entry);
    read(sector[i].seal1, view[i].seal1);
    read(sector[i].seal2, view[i].seal2);
    read(sector[i].wiped, view[i].wiped)
}

#ifdef NO_SEAL
#define SEALED(i) (view[i].record == WHOLE)
#else
#define SEALED(i) (view[i].record == WHOLE && view[i].seal1)
#endif
#define COUNTS(i) (SEALED(i) || (view[i].record != WHOLE && view[i].entry))

/* Neither empty nor an older choice that was complete. */
#define DOUBTFUL(i) ((view[i].record == WHOLE && !SEALED(i)) || \
                     (view[i].record != WHOLE && !view[i].entry && !view[i].wiped))

inline copy(to, from) {
    to.slot = from.slot; to.back = from.back; to.bad = from.bad; to.trial = from.trial;
    to.left = from.left
}

/* An entry says which slot, and whether it is on trial; the rest is what the other sector knows. */
inline take_entry() {
    now.slot = sector[at].says.slot;
    now.trial = sector[at].says.trial;
    now.back = NONE;
    now.bad = 0;
    now.left = 0;
    if
    :: now.trial && sector[at].says.left > 0 -> now.left = 1 /* NEW; more would let cuts renew it */
    :: else                                                  /* PENDING, VALID */
    fi;
    if
    :: view[other].record == WHOLE ->
        now.bad = sector[other].says.bad;
        now.back = (sector[other].says.slot != now.slot -> sector[other].says.slot
                                                        : sector[other].says.back)
    :: view[other].record != WHOLE && view[other].entry && sector[other].says.slot != now.slot ->
        now.back = sector[other].says.slot
    :: else
    fi;
    now.bad = now.bad & (3 - BIT(now.slot))
}

inline look() {
    atomic { look_at(0); look_at(1) };
    d_step {
        if
        :: COUNTS(0) && COUNTS(1) -> at = (sector[1].age > sector[0].age -> 1 : 0)
        :: COUNTS(0) && !COUNTS(1) -> at = 0
        :: !COUNTS(0) && COUNTS(1) -> at = 1
        :: else -> at = NONE
        fi;
        assert(at != NONE);                                             /* S1 */
        other = 1 - at;
        foreign = view[at].record != WHOLE;
        changed = foreign || !view[at].entry;
        assert(sector[at].meaning == CUR || sector[at].meaning == PEND); /* S3 */
        if
        :: foreign -> take_entry()
        :: else -> copy(now, sector[at].says)
        fi
    }
}

/* --- writing ------------------------------------------------------------------------------ */

inline firm_up() {
#ifndef NO_FIRM
    if
    :: foreign ->
        program(sector[at].entry);
        program(sector[at].seal1)   /* it counts from here on, whatever its record reads as */
    :: !foreign && !view[at].seal2 ->
        program_record(at);
        if
        :: view[at].entry ->
            program(sector[at].entry);
            program(sector[at].seal1);
            program(sector[at].seal2)
        :: else -> program(sector[at].seal1)    /* written anew after this; nothing vouches for it */
        fi
    :: else
    fi
#else
    skip
#endif
}

/* `now` in the sector that is not in force. */
inline write(means) {
#ifdef IN_PLACE
    other = at;
#endif
    erase(other);
    d_step {
        sector[other].age = 3;
        sector[other].meaning = means;
        copy(sector[other].says, now)
    };
    program_record(other);
    program(sector[other].entry);
#ifndef NO_SEAL
    program(sector[other].seal1);
    program(sector[other].seal2);
#endif
    d_step { at = other; other = 1 - at; renumber() }
}

inline wipe() {
#ifndef NO_WIPE
    if
    :: DOUBTFUL(other) ->
        erase(other);
        program(sector[other].wiped)
    :: else
    fi
#else
    skip
#endif
}

/* Somebody outside knows now: the application was told, or the image started. */
inline settle() {
    sector[at].meaning = CUR;
    sector[1 - at].meaning = (sector[1 - at].age < sector[at].age -> OLD : DEAD);
    tidy(1 - at)
}

/* A call of the application: read, firm up, write. */
inline commit() {
    firm_up();
    write(PEND);
    if CUT :: true fi;                          /* written, but the application was not told */
    d_step { settle(); forget_view(0); forget_view(1); foreign = 0; changed = 0 }
}

/* --- the bootloader ----------------------------------------------------------------------- */

#define BAD(s)  ((now.bad & BIT(s)) != 0)
#define FITS(s) (whole[s] && !BAD(s))

inline choose_image() {
    if
    :: now.trial && now.left == 0 ->
        now.bad = now.bad | BIT(now.slot);
        now.trial = 0;
        changed = 1
    :: else
    fi;
    if
    :: FITS(now.slot) -> running = now.slot
    :: else ->
        if
        :: now.back != NONE && FITS(now.back) -> running = now.back
        :: else ->
            if
            :: FITS(0) -> running = 0
            :: !FITS(0) && FITS(1) -> running = 1
            :: else -> running = (whole[0] -> 0 : 1)
            fi
        fi
    fi;
    assert(whole[running]);                                              /* S1, S2 */
}

inline spend_or_move() {
    if
    :: running == now.slot ->
#ifndef NO_SPEND
        if
        :: now.trial ->
            now.left--; changed = 1;
            begun = (begun < TRIALS -> begun + 1 : begun)
        :: else
        fi
#else
        skip
#endif
    :: running != now.slot && !BAD(running) ->
        now.bad = now.bad | BIT(now.slot);
        now.slot = running;
        now.back = (now.back == running -> NONE : now.back);
        now.trial = 0;
        now.left = 0;
        changed = 1
    :: else
    fi
}

/* --- what is promised when the application starts ------------------------------------------ */

inline judge() {
    assert(ops <= BOOT_OPS);                                             /* L2 */
    assert(due == NONE || due == running || begun == TRIALS);            /* S3 */
    due = NONE; begun = 0;
    if
    :: !good[running] -> boots[running]++
    :: else
    fi;
    assert(boots[running] <= TRIALS);                                    /* S4 */
    assert(now.trial || good[running]);
    assert(sector[at].entry == SOLID && sector[at].says.slot == running); /* C1 */
    assert(sector[other].entry == GONE || sector[other].age < sector[at].age);
    if
    :: trying && now.slot == running && now.trial -> trying = 0
    :: else
    fi;
    runs = 1;
    ops = 0
}

/* The application's own look at otadata. */
inline look_again() {
    before = at;
    look();
    assert(at == before)                                                 /* one */
}

inline fresh(slot) {
    whole[slot] = 0; good[slot] = 0; boots[slot] = 0
}

/* --- the device ----------------------------------------------------------------------------- */

active proctype device() {
    d_step {                /* shipped with an app in slot 0 */
        sector[0].record = SOLID; sector[0].entry = SOLID;
        sector[0].seal1 = SOLID; sector[0].seal2 = SOLID;
        sector[0].age = 2; sector[0].meaning = CUR; sector[0].says.back = NONE;
        sector[1].says.back = NONE; sector[1].age = 1;
        whole[0] = 1; good[0] = 1;
        renumber()
    };

power_up:
    skip;
    d_step {
        renumber();
        forget_all();
    };
    if :: calm = 1 :: true fi;

    look();
    d_step { choose_image(); spend_or_move() };
    firm_up();
    if
    :: changed -> write(sector[at].meaning)
    :: else -> wipe()
    fi;
    d_step { settle(); judge(); forget_view(0); forget_view(1) };

    do
    CUT
    :: goto power_up                            /* a crash, a watchdog, sleep */
    :: now.trial ->                             /* confirm */
        look_again();
        good[running] = 1;
        now.trial = 0; now.left = 0;
        commit()
    :: now.trial && now.back != NONE && FITS(now.back) -> /* reject, and restart */
        look_again();
        now.bad = now.bad | BIT(running);
        now.slot = now.back;
        now.back = NONE;
        now.trial = 0; now.left = 0;
        commit();
        goto power_up
    :: !now.trial ->                            /* an update into the other slot */
        trying = 1;
        look_again();
        d_step {
            now.bad = now.bad & BIT(running);
            now.back = (now.back == 1 - running -> NONE : now.back)
        };
        commit();                               /* it is no way back any more */
        d_step { fresh(1 - running) };
        if CUT :: true fi;                      /* half of it written */
        whole[1 - running] = 1;
        if CUT :: true fi;
        look_again();
        d_step {
            now.slot = 1 - running;
            now.back = running;
            now.trial = 1;
            now.left = TRIALS
        };
        commit();
        d_step { due = now.slot; begun = 0 };
        goto power_up
    od
}

ltl starts { [] (calm -> <> runs) }
ltl tried  { [] ((calm && trying) -> <> !trying) }
