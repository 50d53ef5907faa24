# SPDX-License-Identifier: Apache-2.0
# The warning set, by name; every one is an error.
set(OTARY_WARNINGS
    -Wall -Wextra -Wpedantic -Werror
    -Wconversion -Wsign-conversion -Wshadow -Wundef -Wvla
    -Wcast-align -Wcast-qual -Wpointer-arith -Wwrite-strings
    -Wformat=2 -Wswitch-enum -Wimplicit-fallthrough -Wnull-dereference
    -Wdouble-promotion -Wfloat-equal)
set(OTARY_C_WARNINGS -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition)
if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
    list(APPEND OTARY_WARNINGS -Wlogical-op -Wduplicated-cond -Wduplicated-branches)
endif()
