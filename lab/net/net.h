/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Network torture: every session that can be told apart by where it breaks and how.
 *
 *   bytes   the session is cut at every place, in each of three ways
 *   cases   servers that misbehave, on the first requests or for ever (lab/net/cases.c)
 *   fleet   many devices: power cuts in 30 % of boots, a lossy network, a server that goes down and
 *           comes back over and over
 *
 * Each has a name that runs it again: "reset@412", "whole-206", "device@17".
 */
#ifndef LAB_NET_NET_H
#define LAB_NET_NET_H

#include "lab/net/session.h"

typedef enum { NET_BYTES, NET_CASES, NET_FLEET, NET_PARTS } net_part_t;

#define NET_NAME 48u
#define NET_KEPT 8u

typedef struct {
    char name[NET_NAME];
    char what[160];
} net_broken_t;

/* Plain numbers: shares add up. */
typedef struct {
    uint64_t sessions;
    uint64_t ends[3]; /* by net_end_t */
    uint64_t boots;
    uint64_t power_cuts;
    uint64_t broken; /* connections */
    uint64_t requests;
    uint64_t reports;
    uint64_t image_bytes;
    uint64_t dead; /* requests that met no server, or lost it */
    uint32_t most_boots;
    uint32_t most_minutes;
    uint32_t kept;
    net_broken_t example[NET_KEPT];
} net_sum_t;

typedef struct {
    net_part_t part;
    uint64_t count;  /* sessions of it: net_count, or fewer */
    uint32_t stride; /* every so manieth place; 0: every one */
    uint32_t seed;
    unsigned jobs; /* 0: one for each core */
    void (*progress)(void *user, uint64_t done);
    void *user;
} net_wish_t;

/* Places of a session that nothing disturbs; 0: it does not update. */
uint64_t net_places(const net_stage_t *stage);

/* How many sessions a part has on this stage; a fleet has as many as one wants. */
uint64_t net_count(const net_wish_t *wish, uint64_t places);

/* Session `index` of a part: its plan and its name. */
void net_plan_of(const net_wish_t *wish, uint64_t index, net_plan_t *plan, char name[NET_NAME]);

/* The plan of a name. false: there is none such. */
bool net_plan_parse(const char *name, uint32_t seed, net_plan_t *plan);

/* The words for a case's name: what the server does. "": it is not one. */
const char *net_case_words(const char *name);

/* All sessions of a part. Statuses of net_session and of share_run. */
OTA_MUST_CHECK ota_status_t net_run(const net_stage_t *stage, const net_wish_t *wish,
                                    net_sum_t *sum);

/* Counts a session in, and keeps its name if it broke a promise; adds sums. */
void net_count_in(net_sum_t *sum, const char *name, const net_outcome_t *outcome);
void net_sum_add(net_sum_t *sum, const net_sum_t *more);

/* --- lab/net/cases.c ------------------------------------------------------------------------ */

typedef struct {
    const char *name;
    const char *what;
    link_plan_t link;
    bool must_update; /* else a refusal is as good */
} net_case_t;

extern const net_case_t net_cases[];
extern const size_t net_case_count;

#endif
