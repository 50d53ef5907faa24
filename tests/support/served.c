/* SPDX-License-Identifier: Apache-2.0 */
#include "support/served.h"

#include <signal.h>
#include <string.h>

#include "support/folder.h"

int served_make(void **state, const void *image, size_t len)
{
    static const char *const folders[] = {"root", "root/images", "root/lamp", "root/lamp/stable"};
    (void)signal(SIGPIPE, SIG_IGN); /* NOLINT(cert-err33-c): it cannot fail for this one */
    if (folder_make(state) != 0) {
        return -1;
    }
    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
        folder_sub(folders[i]);
    }
    folder_put("root/lamp/stable/manifest.json", SERVED_MANIFEST, strlen(SERVED_MANIFEST));
    folder_put("root/" SERVED_IMAGE, image, len);
    return 0;
}
