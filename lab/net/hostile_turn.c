/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes as instructions. */
#include "lab/net/hostile_parts.h"

#include <string.h>

static uint8_t take(hostile_t *stage)
{
    return stage->at < stage->len ? stage->bytes[stage->at++] : 0;
}

static uint16_t take_16(hostile_t *stage)
{
    uint8_t low = take(stage);
    return (uint16_t)(low | take(stage) << 8);
}

/* At most `most` of the bytes that the next one announces. */
static uint8_t take_bytes(hostile_t *stage, size_t most, const uint8_t **at)
{
    size_t n = take(stage);
    size_t left = stage->len - stage->at;
    n = n < left ? n : left;
    *at = stage->bytes + stage->at;
    stage->at += n;
    return (uint8_t)(n < most ? n : most);
}

static void take_field(hostile_t *stage)
{
    const uint8_t *at;
    unsigned which = take(stage) % FIELDS;
    size_t n = take_bytes(stage, FIELD_SIZE - 1u, &at);
    char *text = stage->turn.field[which];
    memset(text, 0, FIELD_SIZE);
    for (size_t i = 0; i < n && at[i] != 0; i++) { /* a port hands on texts */
        text[i] = (char)at[i];
    }
    stage->turn.says[which] = true;
}

static void take_break(hostile_t *stage)
{
    stage->turn.breaks = true;
    stage->turn.break_at = take_16(stage);
    stage->turn.how = take(stage) % 3u;
}

static bool answer_content(hostile_t *stage, uint8_t letter)
{
    hostile_turn_t *turn = &stage->turn;
    switch (letter) {
    case 'F':
        turn->other = true;
        turn->file = take(stage);
        return true;
    case 'R':
        turn->raw = true;
        turn->raw_len = take_bytes(stage, RAW_MAX, &turn->raw_at);
        return true;
    case 'C':
        turn->code = take_16(stage);
        return true;
    case 'U':
        turn->redirect = (uint8_t)(1u + take(stage) % 3u);
        return true;
    case 'H':
        take_field(stage);
        return true;
    case 'G':
        turn->whole = true;
        return true;
    default:
        return false;
    }
}

static void answer_way(hostile_t *stage, uint8_t letter)
{
    hostile_turn_t *turn = &stage->turn;
    switch (letter) {
    case 'S':
        turn->shift = (int8_t)take(stage);
        break;
    case 'B':
        turn->flip_at = take_16(stage);
        turn->flip = take(stage);
        break;
    case 'X':
        take_break(stage);
        break;
    case 'P':
        turn->piece = 16u + 4u * take(stage);
        break;
    default:
        turn->drip |= letter == 'D';
        turn->nobody |= letter == 'N';
        turn->silent |= letter == 'Q';
        break;
    }
}

static bool device_fault(hostile_t *stage, uint8_t letter)
{
    switch (letter) {
    case 'k':
        stage->cut_in = 1u + take(stage);
        stage->cut_done = take(stage) % 3u;
        return true;
    case 'w':
        stage->tear_in = 1u + take(stage);
        return true;
    case 'r':
        stage->read_skip = take(stage);
        stage->read_fail = take(stage);
        return true;
    case 'o':
        stage->op_skip = take(stage);
        stage->op_fail = take(stage);
        return true;
    case 't':
        stage->store_fail = take(stage);
        return true;
    case 'u':
        stage->ill = take(stage);
        return true;
    default:
        stage->reset |= letter == 'z';
        return letter == 'z';
    }
}

void hostile_make_peace(hostile_t *stage)
{
    stage->peace = true;
    stage->cut_in = stage->tear_in = 0;
    stage->read_fail = stage->op_fail = stage->store_fail = 0;
    stage->ill = 0;
}

void hostile_next_turn(hostile_t *stage)
{
    memset(&stage->turn, 0, sizeof(stage->turn));
    if (stage->at >= stage->len) {
        hostile_make_peace(stage);
        return;
    }
    while (stage->at < stage->len) {
        uint8_t letter = take(stage);
        if (letter == '.') {
            return;
        }
        if (!device_fault(stage, letter) && !answer_content(stage, letter)) {
            answer_way(stage, letter);
        }
    }
}
