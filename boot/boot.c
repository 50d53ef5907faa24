/* SPDX-License-Identifier: Apache-2.0 */
typedef int boot_has_no_code_yet;
