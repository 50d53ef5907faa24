/* SPDX-License-Identifier: Apache-2.0 */
/* The known tables as data: "label subtype offset size" in hexadecimal, rows divided by |; a
 * trailing e is the encrypted flag. See host/presets.h. */
#include "host/presets.h"

/* clang-format off */
const preset_t presets[] = {
    {"app1M_nota_spiffs14M_16MB", PRESET_ARDUINO, 16, false, NULL,
     "nvs nvs 9000 5000|otadata ota e000 2000|app0 ota_0 10000 100000|"
     "spiffs spiffs 110000 ef0000"},
    {"app1M_spiffs13M_16MB", PRESET_ARDUINO, 16, false, NULL,
     "nvs nvs 9000 5000|otadata ota e000 2000|app0 ota_0 10000 100000|"
     "app1 ota_1 110000 100000|spiffs spiffs 210000 df0000"},
    {"app2M_nota_spiffs13M_16MB", PRESET_ARDUINO, 16, false, NULL,
     "nvs nvs 9000 5000|otadata ota e000 2000|app0 ota_0 10000 200000|"
     "spiffs spiffs 210000 df0000"},
    {"app2M_spiffs11M_16MB", PRESET_ARDUINO, 16, false, NULL,
     "nvs nvs 9000 5000|otadata ota e000 2000|app0 ota_0 10000 200000|"
     "app1 ota_1 210000 200000|spiffs spiffs 410000 bf0000"},
    {"app3M_fat9M_16MB", PRESET_ARDUINO, 16, false, "16M Flash (3MB APP/9.9MB FATFS)",
     "nvs nvs 9000 5000|otadata ota e000 2000|app0 ota_0 10000 300000|"
     "app1 ota_1 310000 300000|ffat fat 610000 9e0000|coredump coredump ff0000 10000"},
    {"app3M_fat9M_fact512k_16MB", PRESET_ARDUINO, 16, false, NULL,
     "nvs nvs 9000 5000|otadata ota e000 2000|app0 ota_0 10000 300000|"
     "app1 ota_1 310000 300000|ffat fat 610000 960000|factory factory f70000 80000|"
     "coredump coredump ff0000 10000"},
    {"app3M_nota_spiffs12M_16MB", PRESET_ARDUINO, 16, false, NULL,
     "nvs nvs 9000 5000|otadata ota e000 2000|app0 ota_0 10000 300000|"
     "spiffs spiffs 310000 cf0000"},
    {"app3M_spiffs9M_16MB", PRESET_ARDUINO, 16, false, NULL,
     "nvs nvs 9000 5000|otadata ota e000 2000|app0 ota_0 10000 300000|"
     "app1 ota_1 310000 300000|spiffs spiffs 610000 9f0000"},
    {"app3M_spiffs9M_fact512k_16MB", PRESET_ARDUINO, 16, false, NULL,
     "nvs nvs 9000 5000|otadata ota e000 2000|app0 ota_0 10000 300000|"
     "app1 ota_1 310000 300000|spiffs spiffs 610000 960000|factory factory f70000 80000|"
     "coredump coredump ff0000 10000"},
    {"bare_minimum_2MB", PRESET_ARDUINO, 2, false, NULL,
     "nvs nvs 9000 5000|factory factory 10000 1db000"},
    {"default", PRESET_ARDUINO, 4, false, "Default 4MB with spiffs (1.2MB APP/1.5MB SPIFFS)",
     "nvs nvs 9000 5000|otadata ota e000 2000|app0 ota_0 10000 140000|"
     "app1 ota_1 150000 140000|spiffs spiffs 290000 160000|coredump coredump 3f0000 10000"},
    {"default_16MB", PRESET_ARDUINO, 16, false, NULL,
     "nvs nvs 9000 5000|otadata ota e000 2000|app0 ota_0 10000 640000|"
     "app1 ota_1 650000 640000|spiffs spiffs c90000 370000"},
    {"default_16MB_old_FFFC", PRESET_ARDUINO, 16, true, NULL,
     "nvs nvs 9000 5000|otadata ota e000 2000|app0 ota_0 10000 640000|"
     "app1 ota_1 650000 640000|spiffs spiffs c90000 36fffc"},
    {"default_32MB", PRESET_ARDUINO, 32, false, NULL,
     "nvs nvs 9000 5000|otadata ota e000 2000|app0 ota_0 10000 c80000|"
     "app1 ota_1 c90000 c80000|spiffs spiffs 1910000 6c0000|"
     "coredump coredump 1ff0000 10000"},
    {"default_8MB", PRESET_ARDUINO, 8, false, "8M with spiffs (3MB APP/1.5MB SPIFFS)",
     "nvs nvs 9000 5000|otadata ota e000 2000|app0 ota_0 10000 330000|"
     "app1 ota_1 340000 330000|spiffs spiffs 670000 180000|coredump coredump 7f0000 10000"},
    {"default_ffat", PRESET_ARDUINO, 4, false, "Default 4MB with ffat (1.2MB APP/1.5MB FATFS)",
     "nvs nvs 9000 5000|otadata ota e000 2000|app0 ota_0 10000 140000|"
     "app1 ota_1 150000 140000|ffat fat 290000 160000|coredump coredump 3f0000 10000"},
    {"default_old_eeprom", PRESET_ARDUINO, 4, true, NULL,
     "nvs nvs 9000 5000|otadata ota e000 2000|app0 ota_0 10000 140000|"
     "app1 ota_1 150000 140000|eeprom 0x99 290000 1000|spiffs spiffs 291000 16f000"},
    {"default_plus_eeproms", PRESET_ARDUINO, 4, true, NULL,
     "nvs nvs 9000 5000|otadata ota e000 2000|app0 ota_0 10000 140000|"
     "app1 ota_1 150000 140000|eeprom 0x99 290000 1000|eeprom0 0xa7 291000 1000|"
     "eeprom1 0xa8 292000 1000|eeprom2 0xa9 293000 1000|spiffs spiffs 294000 16c000"},
    {"es_developer_es32lab_8m_no_ota", PRESET_ARDUINO, 8, true, NULL,
     "nvs nvs 9000 5000|factory factory 10000 300000|spiffs spiffs 310000 4e0000|"
     "coredump coredump 7f0000 10000"},
    {"es_developer_es32lab_8m_ota", PRESET_ARDUINO, 8, true, NULL,
     "nvs nvs 9000 5000|otadata ota e000 2000|app0 ota_0 10000 200000|"
     "app1 ota_1 210000 200000|spiffs spiffs 410000 3e0000|coredump coredump 7f0000 10000"},
    {"esp_sr_16", PRESET_ARDUINO, 16, true, "ESP SR 16M (3MB APP/7MB SPIFFS/2.9MB MODEL)",
     "nvs nvs 9000 5000|otadata ota e000 2000|app0 ota_0 10000 300000|"
     "app1 ota_1 310000 300000|spiffs spiffs 610000 600000|model spiffs c10000 3e0000|"
     "coredump coredump ff0000 10000"},
    {"esp_sr_16_app4M", PRESET_ARDUINO, 16, true, NULL,
     "nvs nvs 9000 5000|otadata ota e000 2000|app0 ota_0 10000 400000|"
     "app1 ota_1 410000 400000|spiffs spiffs 810000 400000|model spiffs c10000 3e0000|"
     "coredump coredump ff0000 10000"},
    {"ffat", PRESET_ARDUINO, 16, false, "16M Flash (2MB APP/12.5MB FATFS)",
     "nvs nvs 9000 5000|otadata ota e000 2000|app0 ota_0 10000 200000|"
     "app1 ota_1 210000 200000|ffat fat 410000 bef000"},
    {"huge_app", PRESET_ARDUINO, 4, false, "Huge APP (3MB No OTA/1MB SPIFFS)",
     "nvs nvs 9000 5000|otadata ota e000 2000|app0 ota_0 10000 300000|"
     "spiffs spiffs 310000 e0000|coredump coredump 3f0000 10000"},
    {"insights", PRESET_ARDUINO, 4, true, NULL,
     "nvs nvs 9000 5000|otadata ota e000 2000|ota_0 ota_0 10000 1e0000|"
     "coredump coredump 3f0000 10000"},
    {"kodedot_partitions", PRESET_ARDUINO, 16, true, NULL,
     "nvs nvs 9000 6000|phy_init phy f000 1000|otadata ota 10000 2000|"
     "ota_0 ota_0 20000 3e0000|ota_1 ota_1 400000 800000|storage spiffs c00000 400000"},
    {"large_fat_32MB", PRESET_ARDUINO, 32, false, NULL,
     "nvs nvs 9000 5000|otadata ota e000 2000|app0 ota_0 10000 480000|"
     "app1 ota_1 490000 480000|ffat fat 910000 16e0000|coredump coredump 1ff0000 10000"},
    {"large_ffat_8MB", PRESET_ARDUINO, 8, false, NULL,
     "nvs nvs 9000 5000|otadata ota e000 2000|app0 ota_0 10000 140000|"
     "app1 ota_1 150000 140000|ffat fat 290000 560000|coredump coredump 7f0000 10000"},
    {"large_littlefs_32MB", PRESET_ARDUINO, 32, false, NULL,
     "nvs nvs 9000 5000|otadata ota e000 2000|app0 ota_0 10000 480000|"
     "app1 ota_1 490000 480000|littlefs littlefs 910000 16e0000|"
     "coredump coredump 1ff0000 10000"},
    {"large_spiffs_16MB", PRESET_ARDUINO, 16, false, NULL,
     "nvs nvs 9000 5000|otadata ota e000 2000|app0 ota_0 10000 480000|"
     "app1 ota_1 490000 480000|spiffs spiffs 910000 6e0000|coredump coredump ff0000 10000"},
    {"large_spiffs_16MB_old_FFFC", PRESET_ARDUINO, 16, true, NULL,
     "nvs nvs 9000 5000|otadata ota e000 2000|app0 ota_0 10000 480000|"
     "app1 ota_1 490000 480000|spiffs spiffs 910000 6efffc"},
    {"large_spiffs_8MB", PRESET_ARDUINO, 8, false, NULL,
     "nvs nvs 9000 5000|otadata ota e000 2000|app0 ota_0 10000 140000|"
     "app1 ota_1 150000 140000|spiffs spiffs 290000 560000|coredump coredump 7f0000 10000"},
    {"m5stack_partitions_16MB_factory_4_apps", PRESET_ARDUINO, 16, true, NULL,
     "nvs nvs 9000 5000|otadata ota e000 2000|ota_0 ota_0 10000 300000|"
     "ota_1 ota_1 310000 300000|ota_2 ota_2 610000 300000|ota_3 ota_3 910000 300000|"
     "firmware factory c10000 f0000|spiffs spiffs d00000 2f0000|"
     "coredump coredump ff0000 10000"},
    {"m5stack_partitions_16MB_factory_6_apps", PRESET_ARDUINO, 16, true, NULL,
     "nvs nvs 9000 5000|otadata ota e000 2000|ota_0 ota_0 10000 200000|"
     "ota_1 ota_1 210000 200000|ota_2 ota_2 410000 200000|ota_3 ota_3 610000 200000|"
     "ota_4 ota_4 810000 200000|ota_5 ota_5 a10000 200000|firmware factory c10000 f0000|"
     "spiffs spiffs d00000 2f0000|coredump coredump ff0000 10000"},
    {"max_app_32MB", PRESET_ARDUINO, 32, false, NULL,
     "nvs nvs 9000 5000|otadata ota e000 2000|app0 factory 10000 1fe0000|"
     "coredump coredump 1ff0000 10000"},
    {"max_app_4MB", PRESET_ARDUINO, 4, false, NULL,
     "nvs nvs 9000 5000|otadata ota e000 2000|app0 factory 10000 3e0000|"
     "coredump coredump 3f0000 10000"},
    {"max_app_8MB", PRESET_ARDUINO, 8, false, NULL,
     "nvs nvs 9000 5000|otadata ota e000 2000|app0 factory 10000 7e0000|"
     "coredump coredump 7f0000 10000"},
    {"min_spiffs", PRESET_ARDUINO, 4, false, "Minimal SPIFFS (1.9MB APP with OTA/190KB SPIFFS)",
     "nvs nvs 9000 5000|otadata ota e000 2000|app0 ota_0 10000 1e0000|"
     "app1 ota_1 1f0000 1e0000|spiffs spiffs 3d0000 30000"},
    {"minimal", PRESET_ARDUINO, 2, false, "Minimal (1.3MB APP/700KB SPIFFS)",
     "nvs nvs 9000 5000|otadata ota e000 2000|app0 ota_0 10000 140000|"
     "spiffs spiffs 150000 a0000|coredump coredump 1f0000 10000"},
    {"no_fs", PRESET_ARDUINO, 4, false, NULL,
     "nvs nvs 9000 5000|otadata ota e000 2000|app0 ota_0 10000 1f0000|"
     "app1 ota_1 200000 1f0000|coredump coredump 3f0000 10000"},
    {"no_ota", PRESET_ARDUINO, 4, false, "No OTA (2MB APP/2MB SPIFFS)",
     "nvs nvs 9000 5000|otadata ota e000 2000|app0 ota_0 10000 200000|"
     "spiffs spiffs 210000 1e0000|coredump coredump 3f0000 10000"},
    {"noota_3g", PRESET_ARDUINO, 4, false, "No OTA (1MB APP/3MB SPIFFS)",
     "nvs nvs 9000 5000|otadata ota e000 2000|app0 ota_0 10000 100000|"
     "spiffs spiffs 110000 2e0000|coredump coredump 3f0000 10000"},
    {"noota_3gffat", PRESET_ARDUINO, 4, true, "No OTA (1MB APP/3MB FATFS)",
     "nvs nvs 9000 5000|otadata ota e000 2000|app0 ota_0 10000 100000|"
     "eeprom 0x99 110000 1000|ffat fat 111000 2ef000"},
    {"noota_ffat", PRESET_ARDUINO, 4, false, "No OTA (2MB APP/2MB FATFS)",
     "nvs nvs 9000 5000|otadata ota e000 2000|app0 ota_0 10000 200000|"
     "ffat fat 210000 1e0000|coredump coredump 3f0000 10000"},
    {"rainmaker", PRESET_ARDUINO, 4, true, "RainMaker 4MB",
     "nvs nvs 9000 5000|otadata ota e000 2000|ota_0 ota_0 10000 1e0000|"
     "ota_1 ota_1 1f0000 1e0000|fctry nvs 3d0000 6000"},
    {"rainmaker_4MB_no_ota", PRESET_ARDUINO, 4, true, "RainMaker 4MB No OTA",
     "nvs nvs 9000 5000|otadata ota e000 2000|ota_0 ota_0 10000 3da000|"
     "fctry nvs 3ea000 6000|coredump coredump 3f0000 10000"},
    {"spiffs_16m", PRESET_ARDUINO, 16, true, NULL,
     "nvs nvs 9000 5000|otadata ota e000 2000|app0 ota_0 10000 740000|"
     "app1 ota_1 750000 740000|eeprom 0x99 e90000 1000|spiffs spiffs e91000 16f000"},
    {"storage_4MB_noota", PRESET_ARDUINO, 4, true, NULL,
     "app0 ota_0 10000 200000|nvs nvs 210000 100000|spiffs spiffs 310000 e0000|"
     "coredump coredump 3f0000 10000"},
    {"tinyuf2-partitions-16MB-noota", PRESET_ARDUINO, 16, true, NULL,
     "nvs nvs 9000 5000|otadata ota e000 2000|ota_0 ota_0 10000 400000|"
     "uf2 factory 410000 40000|ffat fat 450000 bb0000"},
    {"tinyuf2-partitions-16MB", PRESET_ARDUINO, 16, true, NULL,
     "nvs nvs 9000 5000|otadata ota e000 2000|ota_0 ota_0 10000 200000|"
     "ota_1 ota_1 210000 200000|uf2 factory 410000 40000|ffat fat 450000 bb0000"},
    {"tinyuf2-partitions-4MB", PRESET_ARDUINO, 4, true, NULL,
     "nvs nvs 9000 5000|otadata ota e000 2000|ota_0 ota_0 10000 160000|"
     "ota_1 ota_1 170000 160000|uf2 factory 2d0000 40000|ffat fat 310000 f0000"},
    {"tinyuf2-partitions-8MB-noota", PRESET_ARDUINO, 8, true, NULL,
     "nvs nvs 9000 5000|otadata ota e000 2000|ota_0 ota_0 10000 400000|"
     "uf2 factory 410000 40000|ffat fat 450000 3b0000"},
    {"zigbee", PRESET_ARDUINO, 4, true, "Zigbee 4MB with spiffs",
     "nvs nvs 9000 5000|otadata ota e000 2000|app0 ota_0 10000 140000|"
     "app1 ota_1 150000 140000|spiffs spiffs 290000 15b000|zb_storage fat 3eb000 4000|"
     "zb_fct fat 3ef000 1000|coredump coredump 3f0000 10000"},
    {"zigbee_2MB", PRESET_ARDUINO, 2, true, NULL,
     "nvs nvs 9000 5000|factory factory 10000 140000|spiffs spiffs 150000 9b000|"
     "zb_storage fat 1eb000 4000|zb_fct fat 1ef000 1000|coredump coredump 1f0000 10000"},
    {"zigbee_8MB", PRESET_ARDUINO, 8, true, NULL,
     "nvs nvs 9000 5000|otadata ota e000 2000|app0 ota_0 10000 340000|"
     "app1 ota_1 350000 340000|spiffs spiffs 690000 15b000|zb_storage fat 7eb000 4000|"
     "zb_fct fat 7ef000 1000|coredump coredump 7f0000 10000"},
    {"zigbee_zczr_2MB", PRESET_ARDUINO, 2, true, NULL,
     "nvs nvs 9000 5000|factory factory 10000 140000|spiffs spiffs 150000 9a000|"
     "zb_storage nvs 1ea000 4000|zb_fct fat 1ee000 1000|rcp_fw spiffs 1ef000 1000|"
     "coredump coredump 1f0000 10000"},
    {"zigbee_zczr_8MB", PRESET_ARDUINO, 8, true, NULL,
     "nvs nvs 9000 5000|otadata ota e000 2000|app0 ota_0 10000 340000|"
     "app1 ota_1 350000 340000|spiffs spiffs 690000 15a000|zb_storage nvs 7ea000 4000|"
     "zb_fct fat 7ee000 1000|rcp_fw spiffs 7ef000 1000|coredump coredump 7f0000 10000"},
    {"partitions_singleapp", PRESET_IDF, 2, false, "SINGLE_APP",
     "nvs nvs 9000 6000|phy_init phy f000 1000|factory factory 10000 100000"},
    {"partitions_singleapp_coredump", PRESET_IDF, 2, false, NULL,
     "nvs nvs 9000 6000|phy_init phy f000 1000|factory factory 10000 100000|"
     "coredump coredump 110000 10000"},
    {"partitions_singleapp_encr_nvs", PRESET_IDF, 2, false, NULL,
     "nvs nvs 9000 6000|phy_init phy f000 1000|factory factory 10000 100000|"
     "nvs_key nvs_keys 110000 1000 e"},
    {"partitions_singleapp_large", PRESET_IDF, 2, false, "SINGLE_APP_LARGE",
     "nvs nvs 9000 6000|phy_init phy f000 1000|factory factory 10000 177000"},
    {"partitions_singleapp_large_coredump", PRESET_IDF, 2, false, NULL,
     "nvs nvs 9000 6000|phy_init phy f000 1000|factory factory 10000 177000|"
     "coredump coredump 187000 10000"},
    {"partitions_singleapp_large_encr_nvs", PRESET_IDF, 2, false, NULL,
     "nvs nvs 9000 6000|phy_init phy f000 1000|factory factory 10000 177000|"
     "nvs_key nvs_keys 187000 1000 e"},
    {"partitions_singleapp_tee", PRESET_IDF, 2, true, NULL,
     "tee tee_0 10000 40000|secure_storage nvs 50000 10000|factory factory 60000 180000|"
     "nvs nvs 1e0000 6000|phy_init phy 1e6000 1000"},
    {"partitions_two_ota", PRESET_IDF, 4, false, "TWO_OTA",
     "nvs nvs 9000 4000|otadata ota d000 2000|phy_init phy f000 1000|"
     "factory factory 10000 100000|ota_0 ota_0 110000 100000|ota_1 ota_1 210000 100000"},
    {"partitions_two_ota_coredump", PRESET_IDF, 4, false, NULL,
     "nvs nvs 9000 4000|otadata ota d000 2000|phy_init phy f000 1000|"
     "factory factory 10000 100000|coredump coredump 110000 10000|"
     "ota_0 ota_0 120000 100000|ota_1 ota_1 220000 100000"},
    {"partitions_two_ota_encr_nvs", PRESET_IDF, 4, false, NULL,
     "nvs nvs 9000 4000|otadata ota d000 2000|phy_init phy f000 1000|"
     "factory factory 10000 100000|ota_0 ota_0 110000 100000|ota_1 ota_1 210000 100000|"
     "nvs_key nvs_keys 310000 1000 e"},
    {"partitions_two_ota_large", PRESET_IDF, 4, false, "TWO_OTA_LARGE",
     "nvs nvs 9000 6000|otadata ota f000 2000|phy_init phy 11000 1000|"
     "ota_0 ota_0 20000 1a9000|ota_1 ota_1 1d0000 1a9000"},
    {"partitions_two_ota_tee", PRESET_IDF, 4, true, NULL,
     "tee_0 tee_0 10000 40000|tee_1 tee_1 50000 40000|tee_otadata tee_ota 90000 2000|"
     "secure_storage nvs 92000 e000|ota_0 ota_0 a0000 180000|ota_1 ota_1 220000 180000|"
     "otadata ota 3a0000 2000|nvs nvs 3a2000 6000|phy_init phy 3a8000 1000"},
    {"two_slots_1MB", PRESET_OTARY, 1, false, NULL,
     "nvs nvs 9000 5000|otadata ota e000 2000|app0 ota_0 10000 70000|"
     "app1 ota_1 80000 70000|coredump coredump f0000 10000"},
    {"two_slots_2MB", PRESET_OTARY, 2, false, NULL,
     "nvs nvs 9000 5000|otadata ota e000 2000|app0 ota_0 10000 f0000|"
     "app1 ota_1 100000 f0000|coredump coredump 1f0000 10000"},
    {"two_slots_4MB", PRESET_OTARY, 4, false, NULL,
     "nvs nvs 9000 5000|otadata ota e000 2000|app0 ota_0 10000 1f0000|"
     "app1 ota_1 200000 1f0000|coredump coredump 3f0000 10000"},
    {"two_slots_8MB", PRESET_OTARY, 8, false, NULL,
     "nvs nvs 9000 5000|otadata ota e000 2000|app0 ota_0 10000 3f0000|"
     "app1 ota_1 400000 3f0000|coredump coredump 7f0000 10000"},
    {"two_slots_16MB", PRESET_OTARY, 16, false, NULL,
     "nvs nvs 9000 5000|otadata ota e000 2000|app0 ota_0 10000 7f0000|"
     "app1 ota_1 800000 7f0000|coredump coredump ff0000 10000"},
    {"two_slots_32MB", PRESET_OTARY, 32, false, NULL,
     "nvs nvs 9000 5000|otadata ota e000 2000|app0 ota_0 10000 ff0000|"
     "app1 ota_1 1000000 ff0000|coredump coredump 1ff0000 10000"},
    {"recovery_2MB", PRESET_OTARY, 2, false, NULL,
     "nvs nvs 9000 5000|otadata ota e000 2000|rescue factory 10000 d0000|"
     "app0 ota_0 e0000 110000|coredump coredump 1f0000 10000"},
    {"recovery_4MB", PRESET_OTARY, 4, false, NULL,
     "nvs nvs 9000 5000|otadata ota e000 2000|rescue factory 10000 d0000|"
     "app0 ota_0 e0000 2d0000|littlefs littlefs 3b0000 40000|"
     "coredump coredump 3f0000 10000"},
    {"recovery_8MB", PRESET_OTARY, 8, false, NULL,
     "nvs nvs 9000 5000|otadata ota e000 2000|rescue factory 10000 d0000|"
     "app0 ota_0 e0000 600000|littlefs littlefs 6e0000 110000|"
     "coredump coredump 7f0000 10000"},
    {"recovery_16MB", PRESET_OTARY, 16, false, NULL,
     "nvs nvs 9000 5000|otadata ota e000 2000|rescue factory 10000 d0000|"
     "app0 ota_0 e0000 a00000|littlefs littlefs ae0000 510000|"
     "coredump coredump ff0000 10000"},
};
/* clang-format on */

const size_t presets_count = sizeof(presets) / sizeof(presets[0]);
