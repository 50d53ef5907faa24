/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Status: the one result type of the library.
 *
 * Every function that can fail returns ota_status_t and must be checked (the
 * compiler insists). A status names a single cause: two causes never share a
 * number. Where a place is known, the call also fills an ota_fault_t: which byte,
 * what was found there, what was expected. Turning both into a sentence with a
 * remedy is the host's business (host/explain.h); device code stays small.
 *
 * Numbers are stable: they are printed by the tools and may be stored.
 */
#ifndef OTA_STATUS_H
#define OTA_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define OTA_MUST_CHECK __attribute__((warn_unused_result))
#else
#define OTA_MUST_CHECK
#endif

typedef enum {
    OTA_OK = 0,

    /* The caller: fix the program. */
    OTA_ERR_ARG = -1,         /* a pointer or value outside its documented range */
    OTA_ERR_STATE = -2,       /* not allowed in the present state of the session */
    OTA_ERR_RANGE = -3,       /* address or length leaves the partition or the flash */
    OTA_ERR_ALIGN = -4,       /* address or length is not a multiple of what the medium needs */
    OTA_ERR_UNSUPPORTED = -5, /* this port or build cannot do it */
    OTA_ERR_NO_ROOM = -6,     /* a caller-owned table or buffer is full */

    /* The medium: the flash or a port failed. */
    OTA_ERR_FLASH_READ = -20,
    OTA_ERR_FLASH_PROGRAM = -21,
    OTA_ERR_FLASH_ERASE = -22,
    OTA_ERR_FLASH_MISMATCH = -23,  /* read-back differs from what was programmed */
    OTA_ERR_FLASH_NOT_BLANK = -24, /* programming here needs bits to rise: erase first */
    OTA_ERR_READ_ONLY = -25,       /* the partition carries the readonly flag */
    OTA_ERR_PORT = -26,            /* a port callback failed for a reason of its own */

    /* The partition table. */
    OTA_ERR_TABLE_EMPTY = -40,     /* the first slot is already the end marker */
    OTA_ERR_TABLE_MAGIC = -41,     /* a slot starts with neither AA50, EBEB nor FFFF */
    OTA_ERR_TABLE_NO_END = -42,    /* no end marker within the table */
    OTA_ERR_TABLE_MD5 = -43,       /* the digest differs from the entries before it */
    OTA_ERR_TABLE_MD5_TWICE = -44, /* more than one digest slot */
    OTA_ERR_TABLE_MD5_MISSING =
        -45,                   /* the application's reader needs one; the bootloader's does not */
    OTA_ERR_TABLE_RANGE = -46, /* an entry leaves the flash chip */

    /* The image. */
    OTA_ERR_IMAGE_MAGIC = -60,          /* byte 0 is not E9 */
    OTA_ERR_IMAGE_TRUNCATED = -61,      /* the bytes end before the image does */
    OTA_ERR_IMAGE_CHIP = -62,           /* chip id of another chip */
    OTA_ERR_IMAGE_CHIP_REV_MIN = -63,   /* needs a newer chip revision */
    OTA_ERR_IMAGE_CHIP_REV_MAX = -64,   /* refuses a chip revision this new */
    OTA_ERR_IMAGE_BLOCK_REV = -65,      /* eFuse block revision outside the range it accepts */
    OTA_ERR_IMAGE_SEGMENT_COUNT = -66,  /* more than 16 segments */
    OTA_ERR_IMAGE_SEGMENT_LENGTH = -67, /* not a multiple of 4, or beyond the chip's limit */
    OTA_ERR_IMAGE_SEGMENT0_SHORT = -68, /* no room for the app descriptor */
    OTA_ERR_IMAGE_MAPPING = -69,     /* flash address and load address differ modulo the MMU page */
    OTA_ERR_IMAGE_DESCRIPTOR = -70,  /* the app descriptor's magic word is missing */
    OTA_ERR_IMAGE_WRAP = -71,        /* segment ends wrap around the address space */
    OTA_ERR_IMAGE_CHECKSUM = -72,    /* XOR checksum differs */
    OTA_ERR_IMAGE_HASH = -73,        /* appended SHA-256 differs */
    OTA_ERR_IMAGE_NO_HASH = -74,     /* neither hash nor signature, and the rules ask for one */
    OTA_ERR_IMAGE_TOO_BIG = -75,     /* does not fit the partition */
    OTA_ERR_IMAGE_FLASH_SIZE = -76,  /* header names a larger flash chip than there is */
    OTA_ERR_IMAGE_PARTITION = -77,   /* the partition is larger than the chip can map */
    OTA_ERR_SECURE_VERSION = -78,    /* below the anti-rollback floor */
    OTA_ERR_SIGNATURE_MISSING = -79, /* no well-formed signature block */
    OTA_ERR_SIGNATURE_KEY = -80,     /* signed, but by no trusted key */
    OTA_ERR_SIGNATURE = -81,         /* a trusted key's signature does not match */
    OTA_ERR_IMAGE_SPI_MODE = -82,    /* SPI mode differs from the running application's */

    /* Slots and otadata. */
    OTA_ERR_NO_OTADATA = -100,       /* the table has no data/ota partition */
    OTA_ERR_OTADATA_SIZE = -101,     /* data/ota is smaller than 0x2000 */
    OTA_ERR_NO_SLOTS = -102,         /* the table has no OTA slot */
    OTA_ERR_SLOT_UNREACHABLE = -103, /* slot number >= slot count: numbering has holes */
    OTA_ERR_NOT_A_SLOT = -104,       /* the partition is not an app the bootloader could choose */
    OTA_ERR_NOT_IN_TABLE = -105,     /* no such partition in the table */
    OTA_ERR_NO_RECORD = -106,        /* otadata holds no record of that slot */
    OTA_ERR_NO_CHOICE = -107,        /* otadata names no slot: factory, or never written */

    /* Policy: understood, and refused. */
    OTA_ERR_RUNNING = -120,     /* the running slot must not be written */
    OTA_ERR_ONLY_SLOT = -121,   /* the table's only OTA slot is the running one */
    OTA_ERR_BUSY = -122,        /* another open session owns that slot */
    OTA_ERR_UNCONFIRMED = -123, /* the running app is on trial: confirm or reject it first */
    OTA_ERR_NO_FALLBACK = -124, /* nothing bootable to go back to */
    OTA_ERR_EMPTY = -125,       /* finish without a single byte written */
    OTA_ERR_LENGTH = -126,      /* more or fewer bytes than announced */
    OTA_ERR_RESUME = -127,      /* what lies in flash is not the beginning of a valid image */

    /* Signed documents: manifests and key sets. */
    OTA_ERR_JSON_SYNTAX = -140,     /* a byte that cannot stand there */
    OTA_ERR_JSON_TRUNCATED = -141,  /* the text ends early */
    OTA_ERR_JSON_TRAILING = -142,   /* something behind the last bracket */
    OTA_ERR_JSON_UTF8 = -143,       /* bytes that are no UTF-8 */
    OTA_ERR_JSON_ESCAPE = -144,     /* an escape that is wrong, or that may not stand in a name */
    OTA_ERR_JSON_DEPTH = -145,      /* brackets nested too deep */
    OTA_ERR_DOCUMENT_SIZE = -146,   /* longer than a document may be */
    OTA_ERR_DOCUMENT_KIND = -147,   /* not a manifest where one is wanted, not a key set ... */
    OTA_ERR_DOCUMENT_FORMAT = -148, /* of a later format */
    OTA_ERR_FIELD_TYPE = -149,      /* a known member holds another type of value */
    OTA_ERR_FIELD_TWICE = -150,     /* a known member stands twice */
    OTA_ERR_FIELD_MISSING = -151,   /* a member that must be there is not */
    OTA_ERR_FIELD_NUMBER = -152,    /* negative, not whole, or outside its range */
    OTA_ERR_FIELD_VALUE = -153,     /* a text that its member cannot hold, or against another one */

    /* Trust in them. */
    OTA_ERR_SIGNATURE_FORM = -160, /* bytes that are no signature of the key's kind */
    OTA_ERR_KEYS_THRESHOLD = -161, /* fewer good signatures than the key set asks for */
    OTA_ERR_KEYS_OLD = -162,       /* a key set that is not newer than the one held */
    OTA_ERR_KEYS_PRODUCT = -163,   /* a key set of another product */
    OTA_ERR_KEYS_SET = -164,       /* a key set that cannot work: key twice, threshold too high */

    /* The gate: the release is genuine, and not for this device now. */
    OTA_ERR_RELEASE_PRODUCT = -180,
    OTA_ERR_RELEASE_CHANNEL = -181,
    OTA_ERR_RELEASE_KEYS = -182,       /* made under a newer key set than the device has */
    OTA_ERR_RELEASE_SERIAL = -183,     /* an older manifest than one that was accepted before */
    OTA_ERR_RELEASE_EXPIRED = -184,    /* no longer vouched for */
    OTA_ERR_RELEASE_CURRENT = -185,    /* this version runs already */
    OTA_ERR_RELEASE_OLDER = -186,      /* a newer version runs, and it was not recalled */
    OTA_ERR_RELEASE_RECALLED = -187,   /* the release itself was recalled */
    OTA_ERR_RELEASE_CHIP = -188,       /* no image for this chip */
    OTA_ERR_RELEASE_VARIANT = -189,    /* none for this variant of the board */
    OTA_ERR_RELEASE_REV_MIN = -190,    /* needs a newer chip revision */
    OTA_ERR_RELEASE_REV_MAX = -191,    /* refuses a chip revision this new */
    OTA_ERR_RELEASE_SECURE = -192,     /* below the anti-rollback floor */
    OTA_ERR_RELEASE_FLASH = -193,      /* needs a larger flash chip */
    OTA_ERR_RELEASE_TABLE = -194,      /* needs more OTA slots than the table has */
    OTA_ERR_RELEASE_SLOT = -195,       /* needs a larger slot */
    OTA_ERR_RELEASE_BOOTLOADER = -196, /* needs a newer bootloader */
    OTA_ERR_RELEASE_ROLLBACK = -197,   /* needs a bootloader that can roll back */
    OTA_ERR_RELEASE_FAILED = -198,     /* failed on this device as often as the manifest allows */
    OTA_ERR_RELEASE_HALTED = -199,     /* the rollout is halted */
    OTA_ERR_RELEASE_ROLLOUT = -200,    /* this device is not in the rollout yet */
    OTA_ERR_RELEASE_HASH = -201,       /* the file is not the image that the manifest names */
    OTA_ERR_RELEASE_BACK = -202,       /* was installed, and rolled back */

    /* The network, as the agent sees it. */
    OTA_ERR_HTTP_CONNECT = -220,    /* nobody answered */
    OTA_ERR_HTTP_LOST = -221,       /* the connection ended before the answer did */
    OTA_ERR_HTTP_STALLED = -222,    /* not a byte for too long */
    OTA_ERR_HTTP_SLOW = -223,       /* bytes came, but too few of them in the time allowed */
    OTA_ERR_HTTP_REDIRECTS = -224,  /* sent from place to place too often */
    OTA_ERR_HTTP_URL = -225,        /* too long, or neither http nor https */
    OTA_ERR_HTTP_ABSENT = -226,     /* 404, 410 */
    OTA_ERR_HTTP_DENIED = -227,     /* 401, 402, 403, 407, 451, 511 */
    OTA_ERR_HTTP_BUSY = -228,       /* 408, 425, 429, 5xx: later perhaps */
    OTA_ERR_HTTP_STATUS = -229,     /* any other status that was not asked for */
    OTA_ERR_HTTP_TYPE = -230,       /* a page or a text where something else was asked for */
    OTA_ERR_HTTP_LENGTH = -231,     /* longer or shorter than the manifest says */
    OTA_ERR_HTTP_RANGE = -232,      /* 206 with other bytes than were asked for, or 416 */
    OTA_ERR_HTTP_CHANGED = -233,    /* other bytes than those before */
    OTA_ERR_HTTP_CERTIFICATE = -234 /* the server's is not trusted, expired, or of another host */
} ota_status_t;

/*
 * Where and what. `offset` is in bytes from the start of the thing being read
 * (the table, the image, the partition: the function says which). Fields that do
 * not apply are 0.
 */
typedef struct {
    ota_status_t status;
    uint32_t offset;
    uint32_t found;
    uint32_t expected;
} ota_fault_t;

/* The enumerator's name, such as "OTA_ERR_IMAGE_CHIP"; never NULL. Lives in its own
 * object file, so that firmware which does not print names does not carry them. */
const char *ota_status_name(ota_status_t status);

#ifdef __cplusplus
}
#endif

#endif
