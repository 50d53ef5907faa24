/* SPDX-License-Identifier: Apache-2.0 */
#include "host/sniff.h"

static const struct {
    const char *name;
    const char *words;
} kinds[SNIFF_KINDS] = {
    [SNIFF_UNKNOWN] = {"unknown", "a file of unknown kind"},
    [SNIFF_EMPTY] = {"empty", "an empty file"},
    [SNIFF_BLANK] = {"blank", "nothing but FF bytes (erased flash)"},
    [SNIFF_ZEROES] = {"zeroes", "nothing but zero bytes"},
    [SNIFF_APP] = {"app-image", "an application image"},
    [SNIFF_BOOTLOADER] = {"bootloader-image", "a bootloader image"},
    [SNIFF_IMAGE] = {"image", "an image without app descriptor"},
    [SNIFF_MERGED] = {"merged-image", "a merged image (bootloader, table and apps) for address 0"},
    [SNIFF_FLASH] = {"flash", "a whole flash"},
    [SNIFF_TABLE] = {"table", "a partition table (binary)"},
    [SNIFF_TABLE_CSV] = {"table-csv", "a partition table (CSV)"},
    [SNIFF_OTADATA] = {"otadata", "otadata (the choice of the slot)"},
    [SNIFF_ENCRYPTED_IMAGE] = {"encrypted-image", "an image enciphered by esp_encrypted_img"},
    [SNIFF_DELTA] = {"delta-patch", "a delta patch (esp_delta_ota)"},
    [SNIFF_ESP8266] = {"esp8266-image", "an image for the ESP8266"},
    [SNIFF_MCUBOOT] = {"mcuboot-image", "an MCUboot image"},
    [SNIFF_FILESYSTEM] = {"filesystem", "a file system image"},
    [SNIFF_NVS] = {"nvs", "an NVS partition"},
    [SNIFF_GZIP] = {"gzip", "a gzip archive"},
    [SNIFF_ZIP] = {"zip", "a ZIP archive"},
    [SNIFF_XZ] = {"xz", "an xz archive"},
    [SNIFF_ARCHIVE] = {"archive", "a compressed archive"},
    [SNIFF_ELF] = {"elf", "an ELF program (the linker's output)"},
    [SNIFF_UF2] = {"uf2", "a UF2 file (for USB mass-storage bootloaders)"},
    [SNIFF_RANDOM] = {"random", "evenly spread bytes: ciphertext, or compressed data"},
    [SNIFF_MEDIA] = {"media", "a picture or document"},
    [SNIFF_HTML] = {"html", "a web page (HTML)"},
    [SNIFF_XML] = {"xml", "an XML document"},
    [SNIFF_JSON] = {"json", "a JSON document"},
    [SNIFF_IHEX] = {"intel-hex", "an Intel HEX file"},
    [SNIFF_SREC] = {"srec", "a Motorola S-record file"},
    [SNIFF_LFS] = {"git-lfs", "a Git LFS pointer, not the file itself"},
    [SNIFF_HTTP] = {"http-answer", "an HTTP answer including its header"},
    [SNIFF_MULTIPART] = {"multipart", "a form upload including its multipart header"},
    [SNIFF_SHIFTED] = {"shifted-image", "an application image with other bytes in front of it"},
    [SNIFF_LOG] = {"log", "a console log"},
    [SNIFF_TEXT] = {"text", "a text file"},
};

const char *sniff_name(sniff_kind_t kind)
{
    return kind < SNIFF_KINDS ? kinds[kind].name : kinds[SNIFF_UNKNOWN].name;
}

const char *sniff_words(sniff_kind_t kind)
{
    return kind < SNIFF_KINDS ? kinds[kind].words : kinds[SNIFF_UNKNOWN].words;
}
