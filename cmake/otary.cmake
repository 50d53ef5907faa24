# SPDX-License-Identifier: Apache-2.0
# What every target of the project gets.
function(otary_target name)
    target_compile_options(${name} PRIVATE ${OTARY_WARNINGS}
        $<$<COMPILE_LANGUAGE:C>:${OTARY_C_WARNINGS}>)
    if(OTARY_SANITIZE)
        target_compile_options(${name} PRIVATE -fsanitize=address,undefined
            -fno-sanitize-recover=all -fno-omit-frame-pointer)
        target_link_options(${name} PRIVATE -fsanitize=address,undefined)
    endif()
    if(OTARY_FUZZ) # without it the fuzzer sees nothing of the libraries
        target_compile_options(${name} PRIVATE -fsanitize=fuzzer-no-link)
    endif()
    if(OTARY_ANALYZE)
        target_compile_options(${name} PRIVATE $<$<COMPILE_LANGUAGE:C>:-fanalyzer>)
    endif()
endfunction()

# A library of the device or the host: all *.c files of the folder.
function(otary_library name)
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.c)
    add_library(${name} STATIC ${sources})
    target_include_directories(${name} PUBLIC
        $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>
        $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/otary>)
    otary_target(${name})
endfunction()

# Coverage counters and the freestanding rule for what runs on the chip.
function(otary_device_library name)
    otary_library(${name})
    target_compile_options(${name} PRIVATE -ffreestanding)
    if(OTARY_COVERAGE)
        target_compile_options(${name} PRIVATE --coverage -O0)
        target_link_options(${name} INTERFACE --coverage)
    endif()
    if(OTARY_MCDC)
        target_compile_options(${name} PRIVATE
            -fprofile-instr-generate -fcoverage-mapping -fcoverage-mcdc)
        target_link_options(${name} INTERFACE -fprofile-instr-generate)
    endif()
endfunction()
