/* SPDX-License-Identifier: Apache-2.0 */
/* What the agent's files share. */
#ifndef AGENT_INTERNAL_H
#define AGENT_INTERNAL_H

#include "agent/agent.h"

enum {
    STATE_IDLE,            /* until `wake` */
    STATE_REPORT,          /* the pending report is being sent */
    STATE_KEYS,            /* the next key set is being fetched, */
    STATE_KEYS_HELD,       /* its signatures by the held keys, */
    STATE_KEYS_NEXT,       /* and by its own */
    STATE_MANIFEST,        /* the manifest, */
    STATE_MANIFEST_SIGNED, /* its signatures */
    STATE_GATE,
    STATE_DOWNLOAD,
    STATE_HASH,   /* what flash holds is compared with the manifest */
    STATE_CHOOSE, /* what boots next */
    STATE_RESTART
};

enum { PHASE_NONE, PHASE_CHOOSING, PHASE_CHOSEN };

/* --- transfer.c: one request, with its redirects and deadlines ---------------------------------
 */

/* Puts the parts together in agent->url. OTA_ERR_HTTP_URL: too long. */
ota_status_t ota_agent_address(ota_agent_t *agent, const char *const *parts, size_t count);

/* Sends a request for agent->url; `request` need not have a url. */
ota_status_t ota_agent_send(ota_agent_t *agent, const ota_http_request_t *request);

/* Asks for the response; agent->code stays 0 until it is there. Redirects are followed. A status
 * that is not 2xx is an error, and so is a body that is encoded. */
ota_status_t ota_agent_head(ota_agent_t *agent, uint32_t limit_ms);
ota_status_t ota_agent_body(ota_agent_t *agent, void *dst, size_t room, size_t *len, bool *end,
                            uint32_t limit_ms);
void ota_agent_hang_up(ota_agent_t *agent);

/* A header field as a number; false: absent or none. */
bool ota_agent_length(const ota_agent_t *agent, uint32_t *length);
bool ota_agent_number(const char **at, uint32_t *number);
/* Decimal digits and NUL. */
#define NUMBER_SIZE 11u
const char *ota_agent_digits(uint32_t number, char text[NUMBER_SIZE]);

/* --- fetch.c: documents and their signatures ---------------------------------------------------
 */

/* Sends for agent->url; what comes goes to `fill`, at most `room` bytes. */
ota_status_t ota_agent_fetch(ota_agent_t *agent, uint8_t *fill, uint32_t room);
/* Takes what has come. *done: all of it is there, fill_len bytes. */
ota_status_t ota_agent_fetched(ota_agent_t *agent, bool *done);

/* Begins the signatures over the document by these keys, behind those that are there already. */
void ota_agent_sign_round(ota_agent_t *agent, const ota_keys_t *signers);
/* `folder`: parts of the address before the name. */
ota_status_t ota_agent_signatures(ota_agent_t *agent, const char *folder, bool *done);

/* --- check.c: from the next key set to the gate ------------------------------------------------
 */

ota_status_t ota_agent_check_step(ota_agent_t *agent);
ota_status_t ota_agent_keys_start(ota_agent_t *agent);

/* --- download.c, install.c ---------------------------------------------------------------------
 */

ota_status_t ota_agent_download_step(ota_agent_t *agent);
ota_status_t ota_agent_hash_step(ota_agent_t *agent);
ota_status_t ota_agent_choose_step(ota_agent_t *agent);
/* The bytes in the slot are not what they should be: the next session begins at 0. Returns status;
 * judged does so only where the status says that. */
ota_status_t ota_agent_wrong(ota_agent_t *agent, ota_status_t status);
ota_status_t ota_agent_judged(ota_agent_t *agent, ota_status_t status);

/* --- trial.c, report.c -------------------------------------------------------------------------
 */

/* OTA_ERR_FLASH_READ, OTA_ERR_PORT: nobody knows what became of it; ask again. */
ota_status_t ota_agent_judge_boot(ota_agent_t *agent);
void ota_agent_trial_step(ota_agent_t *agent, bool healthy);
ota_status_t ota_agent_report_step(ota_agent_t *agent);

/* --- store.c -----------------------------------------------------------------------------------
 */

#define STORE_HEADER 16u /* bytes in front of what is stored, in the same buffer */
enum { STORE_STATE, STORE_KEYS };

/* The newer whole record of two into buffer; *len: bytes behind its header, 0: there is none. */
ota_status_t ota_agent_load(ota_agent_t *agent, unsigned which, uint8_t *buffer, size_t room,
                            size_t *len);
/* Writes buffer[STORE_HEADER, STORE_HEADER + len) as the next record. */
ota_status_t ota_agent_save(ota_agent_t *agent, unsigned which, uint8_t *buffer, size_t len);

/* --- memory.c ----------------------------------------------------------------------------------
 */

ota_status_t ota_agent_recall(ota_agent_t *agent);
ota_status_t ota_agent_remember(ota_agent_t *agent); /* failures are told, too */
void ota_agent_count_failure(ota_agent_memory_t *memory, uint32_t order);

/* --- agent.c -----------------------------------------------------------------------------------
 */

uint32_t ota_agent_ms(const ota_agent_t *agent);
void ota_agent_tell(const ota_agent_t *agent, const ota_agent_event_t *event);
void ota_agent_sleep(ota_agent_t *agent, uint32_t ms);
/* The check is over: until the next poll. */
void ota_agent_rest(ota_agent_t *agent);

#endif
