/* SPDX-License-Identifier: Apache-2.0 */
/* The text half of host/sniff.h: which kind of text, or SNIFF_UNKNOWN for what is none. */
#ifndef HOST_SNIFF_TEXT_H
#define HOST_SNIFF_TEXT_H

#include "host/sniff.h"

sniff_kind_t sniff_text(const uint8_t *bytes, size_t len);

#endif
