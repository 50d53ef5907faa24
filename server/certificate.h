/* SPDX-License-Identifier: Apache-2.0 */
/* A certificate of our own for HTTPS where none was given. */
#ifndef SERVER_CERTIFICATE_H
#define SERVER_CERTIFICATE_H

#include "host/release.h"

/* Makes a P-256 key (mode 0600) and a self-signed certificate for localhost, the loopback
 * addresses, this host and `address`, unless both files are there. It is its own authority: clients
 * get the .crt as the one that they trust. *made: it was made now. */
bool certificate_ensure(const char *cert, const char *key, const char *address, bool *made,
                        release_trouble_t *trouble);

/* SHA-256 of the certificate in a PEM file as 64 digits. false: there is none in it. */
bool certificate_print(const char *cert, char print[65]);

#endif
