/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The commit record, the bootloader and an application, under any number of power cuts.
 *
 * Two otadata sectors whose cells may be solid, marginal or gone; a cut before, inside and after
 * every flash operation; marginal cells that read differently at every boot. The rules are those
 * of include/ota/record.h and ota/commit.h; `make model` verifies them, and then verifies this
 * model with one rule removed at a time, which must fail:
 *
 *   NO_FIRM      a half-sealed record is acted upon as it is
 *   NO_WIPE      what an unfinished write left is not wiped before the boot acts
 *   ONE_SEAL     seal 1 alone says that a record counts and that it is solid
 *   IN_PLACE     the sector in force is erased and written, as esp_ota_ops does
 *   NO_SPEND     a trial's boot is not written down before it begins
 *   TRUST_BLANK  a sector without the wiped tag passes for empty if it reads blank
 *   VOUCH        seal 2 is programmed beside an entry that does not read
 *   RENEW        an entry that says NEW, but whose record is gone, gets a whole trial
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
#define BOOT_OPS 14

#define NONE 2      /* no slot, no sector */

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

/* What is known of the slot that is not chosen. */
#define UNKNOWN 0
#define BACK    1   /* boots if the chosen one does not */
#define REFUSED 2   /* given up, or rejected */

typedef Choice {
    byte slot;      /* what boots */
    byte rest;
    byte trial;     /* 0: none; else one more than the boots that it still has */
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
Choice read_as;         /* in force, as read */
byte at = NONE;         /* the sector in force */
byte other = NONE;
byte before = NONE;
byte spare;
bit foreign;            /* only its entry reads: taken for stock software's */
bit mend;               /* the record has to be written anew, whoever asks */
bit adopted;
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
        sector[i].says.slot = 0; sector[i].says.rest = UNKNOWN; sector[i].says.trial = 0
    :: else
    fi
}

#define SWAP(field) \
    spare = sector[0].field; sector[0].field = sector[1].field; sector[1].field = spare

/* The newer sector is made the second: which of the two it is makes no difference. */
inline put_in_order() {
    if
    :: sector[0].age > sector[1].age ->
        SWAP(record); SWAP(entry); SWAP(seal1); SWAP(seal2); SWAP(wiped); SWAP(age); SWAP(meaning);
        SWAP(says.slot); SWAP(says.rest); SWAP(says.trial);
        spare = 0
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
    now.slot = 0; now.rest = UNKNOWN; now.trial = 0;
    read_as.slot = 0; read_as.rest = UNKNOWN; read_as.trial = 0; adopted = 0;
    at = NONE; other = NONE; foreign = 0; mend = 0; changed = 0; before = NONE;
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
#ifdef ONE_SEAL
    view[i].seal2 = view[i].seal1;
#else
    read(sector[i].seal2, view[i].seal2);
#endif
    read(sector[i].wiped, view[i].wiped)
}

#define SEALED(i) (view[i].record == WHOLE && view[i].seal1)

/* An entry without a whole record: with a seal its record has rotted, and it counts. Without one it
 * is what a cut left of our own writing or erasing: its tag tells it from stock software's. */
#define UNFINISHED(i) (!view[i].seal1)
#define COUNTS(i) (SEALED(i) || (view[i].record != WHOLE && view[i].entry && !UNFINISHED(i)))

#ifdef TRUST_BLANK
#define EMPTY(i) (view[i].record == BLANK && !view[i].seal1 && !view[i].seal2)
#else
#define EMPTY(i) view[i].wiped  /* only the tag vouches for it */
#endif

/* Neither empty nor an older choice that was complete. */
#define DOUBTFUL(i) (view[i].record == WHOLE -> !SEALED(i) : \
                     (view[i].entry -> UNFINISHED(i) : !EMPTY(i)))

inline copy(to, from) {
    to.slot = from.slot; to.rest = from.rest; to.trial = from.trial
}

/* An entry says which slot, and whether it is on trial; the rest is what the other sector knows. */
inline take_entry() {
    now.slot = sector[at].says.slot;
    now.rest = UNKNOWN;
    now.trial = sector[at].says.trial;
    if
#ifdef RENEW
    :: now.trial > 1 -> now.trial = TRIALS + 1
#else
    :: now.trial > 1 -> now.trial = 2   /* NEW: the last one is left */
#endif
    :: else                             /* PENDING: none; VALID */
    fi;
    if
    :: SEALED(other) ->
        now.rest = (sector[other].says.slot != now.slot -> BACK : sector[other].says.rest)
    :: view[other].record != WHOLE && view[other].entry && sector[other].says.slot != now.slot ->
        now.rest = BACK
    :: else
    fi
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
        mend = foreign || !view[at].entry;
        assert(sector[at].meaning == CUR || sector[at].meaning == PEND); /* S3 */
        if
        :: foreign -> take_entry()
        :: else -> copy(now, sector[at].says)
        fi;
        copy(read_as, now);
        adopted = 0
    }
}

/* --- writing ------------------------------------------------------------------------------ */

/* The record is programmed behind the entry, between the seals, where the cells take it; else what
 * stands there is sealed again, and a record goes into the other sector. */
inline adopt() {
    program(sector[at].entry);
    if
    :: sector[at].record != SOLID -> adopted = 1    /* no cell would have to rise */
    :: sector[at].record == TOUCHED || sector[at].record == WEAK
    fi;
    program(sector[at].seal1);
    if
    :: adopted ->
        atomic {
            ops++;
            if
            CUT
            :: !calm && sector[at].record != SOLID ->
                sector[at].record = WEAK; copy(sector[at].says, read_as);
                goto power_up
            :: sector[at].record = SOLID; copy(sector[at].says, read_as)
            fi
        }
    :: else
    fi;
    program(sector[at].seal2)
}

inline firm_up() {
#ifndef NO_FIRM
    if
    :: foreign -> adopt()
    :: !foreign && !view[at].seal2 ->
        program_record(at);
        if :: view[at].entry -> program(sector[at].entry) :: else fi;
        program(sector[at].seal1);
#ifdef VOUCH
        program(sector[at].seal2)
#else
        if :: view[at].entry -> program(sector[at].seal2) :: else fi
#endif
    :: else
    fi
#else
    skip
#endif
}

inline write_sector(i, choice, means, number) {
    erase(i);
    d_step {
        sector[i].age = number;
        sector[i].meaning = means;
        copy(sector[i].says, choice)
    };
    program_record(i);
    program(sector[i].entry);
    program(sector[i].seal1);
#ifndef ONE_SEAL
    program(sector[i].seal2);
#endif
}

/* `now` in the sector that is not in force. In its last boot an image has its fallback behind it,
 * in the other sector: a stock bootloader that gives it up goes there. */
inline write(means) {
#ifdef IN_PLACE
    other = at;
#endif
    write_sector(other, now, means, 3);
    d_step { at = other; other = 1 - at; renumber() };
    if
    :: now.trial == 1 && now.rest == BACK ->
        d_step { read_as.slot = 1 - now.slot; read_as.rest = UNKNOWN; read_as.trial = 0 };
        write_sector(other, read_as, OLD, 1);
        d_step { renumber() }
    :: else
    fi
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
    d_step { settle(); forget_view(0); forget_view(1); foreign = 0; mend = 0; changed = 0; adopted = 0 }
}

/* --- the bootloader ----------------------------------------------------------------------- */

inline choose_image() {
    running = now.slot;
    if
    :: now.trial == 1 ->        /* all its boots are spent */
        assert(whole[1 - now.slot] && now.rest != REFUSED);
        running = 1 - now.slot
    :: else
    fi;
    assert(whole[running])                                               /* S1, S2 */
}

inline spend_or_move() {
    if
    :: running != now.slot ->
        now.slot = running;
        now.rest = REFUSED;
        now.trial = 0;
        changed = 1
#ifndef NO_SPEND
    :: running == now.slot && now.trial > 0 ->
        now.trial--;
        begun = (begun < TRIALS -> begun + 1 : begun);
        changed = 1
#endif
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
    assert(now.trial > 0 || good[running]);
    assert(sector[at].entry == SOLID && sector[at].says.slot == running); /* C1 */
    assert(sector[other].entry == GONE || sector[other].age < sector[at].age);
    if
    :: trying && now.trial > 0 -> trying = 0
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

/* --- the device ----------------------------------------------------------------------------- */

active proctype device() {
    d_step {                /* shipped with an app in slot 0 */
        sector[0].record = SOLID; sector[0].entry = SOLID;
        sector[0].seal1 = SOLID; sector[0].seal2 = SOLID;
        sector[0].age = 2; sector[0].meaning = CUR;
        whole[0] = 1; good[0] = 1
    };

power_up:
    skip;
    d_step { renumber(); put_in_order(); forget_all() };
#ifdef CALM
    if :: calm = 1 :: true fi;
#endif

    look();
    d_step { choose_image(); spend_or_move() };
    firm_up();
    if
    :: changed || (mend && !adopted) -> write(sector[at].meaning)
    :: else -> wipe()
    fi;
    d_step { settle(); judge(); forget_view(0); forget_view(1) };

    do
    CUT                                         /* also a crash, a watchdog, sleep */
    :: calm && !trying -> goto power_up
    :: now.trial > 0 ->                         /* confirm */
        look_again();
        d_step { good[running] = 1; boots[running] = 0; now.trial = 0 };
        commit()
    :: now.trial > 0 && now.rest != REFUSED && whole[1 - running] -> /* reject, and restart */
        look_again();
        d_step { now.slot = 1 - running; now.rest = REFUSED; now.trial = 0 };
        commit();
        goto power_up
    :: now.trial == 0 ->                        /* an update into the other slot */
#ifdef CALM
        trying = 1;
#endif
        look_again();
        now.rest = UNKNOWN;
        commit();                               /* it is no way back any more */
        d_step { whole[1 - running] = 0; good[1 - running] = 0; boots[1 - running] = 0 };
        if CUT :: true fi;                      /* half of it written */
        whole[1 - running] = 1;
        if CUT :: true fi;
        look_again();
        d_step { now.slot = 1 - running; now.rest = BACK; now.trial = TRIALS + 1 };
        commit();
        d_step { due = now.slot; begun = 0 };
        goto power_up
    od
}

#ifdef CALM
ltl starts { [] (calm -> <> runs) }
ltl tried  { [] ((calm && trying) -> <> !trying) }
#endif
