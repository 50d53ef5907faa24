/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Dice: the laboratory's pseudo-random numbers. Every roll follows from the seed, so that a seed
 * and a number name a fault on every machine. SplitMix64: fast, and good enough for choosing bits;
 * of no use where somebody must not guess.
 */
#ifndef LAB_DICE_H
#define LAB_DICE_H

#include <stdint.h>

typedef struct {
    uint64_t state;
} dice_t;

/* The next of 2^64 equally likely numbers. */
static inline uint64_t dice_roll(dice_t *dice)
{
    uint64_t z = (dice->state += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

/* Neighbouring seeds give sequences that have nothing to do with each other. */
static inline void dice_start(dice_t *dice, uint64_t seed)
{
    dice->state = seed;
    dice->state = dice_roll(dice);
}

/* 0 .. sides - 1; sides > 0. */
static inline uint64_t dice_below(dice_t *dice, uint64_t sides)
{
    return dice_roll(dice) % sides;
}

#endif
