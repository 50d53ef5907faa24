/* SPDX-License-Identifier: Apache-2.0 */
/* Servers that misbehave. On the first requests: the device must come through. For ever: it must
 * not be harmed, and say why it does not update. */
#include "lab/net/net.h"

#define FIRST(mode_, of_)                                                                          \
    {                                                                                              \
        .mode = (mode_), .of = (of_), .times = 3, .cut_at = LINK_NEVER                             \
    }
#define FOR_EVER(mode_, of_)                                                                       \
    {                                                                                              \
        .mode = (mode_), .of = (of_), .cut_at = LINK_NEVER                                         \
    }
#define CODE(code_, of_, times_)                                                                   \
    {                                                                                              \
        .mode = LINK_CODE, .of = (of_), .times = (times_), .code = (code_), .cut_at = LINK_NEVER   \
    }

const net_case_t net_cases[] = {
    {"whole", "200 where a part was asked for", FOR_EVER(LINK_WHOLE, SITE_IMAGE), true},
    {"shifted", "206 of another range", FIRST(LINK_SHIFTED, SITE_IMAGE), true},
    {"lying", "206 of other bytes than it says", FIRST(LINK_LYING, SITE_IMAGE), true},
    {"no-range", "206 without Content-Range", FIRST(LINK_NO_RANGE, SITE_IMAGE), true},
    {"always-206", "206 where the whole was asked for", FIRST(LINK_ALWAYS_206, SITE_IMAGE), true},
    {"416", "416 for every range", FOR_EVER(LINK_416, SITE_IMAGE), true},
    {"chunked", "no lengths at all", FOR_EVER(LINK_CHUNKED, SITE_IMAGE), true},
    {"chunked-manifest", "a manifest without a length", FOR_EVER(LINK_CHUNKED, SITE_MANIFEST),
     true},
    {"longer", "Content-Length of another file", FIRST(LINK_LONGER, SITE_IMAGE), true},
    {"longer-for-ever", "the same, always", FOR_EVER(LINK_LONGER, SITE_IMAGE), false},
    {"longer-body", "more bytes than the image has", FIRST(LINK_LONGER_BODY, SITE_IMAGE), true},
    {"longer-body-for-ever", "the same, always", FOR_EVER(LINK_LONGER_BODY, SITE_IMAGE), false},
    {"portal", "a captive portal for the image", FIRST(LINK_PAGE, SITE_IMAGE), true},
    {"portal-manifest", "a captive portal for the manifest", FIRST(LINK_PAGE, SITE_MANIFEST), true},
    {"portal-for-ever", "a captive portal that nobody logs in to",
     FOR_EVER(LINK_PAGE, SITE_MANIFEST), false},
    {"page-as-binary", "a page that says it is an image", FIRST(LINK_PAGE_BINARY, SITE_IMAGE),
     true},
    {"text", "an image of type text/plain", FIRST(LINK_TEXT, SITE_IMAGE), true},
    {"gzip", "an image that is packed though nobody asked", FIRST(LINK_GZIP, SITE_IMAGE), true},
    {"404", "404 for the image", CODE(404, SITE_IMAGE, 3), true},
    {"404-manifest", "404 for the manifest", CODE(404, SITE_MANIFEST, 3), true},
    {"404-for-ever", "404 for the image, always", CODE(404, SITE_IMAGE, 0), false},
    {"500", "500 for the image", CODE(500, SITE_IMAGE, 3), true},
    {"503", "503 for the manifest", CODE(503, SITE_MANIFEST, 3), true},
    {"503-later",
     "503 with Retry-After: 120",
     {.mode = LINK_CODE,
      .of = SITE_IMAGE,
      .times = 3,
      .code = 503,
      .later = 120,
      .cut_at = LINK_NEVER},
     true},
    {"429", "429 for the image", CODE(429, SITE_IMAGE, 3), true},
    {"204", "204 for the image", CODE(204, SITE_IMAGE, 3), true},
    {"silent", "takes requests and says nothing", FIRST(LINK_SILENT, SITE_IMAGE), true},
    {"silent-manifest", "the same for the manifest", FIRST(LINK_SILENT, SITE_MANIFEST), true},
    {"drip", "one byte every 20 seconds", FIRST(LINK_DRIP, SITE_IMAGE), true},
    {"drip-manifest", "the same for the manifest", FIRST(LINK_DRIP, SITE_MANIFEST), true},
    {"drip-for-ever", "the same, always", FOR_EVER(LINK_DRIP, SITE_IMAGE), false},
    {"loop", "redirects to itself", FIRST(LINK_LOOP, SITE_IMAGE), false},
    {"loop-for-ever", "the same, always", FOR_EVER(LINK_LOOP, SITE_IMAGE), false},
    {"far", "redirects to another host by a URL of 540 characters", FOR_EVER(LINK_FAR, SITE_IMAGE),
     true},
    {"far-manifest", "the same for the manifest", FOR_EVER(LINK_FAR, SITE_MANIFEST), true},
    {"nowhere", "redirects to what is no URL", FIRST(LINK_NOWHERE, SITE_IMAGE), true},
    {"flipped", "one bit of the image is another", FIRST(LINK_FLIPPED, SITE_IMAGE), true},
    {"flipped-manifest", "one bit of the manifest is another", FIRST(LINK_FLIPPED, SITE_MANIFEST),
     true},
    {"flipped-key", "one bit of a signature or key set is another", FIRST(LINK_FLIPPED, SITE_OTHER),
     true},
    {"flipped-for-ever", "one bit of the image, always", FOR_EVER(LINK_FLIPPED, SITE_IMAGE), false},
    {"swapped", "another file under the image's name", FIRST(LINK_SWAPPED, SITE_IMAGE), true},
    {"swapped-for-ever", "the same, always", FOR_EVER(LINK_SWAPPED, SITE_IMAGE), false},
    {"offline", "nobody answers at first", FIRST(LINK_OFFLINE, SITE_MANIFEST), true},
    {"offline-for-ever", "nobody ever answers", FOR_EVER(LINK_OFFLINE, SITE_MANIFEST), false},
};

const size_t net_case_count = sizeof(net_cases) / sizeof(net_cases[0]);
