/* SPDX-License-Identifier: Apache-2.0 */
#define _POSIX_C_SOURCE   200809L
#define _FILE_OFFSET_BITS 64
#include "ports/flash/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SIZE_MAX_FILE (256u << 20)

static ota_status_t read_at(int fd, uint32_t addr, void *dst, size_t len)
{
    uint8_t *p = dst;
    while (len > 0) {
        ssize_t n = pread(fd, p, len, (off_t)addr);
        if (n <= 0) {
            if (n < 0 && errno == EINTR) {
                continue;
            }
            return OTA_ERR_FLASH_READ;
        }
        p += n;
        addr += (uint32_t)n;
        len -= (size_t)n;
    }
    return OTA_OK;
}

static bool write_at(int fd, uint32_t addr, const void *src, size_t len)
{
    const uint8_t *p = src;
    while (len > 0) {
        ssize_t n = pwrite(fd, p, len, (off_t)addr);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return false;
        }
        p += n;
        addr += (uint32_t)n;
        len -= (size_t)n;
    }
    return true;
}

static ota_status_t file_read(void *ctx, uint32_t addr, void *dst, size_t len)
{
    const flash_file_t *file = ctx;
    return read_at(file->fd, addr, dst, len);
}

static ota_status_t file_program(void *ctx, uint32_t addr, const void *src, size_t len)
{
    const flash_file_t *file = ctx;
    const uint8_t *p = src;
    uint8_t page[OTA_FLASH_SECTOR];
    if (!file->writable) {
        return OTA_ERR_READ_ONLY;
    }
    while (len > 0) {
        size_t n = len < sizeof(page) ? len : sizeof(page);
        ota_status_t status = read_at(file->fd, addr, page, n);
        if (status != OTA_OK) {
            return status;
        }
        for (size_t i = 0; i < n; i++) {
            page[i] &= p[i];
        }
        if (!write_at(file->fd, addr, page, n)) {
            return OTA_ERR_FLASH_PROGRAM;
        }
        p += n;
        addr += (uint32_t)n;
        len -= n;
    }
    return OTA_OK;
}

static ota_status_t file_erase(void *ctx, uint32_t addr, size_t len)
{
    const flash_file_t *file = ctx;
    uint8_t blank[OTA_FLASH_SECTOR];
    if (!file->writable) {
        return OTA_ERR_READ_ONLY;
    }
    memset(blank, 0xFF, sizeof(blank));
    for (; len > 0; len -= sizeof(blank), addr += (uint32_t)sizeof(blank)) {
        if (!write_at(file->fd, addr, blank, sizeof(blank))) {
            return OTA_ERR_FLASH_ERASE;
        }
    }
    return OTA_OK;
}

static void wire(flash_file_t *file, int fd, uint32_t size, bool writable)
{
    file->fd = fd;
    file->writable = writable;
    file->flash = (ota_flash_t){
        .version = OTA_FLASH_VERSION,
        .size = size,
        .program_unit = 1,
        .erase_units = OTA_ERASE_4K | OTA_ERASE_32K | OTA_ERASE_64K,
        .ctx = file,
        .read = file_read,
        .program = file_program,
        .erase = file_erase,
    };
}

ota_status_t flash_file_open(flash_file_t *file, const char *path, bool writable)
{
    file->fd = -1;
    int fd = open(path, (writable ? O_RDWR : O_RDONLY) | O_CLOEXEC);
    if (fd < 0) {
        return OTA_ERR_PORT;
    }
    struct stat st;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size <= 0 ||
        st.st_size > (off_t)SIZE_MAX_FILE || st.st_size % (off_t)OTA_FLASH_SECTOR != 0) {
        (void)close(fd);
        return OTA_ERR_RANGE;
    }
    wire(file, fd, (uint32_t)st.st_size, writable);
    return OTA_OK;
}

ota_status_t flash_file_create(flash_file_t *file, const char *path, uint32_t size)
{
    file->fd = -1;
    if (size == 0 || size > SIZE_MAX_FILE || size % OTA_FLASH_SECTOR != 0) {
        return OTA_ERR_RANGE;
    }
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0) {
        return OTA_ERR_PORT;
    }
    wire(file, fd, size, true);
    ota_status_t status = file_erase(file, 0, size);
    if (status != OTA_OK) {
        flash_file_close(file);
        (void)unlink(path);
    }
    return status;
}

void flash_file_close(flash_file_t *file)
{
    if (file->fd >= 0) {
        (void)close(file->fd);
        file->fd = -1;
    }
}
