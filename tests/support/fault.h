/* SPDX-License-Identifier: Apache-2.0 */
/* A failure names its place and its numbers, all of them. */
#ifndef TESTS_SUPPORT_FAULT_H
#define TESTS_SUPPORT_FAULT_H

#include "ota/status.h"
#include "support/unit.h"

#define NO_FAULT_YET ((ota_fault_t){OTA_OK, 77, 77, 77})

#define assert_fault(fault, want_status, at, was, should_be)                                       \
    do {                                                                                           \
        const ota_fault_t once = (fault);                                                          \
        assert_int_equal(once.status, want_status);                                                \
        assert_int_equal(once.offset, at);                                                         \
        assert_int_equal(once.found, was);                                                         \
        assert_int_equal(once.expected, should_be);                                                \
    } while (0)

#endif
