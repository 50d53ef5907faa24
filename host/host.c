/* SPDX-License-Identifier: Apache-2.0 */
typedef int host_has_no_code_yet;
